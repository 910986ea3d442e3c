import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from './workspace';

/** What an operator types when a command asks for a token. */
export const TYPED = 'typed-by-the-operator';

/** Programs that the runbook's commands start; each notes how it was called, and does nothing. */
const PROGRAMS = [
  'kubectl',
  'flux',
  'curl',
  'gh',
  'grep',
  'sops',
  'git',
  'cp',
  'npx',
  'make',
  'docker',
  'tilt',
  'bash',
  'openssl',
  'sudo',
  'executed-by-accident',
];

/** What the text before a command asks the operator to set. */
const ASKED = { SOURCE: '/srv/sources', TAG: '1.0.0', FLUX_ADDRESS: 'https://flux.example.com' };

/** The blocks of bash in a runbook. */
export function blocksOf(runbook: string): string[] {
  return [...runbook.matchAll(/^( *)```sh\n([\s\S]*?)\n\1```$/gm)].map(([, indent, text]) =>
    text
      .split('\n')
      .map((line) => line.slice(indent.length))
      .join('\n'),
  );
}

/** The commands that stand in tables. */
export function commandsInTables(runbook: string): string[] {
  const cells = runbook
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/\\\|/g, '\u0000'));
  return cells.flatMap((line) =>
    [...line.matchAll(/`((?:kubectl|flux|curl|gh) [^`]*)`/g)].map((match) => match[1].replace(/\u0000/g, '|')),
  );
}

/** How programs were called. */
export interface Calls {
  readonly calls: string[][];
  readonly stderr: string;
  readonly status: number | null;
  /** The files that `mktemp` made, with their text. */
  readonly files: { readonly text: string; readonly mode: number }[];
}

/**
 * Runs bash with the programs replaced, and says how each was called.
 *
 * @param root the repository whose certificates the commands read
 */
export function callsOf(script: string, root?: string): Calls {
  const folder = temporaryFolder();
  if (root !== undefined && fs.existsSync(path.join(root, 'certs'))) {
    fs.cpSync(path.join(root, 'certs'), path.join(folder, 'certs'), { recursive: true });
  }
  const log = path.join(folder, 'log');
  fs.writeFileSync(log, '');
  fs.mkdirSync(path.join(folder, 'tmp'));
  // One write a call: the programs of a pipe run at the same time.
  const functions = PROGRAMS.map(
    (name) => `${name}() { local IFS=$'\\x1f'; printf '%s\\x1e' "${name}$IFS$*" >> "$LOG"; }`,
  );
  const run = spawnSync('bash', ['--norc', '--noprofile', '-u', '-c', [...functions, script].join('\n')], {
    encoding: 'utf8',
    cwd: folder,
    input: `${TYPED}\n${TYPED}\n`,
    env: { ...ASKED, PATH: process.env.PATH, LOG: log, TMPDIR: path.join(folder, 'tmp') },
  });
  const calls = fs
    .readFileSync(log, 'utf8')
    .split('\x1e')
    .filter((call) => call !== '')
    .map((call) => call.split('\x1f'));
  const made = fs.readdirSync(path.join(folder, 'tmp')).map((name) => path.join(folder, 'tmp', name));
  return {
    calls,
    stderr: run.stderr,
    status: run.status,
    files: made
      .filter((file) => fs.statSync(file).isFile())
      .map((file) => ({ text: fs.readFileSync(file, 'utf8'), mode: fs.statSync(file).mode & 0o777 })),
  };
}
