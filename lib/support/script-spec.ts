/**
 * A bash script together with everything it needs, as data. A workflow step, a Makefile target or a test can run it.
 *
 * The script itself contains no value. Values reach it through `env`, so that no value becomes code.
 */
export interface ScriptSpec {
  /** Name of the script for people, for example `Build hello-app`. */
  readonly name: string;

  /** Text of the script, for bash. */
  readonly script: string;

  /**
   * Environment variables of the script. A value may be an expression of the forge, for example
   * `Expression.secret('REGISTRY_TOKEN')`.
   *
   * @default - none
   */
  readonly env?: Record<string, string>;

  /**
   * Programs that must be on the `PATH`, in addition to bash and coreutils, for example `buildctl`.
   *
   * @default - none
   */
  readonly tools?: string[];

  /**
   * Names of the outputs that the script writes to the file `$GITHUB_OUTPUT`, one `name=value` per line.
   *
   * @default - none
   */
  readonly outputs?: string[];
}
