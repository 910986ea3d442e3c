import { CommandResult, lastLines, runCommand } from './process';

/** A command of kubectl that failed. */
export class KubectlFailure extends Error {}

/** Runs kubectl with one context. */
export class Kubectl {
  constructor(
    private readonly environment: NodeJS.ProcessEnv,
    /** The context. @default - the current one */
    private readonly context?: string,
  ) {}

  /** Runs a command, and returns its result whatever the exit code. */
  try(args: readonly string[], options: { input?: string; timeout?: number } = {}): Promise<CommandResult> {
    const context = this.context === undefined ? [] : ['--context', this.context];
    return runCommand('kubectl', [...context, ...args], { environment: this.environment, timeout: 120, ...options });
  }

  /**
   * Runs a command, and returns its standard output.
   *
   * @throws a KubectlFailure
   */
  async run(args: readonly string[], options: { input?: string; timeout?: number } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, options);
    if (code !== 0) {
      throw new KubectlFailure(lastLines(stderr));
    }
    return stdout;
  }

  /**
   * Applies an object that the standard input contains, so that no list of processes and no file has it. Applied by the
   * server, the object gets no annotation with its former content.
   */
  async apply(object: object): Promise<void> {
    const owner = ['--server-side', '--field-manager', 'cdk8s-forge', '--force-conflicts'];
    await this.run(['apply', ...owner, '--filename', '-'], { input: JSON.stringify(object) });
  }

  /** Returns an object as JSON; undefined if it does not exist. */
  async find<T>(args: readonly string[]): Promise<T | undefined> {
    const text = await this.run(['get', '--ignore-not-found', '--output', 'json', ...args]);
    return text.trim() === '' ? undefined : (JSON.parse(text) as T);
  }
}
