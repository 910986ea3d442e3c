import { Duration } from 'cdk8s';
import { Action } from './action/action';
import { Condition } from './expression/condition';
import { JobTool } from './job-tool';
import { Shell } from './shell';

/** A set of options that every step accepts, also a ready-made step. */
export interface StepOptions {
  /**
   * Condition for running the job or step.
   *
   * @default - if everything before it went well
   */
  readonly if?: Condition;

  /**
   * Environment variables. For a script, environment variables are the only way to pass an expression.
   *
   * @default - none
   */
  readonly env?: Record<string, string>;

  /**
   * Names of the outputs that the step sets, which `output(name)` refers to. A script sets an output by writing
   * `name=value` to `"$GITHUB_OUTPUT"`.
   *
   * @default - none
   */
  readonly outputs?: string[];

  /**
   * Maximum duration of the step, in whole minutes.
   *
   * @default - as long as the job
   */
  readonly timeout?: Duration;

  /**
   * Whether to continue the job if the step fails.
   *
   * @default false
   */
  readonly continueOnError?: boolean;

  /**
   * Id in the generated file.
   *
   * @default - the name in lower case, with dashes; numbered if another step of the job has the same
   */
  readonly id?: string;
}

/** A set of properties that every step accepts. */
export interface StepProps extends StepOptions {
  /** Name of the step in the log. The id of the step in the file is derived from the name. */
  readonly name: string;

  /**
   * Whether to continue the job while the step runs. `Step.wait` waits for the step, `Step.cancel` ends it, and the end of the
   * job waits for all steps. GitHub only.
   *
   * @default false
   */
  readonly background?: boolean;
}

/** A set of options that every ready-made step accepts. */
export interface ReadyStepOptions extends StepOptions {
  /**
   * Name of the step in the log. The id of the step in the file is derived from the name.
   *
   * @default - a name that says what the step does
   */
  readonly name?: string;
}

/** A step that runs a script. */
export interface RunStepProps extends StepProps {
  /** The script, without `${{ }}`. Pass values with `env`. */
  readonly script: string;

  /**
   * The executor: a runner for a job, or a shell for a script.
   *
   * @default Shell.BASH
   */
  readonly shell?: Shell;

  /**
   * Directory that the script runs in.
   *
   * @default - that of the job
   */
  readonly workingDirectory?: string;

  /**
   * Tools that the script calls and that not every runner has. Synth checks the tools against the runner of the job.
   *
   * @default - only what every runner has
   */
  readonly tools?: JobTool[];
}

/** A step that uses an action. */
export interface UsesStepProps extends StepProps {
  /** The action to use. */
  readonly action: Action;

  /**
   * Input values, by name.
   *
   * @default - none
   */
  readonly with?: Record<string, string>;
}

/**
 * A set of checked values that form a step.
 *
 * @jsii ignore
 */
export interface StepContent extends StepProps {
  /** True for a script of this library that runs no code of the repository. */
  readonly isReady?: boolean;
  /** True for a script that checks out a repository. */
  readonly isCheckout?: boolean;
  /** True for a step with a token that can write to the repository, which the step guards against other jobs only. */
  readonly needsOwnJob?: boolean;
  /** True for a script that asks the forge for other runs. */
  readonly readsRuns?: boolean;
  readonly script?: string;
  readonly shell?: Shell;
  readonly workingDirectory?: string;
  readonly tools?: JobTool[];
  readonly action?: Action;
  readonly with?: Record<string, string>;
  /** Number of the group of steps that run at the same time. */
  readonly group?: number;
  /** The action of a step on background steps, instead of a script. */
  readonly control?: StepControl;
}

/**
 * A wait for background steps, or the end of one.
 *
 * @jsii ignore
 */
export interface StepControl {
  readonly kind: 'wait' | 'wait-all' | 'cancel';
  readonly steps: readonly { readonly _token: string; readonly name: string }[];
}
