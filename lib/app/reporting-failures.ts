import { IConstruct } from 'constructs';
import { problemsOfValidation } from '../model';
import {
  Failures,
  failuresOf,
  followsFromFailure,
  ForgeError,
  Problem,
  Problems,
  takeUnreported,
  throwing,
} from '../support';

/**
 * Plans an app. If constructs of the app could not be created, reports their problems, together with those of the rest
 * of the app that do not follow from them.
 *
 * @param found what planning finds, also if it stops half way
 * @throws a ForgeError with everything that is wrong
 * @jsii ignore
 */
export function reportingFailures<T>(app: IConstruct, found: Problems, plan: () => T): T {
  const failures = failuresOf(app);
  if (!failures || failures.problems.length === 0) {
    return throwing(plan);
  }
  takeUnreported(failures);
  try {
    throwing(plan);
  } catch (e) {
    // An error of another kind comes from a stand-in.
    (e instanceof ForgeError ? e.problems : []).forEach((problem) => found.add(problem));
  }
  const others = [...found.all, ...problemsBelow(failures)].filter((problem) => !followsFromFailure(failures, problem));
  throw new ForgeError(distinct([...failures.problems, ...others]));
}

/** Returns what the constructs say that the program created below stand-ins, which are not part of the tree. */
function problemsBelow({ standIns }: Failures): Problem[] {
  return standIns.flatMap((standIn) =>
    standIn.node
      .findAll()
      .slice(1)
      .flatMap((construct) => {
        try {
          return throwing(() => problemsOfValidation(construct));
        } catch {
          return [];
        }
      }),
  );
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
