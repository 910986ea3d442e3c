import { Duration } from 'cdk8s';
import { IRunsOn } from '../forge';
import { constructed, ForgeError, handedOver, quoted } from '../support';
import { boundSteps } from './bound-steps';
import { Condition } from './expression/condition';
import { JobContainer } from './container';
import { checkRunsOn, JobBase, JobBaseProps } from './job-base';
import { minutes } from './minutes';
import { StepView } from './expression/scope';
import { checkEnv, checkId } from './names';
import { IStepJob, IStepSource, Step } from './step';
import { checkDistinct, viewsOf } from './step-ids';
import { WorkflowBase } from './workflow-base';

/** A deployment environment that a job deploys to. GitHub only. */
export interface DeploymentEnvironment {
  /** Name of the environment. */
  readonly name: string;
  /** URL to show for the environment. @default - none */
  readonly url?: string;

  /**
   * Whether to record a deployment.
   *
   * @default true
   */
  readonly deployment?: boolean;
}

/**
 * A custom image that GitHub creates from the runner of a successful job. The job needs a larger runner that GitHub operates
 * for the generation of images. GitHub only.
 *
 * @see https://docs.github.com/en/actions/how-tos/manage-runners/larger-runners/use-custom-images
 */
export interface RunnerSnapshot {
  /** Name of the image. */
  readonly imageName: string;

  /**
   * Version of the image: a major version, for example `2.*`.
   *
   * @default - the next minor version
   */
  readonly version?: string;

  /**
   * Condition to take the snapshot.
   *
   * @default - whenever the job succeeds
   */
  readonly if?: Condition;
}

/**
 * A job that runs steps.
 */
export interface JobProps extends JobBaseProps {
  /**
   * Runner of the job: a runner of this cdk8s app, `HostedRunner.UBUNTU_LATEST`, or `RunsOn.existing('ubuntu-latest')`.
   */
  readonly runsOn: IRunsOn;

  /**
   * Name of the runner group. GitHub only.
   *
   * @default - any
   */
  readonly runnerGroup?: string;

  /**
   * Steps of the job, in order. To add more steps, use `addStep`.
   *
   * @default - nothing yet
   */
  readonly steps?: IStepSource[];

  /**
   * Outputs for other jobs, by name: `{ version: step.output('version') }`. In a job with a matrix, the last job that
   * finishes sets the value.
   *
   * @default - none
   */
  readonly outputs?: Record<string, string>;

  /**
   * Environment variables of the job's steps. Pass secrets only to the step that needs them.
   *
   * @default - none
   */
  readonly env?: Record<string, string>;

  /**
   * Container that the job's steps run in.
   *
   * @default - what the runner gives
   */
  readonly container?: JobContainer;

  /**
   * Containers that run beside the job, by host name.
   *
   * @default - none
   */
  readonly services?: Record<string, JobContainer>;

  /**
   * Maximum duration of the job, in whole minutes. If the forge ignores this limit, each step gets the limit instead.
   *
   * @default - what the forge allows
   */
  readonly timeout?: Duration;

  /**
   * Whether to let the workflow succeed if the job fails.
   *
   * @default false
   */
  readonly continueOnError?: boolean;

  /**
   * Condition for the workflow to succeed although the job fails; not together with `continueOnError`.
   *
   * @default - never
   */
  readonly continueOnErrorIf?: Condition;

  /**
   * Deployment environment of the job. GitHub only.
   *
   * @default - nowhere
   */
  readonly environment?: DeploymentEnvironment;

  /**
   * Custom image to create from the runner after the job. GitHub only.
   *
   * @default - none
   */
  readonly snapshot?: RunnerSnapshot;

  /**
   * Directory that the job's scripts run in.
   *
   * @default - the root of the working folder
   */
  readonly workingDirectory?: string;
}

/**
 * A job that runs steps. `workflow.addJob` creates the job.
 *
 * @example
 *
 * const build = workflow.addJob('build', { runsOn: runner, steps: [Step.run({ name: 'Build', script: 'make' })] });
 */
