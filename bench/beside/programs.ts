import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const MODULE = __dirname;
const LIMIT_MINUTES = 20;

/** A program of the Go module in this directory, or the reason why it cannot be had. */
export type Program = { readonly file: string } | { readonly reason: string };

/** Builds a program into a cache outside of the repository, unless a former run did. */
export function program(name: string, source: string): Program {
  const version = go('env', 'GOVERSION');
  if ('reason' in version) {
    return { reason: 'Go is not installed' };
  }
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'cdk8s-forge', 'beside');
  const file = path.join(cache, `${name}-${key(version.text)}`);
  if (fs.existsSync(file)) {
    return { file };
  }
  console.error(`building ${name}, once`);
  fs.mkdirSync(cache, { recursive: true });
  const built = go('build', '-ldflags=-s -w', '-o', `${file}.new`, source);
  if ('reason' in built) {
    return { reason: `it cannot be built: ${built.reason}` };
  }
  fs.renameSync(`${file}.new`, file);
  const former = fs.readdirSync(cache).filter((other) => other.replace(/-[0-9a-f]{12}$/, '') === name);
  former.filter((other) => other !== path.basename(file)).forEach((other) => fs.rmSync(path.join(cache, other)));
  return { file };
}

function go(...args: string[]): { readonly text: string } | { readonly reason: string } {
  const { status, stdout, stderr, error } = spawnSync('go', args, {
    cwd: MODULE,
    env: { ...process.env, GOTOOLCHAIN: process.env.GOTOOLCHAIN ?? 'auto', CGO_ENABLED: '0' },
    encoding: 'utf8',
    timeout: LIMIT_MINUTES * 60_000,
  });
  if (status === 0) {
    return { text: stdout.trim() };
  }
  return { reason: error?.message ?? stderr.trim().split('\n').at(-1) ?? '' };
}

/** Stands for everything that decides what is built. */
function key(version: string): string {
  const hash = createHash('sha256').update(`${version} ${process.arch}`);
  ['go.mod', 'go.sum'].forEach((name) => hash.update(fs.readFileSync(path.join(MODULE, name))));
  return hash.digest('hex').slice(0, 12);
}
