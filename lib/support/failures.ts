import { Construct, IConstruct } from 'constructs';
import { Problem } from './forge-error';
import { isStandIn, STAND_IN_TEXT } from './stand-in';
import { isAwaited } from './waiting';

const FAILURES = 'cdk8s-forge:failures';

/**
 * Findings that something is missing or cannot be rendered. They may only follow from a construct that could not be
 * created.
 */
const MAY_FOLLOW = [
  'FORGE-APP-006',
  'FORGE-APP-007',
  'FORGE-APP-010',
  'FORGE-APP-011',
  'FORGE-APP-015',
  'FORGE-BK-009',
  'FORGE-FLUX-002',
  'FORGE-FLUX-013',
  'FORGE-FLUX-042',
  'FORGE-KUBE-002',
  'FORGE-NAME-002',
  'FORGE-NAME-003',
  'FORGE-REG-017',
  'FORGE-RULE-003',
  'FORGE-WF-018',
  'FORGE-WF-038',
  'FORGE-YAML-001',
];

/** Problems that no one has reported yet. */
const unreported = new Set<Failures>();

/** The failures of the newest app, until that app is synthesized. */
let current: Failures | undefined;

/**
 * The problems of the constructs of an app that could not be created.
 *
 * @jsii ignore
 */
export interface Failures {
  readonly app: IConstruct;
  readonly problems: Problem[];
  /** Constructs in place of those that could not be created. They are not in the tree. */
  readonly standIns: IConstruct[];
}

/**
 * Lets an app collect the problems of its constructs until it is synthesized. A constructor or method that fails
 * records its problems, and the program goes on with a stand-in.
 *
 * @jsii ignore
 */
export function collectFailures(app: IConstruct): void {
  const failures: Failures = { app, problems: [], standIns: [] };
  app.node.setContext(FAILURES, failures);
  current = failures;
}

/**
 * Returns the failures of the app that the program is about to describe, for values that belong to no construct.
 *
 * @jsii ignore
 */
export function currentFailures(): Failures | undefined {
  return isAwaited() ? undefined : current;
}

/**
 * Returns where to record what fails in a call, or undefined if the call must throw: the app of no argument collects, or
 * a caller waits for the error.
 *
 * @jsii ignore
 */
export function failuresFor(candidates: readonly unknown[]): Failures | undefined {
  if (isAwaited()) {
    return undefined;
  }
  const construct = candidates.find((each) => Construct.isConstruct(each) || isStandIn(each));
  return construct === undefined ? undefined : failuresOf(construct as IConstruct);
}

/**
 * Returns what the app of a construct has collected, or undefined if the app does not collect.
 *
 * @jsii ignore
 */
export function failuresOf(construct: IConstruct): Failures | undefined {
  return construct.node.tryGetContext(FAILURES) as Failures | undefined;
}

/**
 * Records problems, without those that only follow from another failure.
 *
 * @jsii ignore
 */
export function recordFailure(failures: Failures, problems: readonly Problem[]): void {
  failures.problems.push(...problems.filter((problem) => !followsFromFailure(failures, problem)));
  unreported.add(failures);
}

/**
 * Returns whether a problem may only exist because a construct could not be created.
 *
 * @jsii ignore
 */
export function followsFromFailure(
  { problems, standIns }: Failures,
  { message, allowed, fix, code }: Problem,
): boolean {
  if ((problems.length > 0 || standIns.length > 0) && MAY_FOLLOW.includes(code)) {
    return true;
  }
  const text = [message, allowed, fix].join(' ');
  const isNamed = ({ node }: IConstruct) =>
    text.includes(JSON.stringify(node.path)) || (node.path.includes('/') && text.includes(node.path));
  return text.includes(STAND_IN_TEXT) || (!code.startsWith('FORGE-ARG-') && standIns.some(isNamed));
}

/**
 * Returns the problems that were collected and not reported, of all apps or of one, and counts them as reported.
 *
 * @jsii ignore
 */
export function takeUnreported(only?: Failures): Problem[] {
  const taken = [...unreported].filter((each) => only === undefined || each === only);
  taken.forEach((each) => unreported.delete(each));
  current = only === undefined || only === current ? undefined : current;
  return taken.flatMap(({ problems }) => problems);
}
