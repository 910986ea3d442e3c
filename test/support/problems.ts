import { ForgeError, Problem } from '../../lib/support';

/** The problems of the ForgeError that `run` must throw. */
export function problemsOf(run: () => unknown): Problem[] {
  try {
    run();
  } catch (e) {
    if (e instanceof ForgeError) {
      return e.problems;
    }
    throw e;
  }
  throw new Error('expected a ForgeError, but nothing was thrown');
}

/** The codes of the ForgeError that `run` must throw. */
export function codesOf(run: () => unknown): string[] {
  return problemsOf(run).map((problem) => problem.code);
}

/** The codes of the ForgeError that `run` throws; none if it throws nothing. For a refusal beside its accepted neighbour. */
export function foundCodes(run: () => unknown): string[] {
  try {
    run();
  } catch (e) {
    if (e instanceof ForgeError) {
      return e.problems.map((problem) => problem.code);
    }
    throw e;
  }
  return [];
}

/**
 * What is accepted beside a refusal: its nearest neighbours, which differ from it in nothing but what is wrong. They must not throw.
 * `test/house/neighbours.test.ts` finds the tests that refuse and accept nothing.
 */
export function accepts(...neighbours: (() => unknown)[]): void {
  for (const neighbour of neighbours) {
    neighbour();
  }
}

/** The codes of the ForgeError with which a promise must end. */
export async function codesOfAsync(run: () => unknown): Promise<string[]> {
  try {
    await run();
  } catch (e) {
    if (e instanceof ForgeError) {
      return e.problems.map((problem) => problem.code);
    }
    throw e;
  }
  return [];
}
