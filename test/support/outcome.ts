import { ForgeError, Problem } from '../../lib/support';

/** What a parser made of a value: its result, or the problems of its ForgeError. Any other error is the test's failure. */
export function outcomeOf<T>(run: () => T): { value: T } | { problems: Problem[] } {
  try {
    return { value: run() };
  } catch (e) {
    if (e instanceof ForgeError) {
      return { problems: e.problems };
    }
    throw e;
  }
}
