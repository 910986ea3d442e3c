import { Dialect } from '../../forge';
import { ForgeError, oneOf, Pin, PINS, quoted } from '../../support';
import { Action, ActionVersion } from './action';
import { ActionStepProps } from './action-props';
import { Condition } from '../expression/condition';
import { Step } from '../step';

/** Versions of the actions, by name. */
function versionsOf(pins: Record<string, Pin>): Record<string, ActionVersion> {
  return Object.fromEntries(
    Object.values(pins).map(({ name, version, commit }) => [name, { ref: version, sha: commit }]),
  );
}

/** Versions that define the inputs of `Actions`, and the last versions of the same actions that run on node20. */
const NEWEST = versionsOf(PINS.actions);
const ON_NODE20 = versionsOf(PINS.actionsOnNode20);

type InputValue = string | number | boolean | string[] | undefined;

/** The inputs and outputs of a ready-made action. */
interface ActionContent {
  readonly inputs: Record<string, InputValue>;
  readonly outputs: string[];
  /** Inputs that only the newest version has, with the names of the properties. */
  readonly newest?: Record<string, string>;
}

/**
 * Creates the step of a ready-made action. Without a version of the user, the runner of the job decides the version.
 *
 * @jsii ignore
 */
export function made(fullName: string, props: ActionStepProps, { inputs, outputs, newest = {} }: ActionContent): Step {
  const [owner, name] = fullName.split('/');
  const given = Object.entries(inputs).filter(
    (entry): entry is [string, Exclude<InputValue, undefined>] =>
      entry[1] !== undefined && !(Array.isArray(entry[1]) && entry[1].length === 0),
  );
  const content = {
    name: props.name,
    if: props.if,
    env: props.env,
    timeout: props.timeout,
    continueOnError: props.continueOnError,
    id: props.id,
    background: props.background,
    outputs: [...new Set([...outputs, ...(props.outputs ?? [])])],
    action: Action.repository(owner, name, props.version ?? NEWEST[fullName]),
    with: Object.fromEntries(given.map(([key, value]) => [key, textOf(value)])),
  };
  if (props.version !== undefined) {
    return Step.uses(content);
  }
  return Step._uses(content, (job) => {
    if (Dialect.of(job.repository.forge).runsNode24(job.runsOn?.capabilities.runnerVersion)) {
      return {};
    }
    const missing = Object.keys(newest).find((input) => input in content.with);
    if (missing !== undefined) {
      throw bad(
        `${newest[missing]} of ${fullName} needs ${NEWEST[fullName].ref}, which runs on node24: the runner of job ${quoted(job.id)} is not known to have it`,
        `remove ${newest[missing]}; or use a runner whose version is known and has node24; or set version`,
      );
    }
    return { action: Action.repository(owner, name, ON_NODE20[fullName]) };
  });
}

/**
 * Returns an input value as text, with lists as lines. The inputs accept no other separator that cannot occur in a
 * value.
 */
function textOf(value: string | number | boolean | string[]): string {
  if (!Array.isArray(value)) {
    return String(value);
  }
  return value.length === 1 ? value[0] : value.map((line) => `${line}\n`).join('');
}

/**
 * Returns a boolean input: a fixed value, or an expression that the run decides.
 *
 * @jsii ignore
 */
export function decided(
  input: string,
  value: boolean | undefined,
  condition: Condition | undefined,
): boolean | string | undefined {
  if (condition === undefined) {
    return value;
  }
  if (value !== undefined) {
    throw bad(`${input} and ${input}If are given`, 'give one of them');
  }
  return `\${{ ${condition._text} }}`;
}

/**
 * Returns the reference of a secret.
 *
 * @throws FORGE-WF-031 for a value in clear text
 *
 * @jsii ignore
 */
export function secret(value: string | undefined, what: string): string | undefined {
  if (value === undefined || /^\$\{\{ [^{}]+ \}\}$/.test(value)) {
    return value;
  }
  throw bad(`the ${what} stands in the program`, "put it into a secret of the forge and pass Expression.secret('…')");
}

/**
 * Checks that an input has one of the values that the action accepts.
 *
 * @throws FORGE-WF-031 otherwise
 *
 * @jsii ignore
 */
export function choice(input: string, value: string | undefined, allowed: string[]): void {
  if (value !== undefined && !allowed.includes(value)) {
    throw bad(`${quoted(value)} is no value of ${input}`, `use ${oneOf(allowed)}`);
  }
}

/**
 * Returns the error for an input that an action does not accept.
 *
 * @jsii ignore
 */
export function bad(message: string, fix: string, symptom?: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-031', message, fix, symptom });
}
