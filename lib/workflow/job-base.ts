import { Construct } from 'constructs';
import { IRunsOn } from '../forge';
import { ForgeError, oneOf, quoted } from '../support';
import { Condition } from './expression/condition';
import { Matrix } from './matrix';
import { Overrides } from './overrides';
import { Permissions } from './permissions';
import { JobView, StepView } from './expression/resolver';
import { checkId } from './step';

/** One at a time. */
export interface Concurrency {
  /** Runs of the same group wait for each other, or cancel each other. */
  readonly group: string;

  /**
   * Whether a new run cancels the one that is going on.
   * @default false
   */
  readonly cancelInProgress?: boolean;

  /**
   * When a new run cancels the one that is going on; not together with `cancelInProgress`.
   * @default - never
   */
  readonly cancelInProgressIf?: Condition;
}

/** What every job may say, whether it has steps or calls a workflow. */
export interface JobBaseProps {
  /**
   * What the forge calls it.
   * @default - its id
   */
  readonly name?: string;

  /**
   * Jobs that must be through before. A job whose output is used here need not be named.
   * @default - the jobs whose outputs are used
   */
  readonly needs?: JobBase[];

  /**
   * When it runs.
   * @default - if everything that it needs went well
   */
  readonly if?: Condition;

  /**
   * One job for each combination of values.
   * @default - one job
   */
  readonly matrix?: Matrix;

  /**
   * What the job's token may do; replaces that of the workflow.
   * @default - that of the workflow
   */
  readonly permissions?: Permissions;

  /**
   * One at a time.
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

/**
 * A job of a workflow, as other jobs see it. Made by `workflow.addJob` and `workflow.addCall`.
 */
export abstract class JobBase extends Construct {
  /**
   * Keys that the library does not know.
   *
   * @internal
   */
  readonly _overrides = new Overrides(KNOWN_KEYS, this);

  protected constructor(scope: Construct, id: string) {
    super(scope, id);
    checkId(id, 'job');
  }

  /** Its id in the file. */
  get id(): string {
    return this.node.id;
  }

  /**
   * The value of an output, for other jobs. Using it makes the other job wait for this one.
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

  /** How it went: success, failure, cancelled or skipped. Using it makes the other job wait for this one. */
  get result(): string {
    return `\${{ needs['${this.node.path}'].result }}`;
  }

  /**
   * Sets a key of the job that this library does not know yet. Expressions in it are checked for their syntax.
   *
   * @param key as it stands in the file
   * @param value text, number, boolean, list or map
   * @throws FORGE-WF-040 for a key that the library writes itself
   */
  addOverride(key: string, value: unknown): void {
    this._overrides.set(key, value);
  }

  /**
   * Names of its outputs.
   *
   * @internal
   */
  abstract get _outputs(): string[];

  /**
   * What every job may say.
   *
   * @internal
   */
  abstract get _base(): JobBaseProps;

  /**
   * Its steps, with their ids.
   *
   * @internal
   */
  abstract get _steps(): StepView[];

  /**
   * As references see it.
   *
   * @internal
   */
  get _view(): JobView {
    return { id: this.id, path: this.node.path, outputs: this._outputs, steps: this._steps };
  }
}

/**
 * Throws if a job is given no runner. Programs are not always compiled before they run, and a list of labels, as it stands in a file, is
 * what people try first.
 *
 * @jsii ignore
 */
export function checkRunsOn(job: Construct, runsOn: IRunsOn | undefined): void {
  if (typeof runsOn?.accepts === 'function' && runsOn.jobLabels.length > 0) {
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
