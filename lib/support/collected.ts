import { Construct, IConstruct } from 'constructs';
import { currentFailures, Failures, failuresFor, recordFailure } from './failures';
import { ForgeError, Problem } from './forge-error';
import { callerPlace, isTopLevel } from './stack';
import { standInFor, standInValue } from './stand-in';
import { throwing } from './waiting';

/** The class whose constructor runs next, under watch. */
let entered: unknown;

/**
 * Returns whether this call of a constructor is the one that runs under watch.
 *
 * @jsii ignore
 */
export function isEntered(target: unknown): boolean {
  const isIt = entered !== undefined && entered === target;
  entered = isIt ? undefined : entered;
  return isIt;
}

/**
 * The call of a constructor in an app that collects failures.
 *
 * @jsii ignore
 */
export interface WatchedConstruction<T> {
  readonly type: { readonly prototype: T };
  readonly target: unknown;
  readonly args: ArrayLike<unknown>;
  readonly scope: IConstruct;
  readonly failures: Failures;
  /** Problems of the arguments. */
  readonly problems: readonly Problem[];
}

/**
 * Returns the construct, or a stand-in if it cannot be created. The tree then contains nothing of the construct.
 *
 * @jsii ignore
 */
export function collectedConstruction<T extends object>(call: WatchedConstruction<T>): T {
  const { type, target, args, scope, failures } = call;
  const before = new Set(scope.node.children);
  let { problems } = call;
  if (problems.length === 0) {
    try {
      return throwing(() => {
        entered = target;
        return Reflect.construct(type as never, Array.from(args), target as never) as T;
      });
    } catch (e) {
      problems = problemsOf(e, failures);
    } finally {
      entered = undefined;
    }
  }
  const unfinished = scope.node.children.filter((child) => !before.has(child));
  unfinished.forEach(({ node }) => scope.node.tryRemoveChild(node.id));
  const place = placeFor(scope, unfinished[0]?.node.id ?? args[1]);
  recordFailure(failures, placed(problems, place.node.path));
  failures.standIns.push(place);
  return standInFor(target as { readonly prototype: T }, place);
}

/**
 * Returns the result of a method. If the method fails, and an app collects what fails, returns a stand-in.
 *
 * @param around the object of the method, and its arguments
 *
 * @jsii ignore
 */
export function collectedCall(around: readonly unknown[], call: () => unknown): unknown {
  const ofConstruct = failuresFor(around);
  const failures = ofConstruct ?? currentFailures();
  if (!failures) {
    return call();
  }
  try {
    return throwing(call);
  } catch (e) {
    if (!ofConstruct && !(e instanceof ForgeError && isTopLevel())) {
      throw e;
    }
    const at = (around.find((each) => Construct.isConstruct(each)) as IConstruct | undefined) ?? failures.app;
    const path = ofConstruct ? at.node.path : undefined;
    recordFailure(failures, placed(problemsOf(e, failures), path));
    return standInValue(at);
  }
}

/** Returns the problems of an error. An error of another kind is ours to ignore only if it follows from a failure. */
function problemsOf(e: unknown, { problems }: Failures): readonly Problem[] {
  if (e instanceof ForgeError) {
    return e.problems;
  }
  if (problems.length === 0) {
    throw e;
  }

  return [];
}

/** Returns problems with the path of a construct, or the line of the program, for those that have none. */
function placed(problems: readonly Problem[], path: string | undefined): Problem[] {
  const place = path === undefined ? callerPlace() : undefined;
  return problems.map((problem) => ({ ...problem, path: problem.path ?? path, place: problem.place ?? place }));
}

/** Returns a construct that has its place in the tree, but is not in the tree. */
function placeFor(scope: IConstruct, id: unknown): Construct {
  let name = typeof id === 'string' && id !== '' ? id : 'unnamed';
  while (scope.node.tryFindChild(name)) {
    name += '-again';
  }
  const place = new Construct(scope as Construct, name);
  scope.node.tryRemoveChild(place.node.id);
  return place;
}
