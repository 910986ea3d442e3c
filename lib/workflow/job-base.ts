import { Construct } from 'constructs';
import { IRunsOn, Repository } from '../forge';
import { constructed, ForgeError, handedOver, oneOf, quoted } from '../support';
import { Condition } from './expression/condition';
import { Matrix } from './matrix';
import { Overrides } from './overrides';
import { Permissions } from './permissions';
import { JobView, StepView } from './expression/scope';
import { checkId } from './names';
import { WorkflowBase } from './workflow-base';

/** A concurrency group that allows one run or job at a time. */
export interface Concurrency {
  /** Name of the concurrency group. Runs in the same group wait for each other, or cancel each other. */
  readonly group: string;

  /**
   * Whether to cancel the current run when a new run starts.
   *
   * @default false
   */
  readonly cancelInProgress?: boolean;

  /**
   * Condition for a new run to cancel the current run; not together with `cancelInProgress`.
   *
   * @default - never
   */
  readonly cancelInProgressIf?: Condition;

  /**
   * Whether to keep the place of all runs that wait in the queue. Otherwise, a new run replaces the run that waits. GitHub only;
   * not together with `cancelInProgress`.
   *
   * @default false
   */
  readonly queueAll?: boolean;
}

/** A set of properties that every job accepts, with steps or as a call of a workflow. */
export interface JobBaseProps {
  /**
   * Display name in the forge.
   *
   * @default - its id
   */
  readonly name?: string;

  /**
   * Jobs that must finish first. A job whose output is used in this job can be omitted.
   *
   * @default - the jobs whose outputs are used
   */
  readonly needs?: JobBase[];

  /**
   * Condition for running the job or step.
   *
   * @default - if everything that it needs went well
   */
  readonly if?: Condition;

  /**
   * Matrix of values. Each combination creates one job.
   *
   * @default - one job
   */
  readonly matrix?: Matrix;

  /**
   * Permissions of the job's token. They replace the permissions of the workflow.
   *
   * @default - that of the workflow
   */
  readonly permissions?: Permissions;

  /**
   * A concurrency group that allows one run or job at a time.
   *
   * @default - as many as there are runners
   */
  readonly concurrency?: Concurrency;
}

const KNOWN_KEYS = [
  'name',
  'needs',
  'if',
  'permissions',
  'environment',
  'snapshot',
  'concurrency',
  'strategy',
  'runs-on',
  'container',
  'services',
  'timeout-minutes',
  'continue-on-error',
  'env',
  'defaults',
  'outputs',
  'steps',
  'uses',
  'with',
  'secrets',
];

/** A job of a workflow that other jobs can refer to. `workflow.addJob` and `workflow.addCall` create jobs. */
export abstract class JobBase extends Construct {
  /**
   * Keys that the library does not support.
   *
   * @internal
   */
  readonly _overrides = new Overrides(KNOWN_KEYS, this);

  /** The repository that the workflow belongs to. */
  readonly repository: Repository;

  protected constructor(scope: WorkflowBase, id: string) {
    const made = constructed(JobBase, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.repository = scope.repository;
    checkId(id, 'job');
  }

  /** Id in the generated file. */
  get id(): string {
    return this.node.id;
  }

  /**
   * Returns the value of an output, for other jobs. A job that uses the value waits for this job.
   *
   * @throws FORGE-WF-016 if the job does not declare it
   */
  output(name: string): string {
    const known = this._outputs;
    if (!known.includes(name)) {
      throw ForgeError.at(this, {
        code: 'FORGE-WF-016',
        message: `job ${quoted(this.id)} has no output ${quoted(name)}`,
        allowed: known.length > 0 ? oneOf(known) : 'it declares none',
        fix: `use one of these, or declare it: outputs: { ${JSON.stringify(name)}: step.output('…') }`,
        symptom: 'the value is empty, and nothing says so',
      });
    }
    return `\${{ needs['${this.node.path}'].outputs.${name} }}`;
  }

  /** Result of the job: success, failure, cancelled or skipped. A job that uses the result waits for this job. */
  get result(): string {
    return `\${{ needs['${this.node.path}'].result }}`;
  }

  /**
   * Sets a key of the job that this library does not support yet. The syntax of expressions in the value is checked.
   *
   * @param key as it stands in the file
   * @param value text, number, boolean, list or map
   * @throws FORGE-WF-040 for a key that the library writes itself
   */
  addOverride(key: string, value: unknown): void {
    this._overrides.set(key, value);
  }

  /**
   * Names of the job's outputs.
   *
   * @internal
   */
  abstract get _outputs(): string[];

  /**
   * Properties that every job accepts.
   *
   * @internal
   */
  abstract get _base(): JobBaseProps;

  /**
   * Steps of the job, with their ids.
   *
   * @internal
   */
  abstract get _steps(): StepView[];

  /**
   * View of the job that references use.
   *
   * @internal
   */
  get _view(): JobView {
    return { id: this.id, path: this.node.path, outputs: this._outputs, steps: this._steps };
  }
}

/**
 * Throws an error if a job has no valid runner. A cdk8s app is not always compiled before it runs. Users often try a
 * list of labels first, as in a workflow file.
 *
 * @jsii ignore
 */
export function checkRunsOn(job: Construct, runsOn: IRunsOn | undefined): void {
  if (typeof runsOn?.canRunJobsOf === 'function' && runsOn.jobLabels.length > 0) {
    return;
  }
  const given = Array.isArray(runsOn) || typeof runsOn !== 'object' ? quoted(runsOn) : 'what is given';
  throw ForgeError.at(job, {
    code: 'FORGE-WF-044',
    message: `${given} as \`runsOn\` is no runner`,
    allowed: 'a runner, or RunsOn.existing(…)',
    fix: "pass the runner itself: runsOn: runner; for labels of one that is not in this program: RunsOn.existing('ubuntu-latest')",
    symptom: 'the job waits for ever: no matching online runner with label',
  });
}
