import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { Problem } from '../support';

/** A check of the types of a program. */
interface TypeCheck {
  readonly directory: string;
  /** The script of the project's own TypeScript compiler. */
  readonly compiler: string;
  /** The file of the program, relative to the directory. */
  readonly entry: string;
  /** The directory for files of the check. */
  readonly cache: string;
}

/**
 * Checks the types of the program with the TypeScript of the project, if the project has TypeScript, a `tsconfig.json`
 * and a program that is a TypeScript file. The check is skipped if none of its files has changed since the last check
 * without a problem.
 *
 * @param directory the directory of `cdk8s.yaml`
 * @param command the command that runs the program
 * @returns what is wrong, as findings
 * @jsii ignore
 */
export async function typeProblems(directory: string, command: string): Promise<Problem[]> {
  const check = checkOf(directory, command);
  if (!check) {
    return [];
  }
  const stampFile = path.join(check.cache, 'checked');
  if (read(stampFile) === stampOf(check)) {
    return [];
  }
  const output = await compile(check);
  const problems = output === undefined ? [] : problemsIn(output, directory);
  if (output !== undefined && problems.length === 0) {
    fs.writeFileSync(stampFile, stampOf(check) ?? '');
  } else {
    fs.rmSync(stampFile, { force: true });
  }
  return problems;
}

function checkOf(directory: string, command: string): TypeCheck | undefined {
  const entry = command
    .split(/\s+/)
    .reverse()
    .find((word) => /\.[cm]?ts$/.test(word));
  // ts-node checks types itself.
  if (entry === undefined || /\bts-node\b/.test(command) || !fs.existsSync(path.join(directory, 'tsconfig.json'))) {
    return undefined;
  }
  try {
    const require = createRequire(path.join(directory, 'package.json'));
    const manifest = require.resolve('typescript/package.json');
    const { bin } = JSON.parse(fs.readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
    const cache = path.join(directory, 'node_modules', '.cache', 'cdk8s-forge');
    fs.mkdirSync(cache, { recursive: true });
    return { directory, compiler: path.join(path.dirname(manifest), bin.tsc), entry, cache };
  } catch {
    return undefined;
  }
}

/** Returns what the compiler prints, or undefined if the compiler cannot run. */
function compile({ directory, compiler, entry, cache }: TypeCheck): Promise<string | undefined> {
  const project = path.join(cache, 'tsconfig.json');
  const settings = {
    extends: path.join(directory, 'tsconfig.json'),
    files: [path.resolve(directory, entry)],
    include: [],
    compilerOptions: { noEmit: true, composite: false, incremental: true, tsBuildInfoFile: buildInfo(cache) },
  };
  fs.writeFileSync(project, JSON.stringify(settings));
  return new Promise((resolve) => {
    const run = spawn(process.execPath, [compiler, '--project', project, '--pretty', 'false'], { cwd: directory });
    let output = '';
    run.stdout.on('data', (data: Buffer) => (output += data.toString()));
    run.on('error', () => resolve(undefined));
    run.on('close', (status) => resolve(status === null ? undefined : output));
  });
}

const buildInfo = (cache: string) => path.join(cache, 'types.tsbuildinfo');

/** Returns a text that changes if a file of the last check changes, or undefined before the first check. */
function stampOf({ directory, cache, entry, compiler }: TypeCheck): string | undefined {
  try {
    const { fileNames } = JSON.parse(fs.readFileSync(buildInfo(cache), 'utf8')) as { fileNames: string[] };
    const files = [...fileNames.map((file) => path.resolve(cache, file)), path.join(directory, 'tsconfig.json')];
    const hash = createHash('sha256').update(`${entry} ${compiler}`);
    for (const file of files) {
      const { mtimeMs, size } = fs.statSync(file);
      hash.update(`${file} ${mtimeMs} ${size}\n`);
    }
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

function read(file: string): string | null {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
}

/** Reads the output of the compiler: a line for each problem, and indented lines that explain it. */
function problemsIn(output: string, directory: string): Problem[] {
  const found: { place?: string; text: string }[] = [];
  for (const line of output.split(/\r?\n/)) {
    const [, file, at, text] = /^(?:(.+?)\((\d+),\d+\): )?(error TS\d+: .*)$/.exec(line) ?? [];
    if (text !== undefined) {
      found.push({ place: file === undefined ? undefined : `${path.resolve(directory, file)}:${at}`, text });
    } else if (/^\s+\S/.test(line) && found.length > 0) {
      found[found.length - 1].text += ` ${line.trim()}`;
    }
  }
  return found.map(({ place, text }) => ({
    code: 'FORGE-CLI-004',
    message: text.replace(/^error /, ''),
    fix: 'correct the type at this line; the output is written, but do not commit it',
    place,
  }));
}
