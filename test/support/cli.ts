import { runProgram } from '../../lib/cli/program';
import { ForgeError } from '../../lib/support';

/** What a command printed, and its exit code. */
export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, with an environment of its own. */
export async function runCli(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<CliResult> {
  const before = { ...process.env };
  const code = process.exitCode;
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  const replace = (variables: NodeJS.ProcessEnv) => {
    Object.keys(process.env).forEach((name) => delete process.env[name]);
    Object.assign(
      process.env,
      Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined)),
    );
  };
  replace(environment);
  process.exitCode = 0;
  try {
    await runProgram(args);
    return { status: Number(process.exitCode), ...texts };
  } catch (e) {
    if (!(e instanceof ForgeError)) {
      throw e;
    }
    return {
      status: e.code === 'FORGE-CLI-003' ? 2 : 1,
      ...texts,
      stderr: `${texts.stderr}${e.code}: ${e.problems[0].message}`,
    };
  } finally {
    process.exitCode = code;
    replace(before);
    spies.forEach((spy) => spy.mockRestore());
  }
}
