import { dedent, ForgeError, quoted } from '../support';

/**
 * A step that runs a script.
 */
export interface RunStepProps {
  /** What the log calls it. */
  readonly name: string;

  /** The script, in bash. It holds no `${{ }}`: values come by `env`. */
  readonly script: string;

  /**
   * Environment of the script; the only way for an expression to reach it.
   *
   * @default - none
   */
  readonly env?: Record<string, string>;
}

/**
 * A step of a job.
 *
 * @example
 *
 * Step.run({ name: 'Say hello', script: 'printf "%s\n" "$WHO"', env: { WHO: 'world' } });
 */
export class Step {
  /**
   * Runs a script in bash, with `set -e` and `pipefail`.
   *
   * @throws FORGE-WF-002 if the script holds `${{`
   */
  static run(props: RunStepProps): Step {
    if (props.script.includes('${{')) {
      throw ForgeError.of({
        code: 'FORGE-WF-002',
        message: `the script of step ${quoted(props.name)} holds "\${{": its text would become code, also inside a comment`,
        fix: 'pass the expression by `env` and read the variable, quoted: env: { MSG: … } and "$MSG"',
      });
    }
    return new Step({ ...props, env: { ...props.env }, script: dedent(props.script) });
  }

  private constructor(private readonly props: RunStepProps) {}

  /**
   * The step as it stands in the file.
   *
   * @internal
   */
  _render(): Record<string, unknown> {
    const { name, env = {}, script } = this.props;
    return { name, ...(Object.keys(env).length > 0 ? { env } : {}), shell: 'bash', run: script };
  }
}
