import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const LIVE = path.join(__dirname, '..', 'live');

/** The Go module of conformance/ that each source is in. */
const SOURCES: Record<string, { readonly module: string; readonly folder: string }> = {
  gitea: { module: 'code.gitea.io/gitea', folder: path.join(LIVE, 'gitea') },
  'source-controller': { module: 'github.com/fluxcd/source-controller', folder: path.join(LIVE, 'source') },
  'kustomize-controller': {
    module: 'github.com/fluxcd/kustomize-controller',
    folder: path.join(LIVE, '..', 'apiserver', 'controller'),
  },
};

/** Returns the path of a program that conformance/live has built: `scripts/operate.sh` has it built first. */
export function program(name: string): string {
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'cdk8s-forge', 'live');
  const [found] = fs.readdirSync(cache).filter((file) => new RegExp(`^${name}-[0-9a-f]{12}$`).test(file));
  if (found === undefined) {
    throw new Error(`${name} is not built: run scripts/operate.sh`);
  }
  return path.join(cache, found);
}

/** Returns the directory with the sources of a program. */
export function sourceOf(name: string): string {
  const { module, folder } = SOURCES[name];
  const { stdout } = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd: folder, encoding: 'utf8' });
  return stdout.trim();
}

/** A program that runs, with its output in a file. It ends with the process that started it. */
export class Process {
  private static readonly running = new Set<Process>();

  static start(
    name: string,
    file: string,
    args: readonly string[],
    { folder, environment }: { folder: string; environment?: NodeJS.ProcessEnv },
  ): Process {
    fs.mkdirSync(folder, { recursive: true });
    const log = fs.openSync(path.join(folder, `${name}.log`), 'a');
    const child = spawn(file, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...environment },
      stdio: ['ignore', log, log],
    });
    fs.closeSync(log);
    return new Process(child);
  }

  private constructor(private readonly child: ChildProcess) {
    Process.running.add(this);
    child.on('close', () => Process.running.delete(this));
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }

  static killAll(): void {
    Process.running.forEach(({ child }) => child.kill('SIGKILL'));
  }
}

process.on('exit', () => Process.killAll());
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => process.exit(1));
}

/** Asks every 100 ms until the answer is true. */
export async function waitFor(what: string, ask: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    if (await ask().catch(() => false)) {
      return;
    }
    if (Date.now() > end) {
      throw new Error(`${what} does not answer after ${seconds} seconds`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
