import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from './workspace';

/** What a script did. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a script as a runner does for `shell: bash`, with this environment and nothing else but a PATH.
 *
 * @param commands programs that stand in for real ones: their text by name; they come first on the PATH
 */
export function runBash(
  script: string,
  options: { env?: Record<string, string>; commands?: Record<string, string>; cwd?: string; path?: string } = {},
): Run {
  const bin = temporaryFolder();
  for (const [name, text] of Object.entries(options.commands ?? {})) {
    fs.writeFileSync(path.join(bin, name), text, { mode: 0o755 });
  }
  const file = path.join(temporaryFolder(), 'script.sh');
  fs.writeFileSync(file, script);
  const run = spawnSync('/bin/bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', file], {
    cwd: options.cwd ?? temporaryFolder(),
    env: { PATH: `${bin}:${options.path ?? '/usr/local/bin:/usr/bin:/bin'}`, HOME: temporaryFolder(), ...options.env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}
