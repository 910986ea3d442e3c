import { ChildProcess, spawn } from 'node:child_process';

/** The result of a command. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The circumstances of a command. */
export interface CommandOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** The working directory. @default - that of this process */
  readonly directory?: string;
  /** The standard input. @default - none */
  readonly input?: string;
  /** The time after which the command and its children are killed, in seconds. @default - no limit */
  readonly timeout?: number;
}

/**
 * Runs a command without a shell, and returns its result whatever the exit code. A command that cannot be started has
 * the exit code 127, as in a shell.
 */
export function runCommand(
  file: string,
  args: readonly string[],
  { environment, directory, input, timeout }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: directory,
      env: environment,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: timeout !== undefined,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            err.push(Buffer.from(`\nno result after ${timeout} seconds`));
            killGroup(child);
          }, timeout * 1000);
    const ended = (code: number) => {
      clearTimeout(timer);
      resolve({ code, stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) });
    };
    child.stdout!.on('data', (data: Buffer) => out.push(data));
    child.stderr!.on('data', (data: Buffer) => err.push(data));
    child.on('error', (e) => {
      err.push(Buffer.from(e.message));
      ended(127);
    });
    child.on('close', (code) => ended(code ?? 1));
    // A command that ends early does not read its input.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Kills a command that leads a group of processes, with the group. It may have ended, and a process of another group has its output. */
export function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** Returns whether a command exists. */
export async function hasCommand(file: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const { code } = await runCommand('sh', ['-c', `command -v "$0"`, file], { environment });
  return code === 0;
}

/** Returns the last lines of an output, as one line, without the values of secrets. */
export function lastLines(text: string, secrets: readonly string[] = []): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.slice(-3).join('; ').slice(0, 600);
  return masked(line, secrets);
}

/** Returns a text in which no value of a secret is visible. */
export function masked(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
    .reduce((result, secret) => result.replaceAll(secret, '***'), text);
}
