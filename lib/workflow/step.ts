import { Duration } from 'cdk8s';
import { ForgeError, oneOf, quoted } from '../support';
import { Action } from './action/action';
import { Condition } from './expression/condition';
import { JobTool } from './job-tool';
import { minutes } from './render/minutes';
import { Overrides } from './overrides';
import { normalScript } from './script';
import { Shell } from './shell';

/** A set of properties that every step accepts. */
export interface StepProps {
  /** Name of the step in the log. The id of the step in the file is derived from the name. */
  readonly name: string;

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

const KNOWN_KEYS = [
  'name',
  'id',
  'if',
  'continue-on-error',
  'timeout-minutes',
  'uses',
  'with',
  'env',
  'working-directory',
  'shell',
  'run',
];

/**
 * A set of checked values that form a step.
 *
 * @jsii ignore
 */
export interface StepContent extends StepProps {
  readonly script?: string;
  readonly shell?: Shell;
  readonly workingDirectory?: string;
  readonly tools?: JobTool[];
  readonly action?: Action;
  readonly with?: Record<string, string>;
}

/**
 * A step that belongs to a job.
 *
 * @example
 *
 * const compute = Step.run({ name: 'Compute', script: 'printf "version=%s\n" 1.0.0 >> "$GITHUB_OUTPUT"', outputs: ['version'] });
 * const build = Step.run({ name: 'Build', script: 'make VERSION="$VERSION"', env: { VERSION: compute.output('version') } });
 */
export class Step {
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
    if (props.action._is('actions/github-script') && props.with?.script?.includes('${{')) {
      throw ForgeError.of({
        code: 'FORGE-WF-031',
        message: `the script of step ${quoted(props.name)} holds "\${{": its text would become code`,
        fix: 'pass the expression by `env` and read process.env.NAME',
      });
    }
    return new Step({ ...props, with: { ...props.with } });
  }

  /**
   * Counter of steps, so that references can distinguish two steps with the same name. The counter is never in the
   * output.
   */
  private static made = 0;

  /** Name of the step in the log. */
  readonly name: string;

  /** @internal */
  readonly _overrides = new Overrides(KNOWN_KEYS);

  private readonly content: StepContent;
  private readonly number: number;

  private constructor(props: StepContent) {
    this.name = props.name;
    this.number = Step.made++;
    this.content = {
      ...props,
      tools: [...(props.tools ?? [])],
      env: { ...props.env },
      outputs: [...(props.outputs ?? [])],
    };
    this.check();
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

  private reference(member: string): string {
    return `\${{ steps['${this._token}'].${member} }}`;
  }

  private check(): void {
    const { id, env = {}, outputs = [], timeout, workingDirectory } = this.content;
    if (this.name.trim() === '' || /[\r\n]/.test(this.name)) {
      throw bad(this.name, 'a name is one line that says what the step does');
    }
    if (id !== undefined) {
      checkId(id, 'step');
    }
    outputs.forEach((output) => checkId(output, 'output'));
    checkEnv(env, `step ${quoted(this.name)}`);
    if (timeout) {
      minutes(timeout, `step ${quoted(this.name)}`);
    }
    if (workingDirectory === '') {
      throw bad(workingDirectory, 'leave workingDirectory out for the folder of the job');
    }
  }
}

/**
 * Checks the names of jobs, steps and outputs.
 *
 * @jsii ignore
 */
export function checkId(id: string, what: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/.test(id) && !id.startsWith('__')) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-021',
    message: `${quoted(id)} cannot be the id of a ${what}`,
    allowed: 'letters, digits, "_" and "-", first a letter or a single "_", at most 100',
    fix: `use an id such as build or build-image`,
    symptom: "IDs may only contain alphanumeric characters, '_', and '-'",
  });
}

/**
 * Checks the names of environment variables. Every shell must be able to read the name, and no runner may set the name
 * itself.
 *
 * @jsii ignore
 */
export function checkEnv(env: Record<string, string>, owner: string): void {
  const wrong = Object.keys(env).find(
    (name) =>
      !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ||
      /^(GITHUB|RUNNER|GITEA|FORGEJO)_(?!TOKEN$)/.test(name) ||
      /^ACTIONS_ALLOW_UNSECURE/.test(name) ||
      name === 'CI',
  );
  if (wrong === undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-032',
    message: `${quoted(wrong)} of ${owner} cannot be an environment variable`,
    allowed:
      'letters, digits and "_", first no digit; not CI, and none that begins with GITHUB_, GITEA_, FORGEJO_ or RUNNER_, which the runner sets',
    fix: 'name it otherwise',
  });
}

function bad(value: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-021', message: `${quoted(value)} cannot name a step or its folder`, fix });
}