export class Job extends JobBase implements IStepJob {
  private readonly steps: Step[] = [];
  private readonly props: JobProps;

  /**
   * @throws FORGE-WF-021, 032, 042, 044 for bad names and times, and for no runner
   */
  constructor(scope: WorkflowBase, id: string, props: JobProps) {
    const made = constructed(Job, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = {
      ...props,
      needs: [...(props.needs ?? [])],
      outputs: { ...props.outputs },
      env: { ...props.env },
      services: { ...props.services },
    };
    this.check();
    (props.steps ?? []).forEach((step) => this.addStep(step));
  }

  /**
   * Adds a step, or the steps of a ready-made sequence, at the end.
   *
   * @throws FORGE-WF-021 if its id is taken, or the step is already in the job
   */
  addStep(step: IStepSource): void {
    const steps = [...this.steps, ...boundSteps(step, this)];
    checkDistinct(this, steps);
    this.steps.splice(0, this.steps.length, ...steps);
  }

  /**
   * Adds a step, or the steps of a ready-made sequence, next to a step of the job. Returns the added steps.
   *
   * @internal
   */
  _insert(step: IStepSource, anchor: Step, position: 'before' | 'after'): Step[] {
    const at = this.steps.findIndex(({ _token }) => _token === anchor._token) + (position === 'after' ? 1 : 0);
    const added = boundSteps(step, this);
    const steps = [...this.steps.slice(0, at), ...added, ...this.steps.slice(at)];
    checkDistinct(this, steps);
    this.steps.splice(0, this.steps.length, ...steps);
    return added;
  }

  /** Runner of the job. */
  get runsOn(): IRunsOn | undefined {
    return this.props.runsOn;
  }

  /** Container of the job; undefined if the job runs directly on the runner. */
  get container(): JobContainer | undefined {
    return this.props.container;
  }

  /** Labels that the job's runner must have, without labels from expressions. */
  get labels(): string[] {
    return this.props.runsOn.jobLabels.filter((label) => !label.includes('${{'));
  }

  /**
   * Actions and images that the job's steps use, as the text after `uses:`. Most of them need Node.js on the runner.
   */
  get actions(): string[] {
    return this.steps.map((step) => step._content.action?.uses).filter((uses): uses is string => uses !== undefined);
  }

  /** Texts of the job's scripts, for checks that know the runner. */
  get scripts(): string[] {
    return this.steps.map((step) => step._content.script).filter((script): script is string => script !== undefined);
  }

  /**
   * Definition of the job or step.
   *
   * @internal
   */
  get _props(): JobProps {
    return this.props;
  }

  /** @internal */
  get _base(): JobBaseProps {
    return this.props;
  }

  /** @internal */
  get _outputs(): string[] {
    return Object.keys(this.props.outputs ?? {});
  }

  /**
   * Steps of the job, in order.
   *
   * @internal
   */
  get _stepList(): Step[] {
    return this.steps;
  }

  /** @internal */
  get _steps(): StepView[] {
    return viewsOf(this.steps);
  }

  private check(): void {
    const {
      outputs = {},
      env = {},
      timeout,
      services = {},
      continueOnError,
      continueOnErrorIf,
      concurrency,
    } = this.props;
    checkRunsOn(this, this.props.runsOn);
    Object.keys(outputs).forEach((name) => checkId(name, 'output'));
    Object.keys(services).forEach((name) => checkId(name, 'service'));
    checkEnv(env, `job ${quoted(this.id)}`);
    if (timeout) {
      minutes(timeout, `job ${quoted(this.id)}`);
    }
    const both =
      continueOnError !== undefined && continueOnErrorIf
        ? 'continueOnError'
        : concurrency?.cancelInProgress !== undefined && concurrency.cancelInProgressIf
          ? 'cancelInProgress'
          : undefined;
    if (both) {
      throw ForgeError.at(this, {
        code: 'FORGE-WF-042',
        message: `\`${both}\` and \`${both}If\` are both given`,
        fix: 'give one of them',
      });
    }
  }
}
