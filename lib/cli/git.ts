import { CommandResult, runCommand } from './run/process';

/** A git command that failed, with its output. */
export class GitFailure extends Error {
  constructor(
    readonly args: readonly string[],
    readonly result: CommandResult,
  ) {
    super(result.stderr.trim().split('\n').pop() ?? `git ${args[0]} failed`);
  }
}

/**
 * Runs git in a directory. Hooks of the user and of the repository do not run, and git asks no question: a credential
 * comes from a helper, from ssh, or from `token`, which git reads from its environment.
 */
export class Git {
  constructor(
    private readonly directory: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Returns an environment in which git sends a token to the origin of a URL, and to no other. */
  static withToken(environment: NodeJS.ProcessEnv, url: string, token: string | undefined): NodeJS.ProcessEnv {
    const settings: [string, string][] = [['core.hooksPath', '/dev/null']];
    if (token !== undefined && /^https?:/.test(url)) {
      const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
      settings.push([`http.${new URL(url).origin}/.extraHeader`, `Authorization: Basic ${basic}`]);
    }
    // Behind the settings that the caller's environment has already.
    const first = Number(environment.GIT_CONFIG_COUNT ?? 0);
    const variables = settings.flatMap(([key, value], i) => [
      [`GIT_CONFIG_KEY_${first + i}`, key],
      [`GIT_CONFIG_VALUE_${first + i}`, value],
    ]);
    return {
      ...environment,
      ...Object.fromEntries(variables),
      GIT_CONFIG_COUNT: String(first + settings.length),
      GIT_TERMINAL_PROMPT: '0',
      GIT_SSH_COMMAND: environment.GIT_SSH_COMMAND ?? 'ssh -o BatchMode=yes',
    };
  }

  /** Runs a command, and returns its result whatever the exit code. */
  try(...args: string[]): Promise<CommandResult> {
    return runCommand('git', args, { directory: this.directory, environment: this.environment });
  }

  /**
   * Runs a command, and returns its standard output.
   *
   * @throws a GitFailure
   */
  async run(...args: string[]): Promise<string> {
    const result = await this.try(...args);
    if (result.code !== 0) {
      throw new GitFailure(args, result);
    }
    return result.stdout;
  }
}
