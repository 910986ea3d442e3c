import { IRunsOn, Repository } from '../forge';
import { ForgeError, oneOf, quoted } from '../support';
import { boundSteps } from './bound-steps';
import { JobContainer } from './container';
import { checkContent, STEP_KEYS } from './step-check';
import { Overrides } from './overrides';
import { normalScript } from './script';
import { Shell } from './shell';
import { ReadyStepOptions, RunStepProps, StepContent, UsesStepProps } from './step-props';

/** The job or composite action that steps join, as far as a ready-made step needs to know it. */
export interface IStepJob {
  /** Id of the job, or of the action. */
  readonly id: string;

  /** The repository that contains the workflow. The repository knows its forge. */
  readonly repository: Repository;

  /** Runner of the job; undefined for a composite action. */
  readonly runsOn?: IRunsOn | undefined;

  /** Container of the job; undefined if the job runs directly on the runner. */
  readonly container?: JobContainer | undefined;
}

/**
 * A source of steps: a step, or a ready-made sequence of steps that depends on the job that it joins.
 *
 * Implement this interface for recipes of your own. The job calls `bind` once, when the source is added.
 */
export interface IStepSource {
  /**
   * Returns the steps for a job, in order.
   *
   * @param job the job that the steps join
   */
  bind(job: IStepJob): Step[];
}

/** A step that waits for background steps. GitHub only. */
export interface WaitStepProps {
  /** Name of the step in the log. */
  readonly name: string;

  /**
   * The background steps to wait for.
   *
   * @default - all background steps before
   */
  readonly steps?: Step[];

  /**
   * Whether to continue the job if one of the steps failed.
   *
   * @default false
   */
  readonly continueOnError?: boolean;
}

/** A step that ends a background step. GitHub only. */
export interface CancelStepProps {
  /** Name of the step in the log. */
  readonly name: string;

  /** The background step to end. */
  readonly step: Step;
}

/** Parts of a step that depend on the job that it joins, and the step that it was made from. */
interface LateContent {
  readonly complete?: (job: IStepJob) => Record<string, string>;
  readonly adapt?: (job: IStepJob) => Partial<StepContent>;
  readonly origin?: Step;
}

/**
 * A step that belongs to a job.
 *
 * @example
 *
 * const compute = Step.run({ name: 'Compute', script: 'printf "version=%s\n" 1.0.0 >> "$GITHUB_OUTPUT"', outputs: ['version'] });
 * const build = Step.run({ name: 'Build', script: 'make VERSION="$VERSION"', env: { VERSION: compute.output('version') } });
 */
export class Step implements IStepSource {
  /**
   * Creates a step that runs a script in bash, with `set -e` and `pipefail`.
   *
   * @throws FORGE-WF-002 if the script holds `${{`, FORGE-WF-022 if it is empty or would not survive, FORGE-WF-021 and 032 for bad names
   */
  static run(props: RunStepProps): Step {
    const { script, ...rest } = props;
    return new Step({ ...rest, shell: props.shell ?? Shell.BASH, script: normalScript(script, props.name) });
  }

  /**
   * Creates a step that uses an action.
   *
   * @throws FORGE-WF-021 and 032 for bad names, FORGE-WF-031 for an input of github-script that would become code
   */
  static uses(props: UsesStepProps): Step {
    const script = Object.entries(props.with ?? {}).find(([name]) => name.toLowerCase() === 'script')?.[1];
    if (props.action._is('actions/github-script') && script?.includes('${{')) {
      throw ForgeError.of({
        code: 'FORGE-WF-031',
        message: `the script of step ${quoted(props.name)} holds "\${{": its text would become code`,
        fix: 'pass the expression by `env` and read process.env.NAME',
      });
    }
    return new Step({ ...props, with: { ...props.with } });
  }

  /** Creates a step that waits for background steps. GitHub only. */
  static wait(props: WaitStepProps): Step {
    const { steps, ...rest } = props;
    return new Step({ ...rest, control: { kind: steps ? 'wait' : 'wait-all', steps: [...(steps ?? [])] } });
  }

  /** Creates a step that ends a background step. GitHub only. */
  static cancel(props: CancelStepProps): Step {
    return new Step({ name: props.name, control: { kind: 'cancel', steps: [props.step] } });
  }

  /**
   * Returns steps that run at the same time. The job waits for all of them. On a forge that cannot run steps at the same
   * time, the steps run one after the other.
   *
   * @throws FORGE-WF-065 at `bind` for background steps, waits and groups inside the group
   */
  static parallel(steps: IStepSource[]): IStepSource {
    const group = Step.made++;
    return { bind: (job) => steps.flatMap((step) => boundSteps(step, job)).map((step) => step.grouped(group)) };
  }

