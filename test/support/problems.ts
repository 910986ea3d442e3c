import * as path from 'node:path';
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

/**
 * The codes of the ForgeError that `run` must throw. The texts, which a person has to understand, are held to a snapshot, so that a change
 * of a text is read as a change; not in a property, where they are other texts each time.
 */
export function codesOf(run: () => unknown): string[] {
  return readCodes(problemsOf(run));
}

function readCodes(problems: readonly Problem[]): string[] {
  if (problems.length > 0 && !isInProperty()) {
    expect(problems.map(textOf).join('\n')).toMatchSnapshot('refused');
  }
  return problems.map((problem) => problem.code);
}

function isInProperty(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 100;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return /fast-check/.test(stack);
}

const ROOT = path.join(__dirname, '..', '..');

/** What a person reads of a problem, without the directories of the machine. */
function textOf({ code, path: at, message, allowed, fix }: Problem): string {
  return [code, at, message, allowed && `allowed: ${allowed}`, `fix: ${fix}`]
    .filter((part) => part !== undefined)
    .join(' | ')
    .replaceAll(ROOT, '.')
    .replace(/[^\s"'`=:(]*cdk8s-forge-test-[A-Za-z0-9]{6}/g, '<folder>');
}

/** The codes of the ForgeError that `run` throws; none if it throws nothing. For a refusal beside its accepted neighbour. The texts are held, too. */
export function foundCodes(run: () => unknown): string[] {
  try {
    run();
  } catch (e) {
    if (e instanceof ForgeError) {
      return readCodes(e.problems);
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

/** The codes of the ForgeError with which a promise must end. The texts are held, too. */
export async function codesOfAsync(run: () => unknown): Promise<string[]> {
  try {
    await run();
  } catch (e) {
    if (e instanceof ForgeError) {
      return readCodes(e.problems);
    }
    throw e;
  }
  return [];
}
