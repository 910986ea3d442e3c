import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';

// Compares the API and the committed output with the release in compat/, and prints what changed. `--strict` fails for a
// change that CHANGELOG.md does not name. The API is read from .jsii, which `npm run build` writes.

const ROOT = path.join(__dirname, '..');
const RELEASE = '0.1.0';
const OUTPUT = '### Output';
const read = (file: string) => fs.readFileSync(path.join(ROOT, file));

/** A change since the release, and the names of which the changelog must contain one. */
interface Change {
  readonly text: string;
  readonly names: readonly string[];
}

/** Returns the code spans in the changelog's entries since the release, from a heading on. */
function namesInChangelog(heading = ''): Set<string> {
  const [unreleased] = String(read('CHANGELOG.md')).split(`\n## ${RELEASE}`);
  const [, ...sections] = unreleased.split(new RegExp(`^(?=### )`, 'm'));
  const text = sections.filter((section) => section.startsWith(heading)).join('');
  return new Set(
    [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => [code, ...(code.match(/[A-Za-z_]\w*/g) ?? [])]),
  );
}

/** Returns the changes of the API that break a program, as jsii-diff finds them, without those in .compatignore. */
function apiChanges(): Change[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'compat-'));
  try {
    fs.writeFileSync(path.join(folder, '.jsii'), gunzipSync(read(`compat/${RELEASE}.jsii.gz`)));
    fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    const options = ['--keys', '--error-on', 'all', '--ignore-file', '.compatignore'];
    const command = path.join(ROOT, 'node_modules/.bin/jsii-diff');
    const { stderr, status } = spawnSync(command, [...options, folder, '.'], { cwd: ROOT, encoding: 'utf8' });
    const changes = [...stderr.matchAll(/^\w+ {0,2}- (.*) \[[\w-]+:cdk8s-forge\.([^\]]+)\]$/gm)];
    if (changes.length === 0 && status !== 0) {
      throw new Error(`jsii-diff failed:\n${stderr}`);
    }
    return changes.map(([, text, name]) => ({ text, names: [nameOf(name)] }));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Returns the last part of the name of an API element, and the class for its initializer. */
function nameOf(element: string): string {
  return element.replace(/\.<initializer>$/, '').replace(/^.*\./, '');
}

/** Returns the changed and removed files of the committed output. The changelog names them below "Output", by file name or path. */
function outputChanges(): Change[] {
  const lines = String(read(`compat/${RELEASE}.sha256`)).trim();
  return [...lines.matchAll(/^([0-9a-f]{64}) {2}(.*)$/gm)].flatMap(([, hash, file]) => {
    const names = [file, path.basename(file)];
    if (!fs.existsSync(path.join(ROOT, file))) {
      return [{ text: `removed: ${file}`, names }];
    }
    const isSame = createHash('sha256').update(read(file)).digest('hex') === hash;
    return isSame ? [] : [{ text: `changed: ${file}`, names }];
  });
}

function report(changes: readonly Change[], named: ReadonlySet<string>): boolean {
  const missing = changes.filter(({ names }) => !names.some((name) => named.has(name)));
  changes.forEach((change) => console.log(`${missing.includes(change) ? 'NOT IN CHANGELOG.md: ' : ''}${change.text}`));
  return missing.length === 0;
}

const isNamed = [report(apiChanges(), namesInChangelog()), report(outputChanges(), namesInChangelog(OUTPUT))];
process.exitCode = process.argv.includes('--strict') && isNamed.includes(false) ? 1 : 0;