  /**
   * Creates a ready-made step, part of whose environment depends on the job that the step joins. The options of the user
   * win.
   *
   * @internal
   */
  static _ready(
    props: RunStepProps & Pick<StepContent, 'isReady' | 'isCheckout' | 'needsOwnJob' | 'readsRuns'>,
    options: ReadyStepOptions,
    complete?: (job: IStepJob) => Record<string, string>,
  ): Step {
    const { script, ...rest } = props;
    const { env, outputs, ...own } = definedOf(options);
    return new Step(
      {
        isReady: true,
        ...rest,
        ...own,
        shell: props.shell ?? Shell.BASH,
        script: normalScript(script, options.name ?? props.name),
        outputs: [...new Set([...(props.outputs ?? []), ...(outputs ?? [])])],
        env: { ...props.env, ...env },
      },
      { complete },
    );
  }

  /**
   * Creates a step that uses an action, part of which depends on the job that the step joins.
   *
   * @internal
   */
  static _uses(props: UsesStepProps, adapt: (job: IStepJob) => Partial<StepContent>): Step {
    return new Step({ ...props, with: { ...props.with } }, { adapt });
  }

  /**
   * Counter of steps, so that references can distinguish two steps with the same name. The counter is never in the
   * output.
   */
  private static made = 0;

  /** Name of the step in the log. */
  readonly name: string;

  /** @internal */
  readonly _overrides: Overrides;

  private readonly content: StepContent;
  private readonly number: number;

  private constructor(
    props: StepContent,
    private readonly late: LateContent = {},
  ) {
    this.name = props.name;
    this.number = late.origin?.number ?? Step.made++;
    this._overrides = late.origin?._overrides ?? new Overrides(STEP_KEYS);
    this.content = {
      ...props,
      tools: [...(props.tools ?? [])],
      env: { ...props.env },
      outputs: [...(props.outputs ?? [])],
    };
    checkContent(this.content);
  }

  /**
   * Returns the step for a job: itself, or the step with the values that depend on the job.
   *
   * @param job the job that the step joins
   */
  bind(job: IStepJob): Step[] {
    const { complete, adapt } = this.late;
    const { env } = this.content;
    if (complete === undefined && adapt === undefined) {
      return [this];
    }
    return [new Step({ ...this.content, ...adapt?.(job), env: { ...complete?.(job), ...env } }, { origin: this })];
  }

  /**
   * Returns the value of an output, for later steps of the same job and for the outputs of the job.
   *
   * @throws FORGE-WF-015 if the step does not declare it
   */
  output(name: string): string {
    const { outputs = [] } = this.content;
    if (!outputs.includes(name)) {
      throw ForgeError.of({
        code: 'FORGE-WF-015',
        message: `step ${quoted(this.name)} has no output ${quoted(name)}`,
        allowed: outputs.length > 0 ? oneOf(outputs) : 'it declares none',
        fix: `use one of these, or declare it: outputs: [${quoted(name)}]`,
        symptom: 'the value is empty, and nothing says so',
      });
    }
    return this.reference(`outputs.${name}`);
  }

  /** Result of the step before `continueOnError` is applied: success, failure, cancelled or skipped. */
  get outcome(): string {
    return this.reference('outcome');
  }

  /** Result of the step after `continueOnError` is applied. */
  get conclusion(): string {
    return this.reference('conclusion');
  }

  /**
   * Sets a key of the step that this library does not support yet. Expressions in the value are checked.
   *
   * @param key as it stands in the file
   * @param value text, number, boolean, list or map
   * @throws FORGE-WF-040 for a key that the library writes itself
   */
  addOverride(key: string, value: unknown): void {
    this._overrides.set(key, value);
  }

  /**
   * Definition of the job or step.
   *
   * @internal
   */
  get _content(): StepContent {
    return this.content;
  }

  /**
   * Token that references contain until the id is known.
   *
   * @internal
   */
  get _token(): string {
    return `${this.name.replace(/'/g, '’')}@${this.number}`;
  }

  /**
   * Preferred id of the step.
   *
   * @internal
   */
  get _wantedId(): string {
    const derived = this.name
      .replace(/\$\{\{.*?\}\}/g, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^[^a-z]+|-+$/g, '');
    return this.content.id ?? (derived || 'step');
  }

  /**
   * Reports whether the step's id must be in the file even if no value refers to the step.
   *
   * @internal
   */
  get _hasId(): boolean {
    return this.content.id !== undefined || (this.content.outputs ?? []).length > 0;
  }

  private grouped(group: number): Step {
    const { background, control, group: other } = this.content;
    if (background || control !== undefined || other !== undefined) {
      throw ForgeError.of({
        code: 'FORGE-WF-065',
        message: `step ${quoted(this.name)} cannot be in a group of parallel steps`,
        allowed: 'scripts and actions that are not in the background',
        fix: 'move the step before or after Step.parallel(…)',
      });
    }
    return new Step({ ...this.content, group }, { origin: this });
  }

  private reference(member: string): string {
    return `\${{ steps['${this._token}'].${member} }}`;
  }
}

/** Returns the options that are set, so that an option that is undefined replaces nothing. */
function definedOf<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
