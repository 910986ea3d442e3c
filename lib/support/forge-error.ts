import * as path from 'node:path';
import { IConstruct } from 'constructs';

/**
 * One thing that is wrong, said so that the reader can mend it.
 */
export interface Problem {
  /**
   * Stable code of the form `FORGE-<ROOM>-<number>`, listed in docs/errors.md.
   */
  readonly code: string;

  /**
   * What is wrong, with the value that was given, in one line: lower case, no full stop.
   */
  readonly message: string;

  /**
   * What would be accepted.
   *
   * @default - left out; the fix says it all
   */
  readonly allowed?: string;

  /**
   * What to do.
   */
  readonly fix: string;

  /**
   * What one would see at run time, had this not been found: the text of the famous error, if there is one.
   *
   * @default - no known symptom
   */
  readonly symptom?: string;

  /**
   * Path of the construct that the problem is in.
   *
   * @default - the value was made outside any construct
   */
  readonly path?: string;
}

/**
 * Thrown for every mistake that the library can see: one error, all the problems that were found.
 *
 * Catch it by `code`, or read `problems`; the message is for people.
 *
 * @example
 *
 * try {
 *   app.synth();
 * } catch (e) {
 *   if (e instanceof ForgeError) { e.problems.forEach((p) => console.error(p.code, p.path, p.message)); }
 * }
 *
 * @jsii ignore
 */
export class ForgeError extends Error {
  /**
   * An error with one problem, at a construct.
   */
  static at(construct: IConstruct, problem: Problem): ForgeError {
    return new ForgeError([{ ...problem, path: problem.path ?? construct.node.path }]);
  }

  /**
   * An error with one problem, in a value that belongs to no construct.
   */
  static of(problem: Problem): ForgeError {
    return new ForgeError([problem]);
  }

  /**
   * Runs `check` and returns the problems of the ForgeError it throws; any other error passes through.
   */
  static problemsIn(check: () => void, path?: string): Problem[] {
    try {
      check();
      return [];
    } catch (e) {
      if (e instanceof ForgeError) {
        return e.problems.map((p) => ({ ...p, path: p.path ?? path }));
      }
      throw e;
    }
  }

  /**
   * Everything that is wrong.
   */
  readonly problems!: Problem[];

  /**
   * The code of the first problem.
   */
  readonly code!: string;

  constructor(problems: Problem[]) {
    super(render(problems));
    this.name = 'ForgeError';
    // Not enumerable, or Node would print them once more below an uncaught error's message.
    Object.defineProperty(this, 'problems', { value: [...problems], enumerable: false });
    Object.defineProperty(this, 'code', { value: problems[0]?.code ?? 'FORGE', enumerable: false });
    this.stack = withoutLibraryFrames(this.stack ?? '');
  }
}

const LIBRARY = path.join(__dirname, '..') + path.sep;

/** What is left of a stack without the library's own lines and Node's: the line of the program that made the mistake. */
function withoutLibraryFrames(stack: string): string {
  const frame = (line: string) => /^\s+at /.test(line);
  const foreign = (line: string) =>
    line.includes(LIBRARY) || line.includes('node:') || line.includes(`${path.sep}node_modules${path.sep}`);
  return stack
    .split('\n')
    .filter((line) => !frame(line) || !foreign(line))
    .join('\n');
}

/**
 * Gathers problems, so that one run reports them all.
 *
 * @jsii ignore
 */
export class Problems {
  private readonly found: Problem[] = [];

  constructor(private readonly path?: string) {}

  /** Notes a problem. */
  add(problem: Problem): void {
    this.found.push({ ...problem, path: problem.path ?? this.path });
  }

  /** Runs a check that may throw a ForgeError, and notes its problems instead. */
  collect(check: () => void): void {
    this.found.push(...ForgeError.problemsIn(check, this.path));
  }

  /** What has been noted so far. */
  get all(): Problem[] {
    return [...this.found];
  }

  /** Throws one ForgeError with all that was noted; does nothing if there is nothing. */
  throwIfAny(): void {
    if (this.found.length > 0) {
      throw new ForgeError(this.found);
    }
  }
}

/**
 * A problem on one line, for places that hold only a string, such as a construct's own `validate()`.
 *
 * @jsii ignore
 */
export function oneLine(problem: Problem): string {
  return `${problem.code}: ${problem.message}; fix: ${problem.fix}`;
}

function render(problems: Problem[]): string {
  const head = problems.length === 1 ? '' : `${problems.length} problems\n\n`;
  return head + problems.map(renderProblem).join('\n\n');
}

function renderProblem(p: Problem): string {
  const lines = [p.code + (p.path ? ` at ${p.path}` : ''), `  ${p.message}`];
  if (p.allowed) {
    lines.push(`  allowed: ${p.allowed}`);
  }
  lines.push(`  fix: ${p.fix}`);
  if (p.symptom) {
    lines.push(`  at run time this is: ${p.symptom}`);
  }
  return lines.join('\n');
}
