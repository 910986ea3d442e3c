import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';

// Lists what changed since the release in compat/: files of the committed output, and names that left the public API.
// The API is read from .jsii, which `npm run build` writes. `--strict` fails for a name that CHANGELOG.md does not mention.

const ROOT = path.join(__dirname, '..');
const RELEASE = '0.1.0';
const read = (file: string) => fs.readFileSync(path.join(ROOT, file));

interface Assembly {
  readonly types: Record<string, { fqn: string; methods?: { name: string }[]; properties?: { name: string }[] }>;
}

/** The classes, interfaces and enums of an assembly, and their members, by name. */
function namesOf(assembly: Assembly): Set<string> {
  return new Set(
    Object.values(assembly.types).flatMap(({ fqn, methods = [], properties = [] }) => {
      const type = fqn.replace(/^cdk8s-forge\./, '');
      return [type, ...[...methods, ...properties].map((member) => `${type}.${member.name}`)];
    }),
  );
}

function changedFiles(): string[] {
  const lines = String(read(`compat/${RELEASE}.sha256`))
    .trim()
    .split('\n');
  return lines.flatMap((line) => {
    const [, hash, file] = /^([0-9a-f]{64}) {2}(.*)$/.exec(line)!;
    if (!fs.existsSync(path.join(ROOT, file))) {
      return [`removed: ${file}`];
    }
    return createHash('sha256').update(read(file)).digest('hex') === hash ? [] : [`changed: ${file}`];
  });
}

const before = namesOf(JSON.parse(String(gunzipSync(read(`compat/${RELEASE}.jsii.gz`)))));
const after = namesOf(JSON.parse(String(read('.jsii'))));
const gone = [...before].filter((name) => !after.has(name) && !isBelowAnother(name));
const changelog = String(read('CHANGELOG.md'));
const unnamed = gone.filter((name) => !changelog.includes(name.slice(name.lastIndexOf('.') + 1)));

/** Whether the type of a member left as well, which says it all. */
function isBelowAnother(name: string): boolean {
  const type = name.slice(0, name.lastIndexOf('.'));
  return before.has(type) && !after.has(type);
}

changedFiles().forEach((line) => console.log(line));
gone.forEach((name) =>
  console.log(`${unnamed.includes(name) ? 'left the API, not in CHANGELOG.md' : 'left the API'}: ${name}`),
);
process.exitCode = process.argv.includes('--strict') && unnamed.length > 0 ? 1 : 0;
