import { IConstruct } from 'constructs';
import { withoutLibraryFrames } from './stack';
import { throwing } from './waiting';

/** A problem that is described so that the reader can fix it. */
export interface Problem {
  /** The stable code of the problem, in the format `FORGE-<ROOM>-<number>`, listed in docs/errors.md. */
  readonly code: string;

  /** The problem and the invalid value, on a single line, in lower case and without a full stop. */
  readonly message: string;

  /**
   * The accepted values.
   *
   * @default - left out; the fix says it all
   */
  readonly allowed?: string;

  /** The action that fixes the problem. */
  readonly fix: string;

  /**
   * The command in `fix`, for a person who runs it. A report prints the command without line breaks.
   *
   * @default - none, or commands between backticks
   */
  readonly command?: string;

  /**
   * The symptom at run time if the problem were not detected. If there is a well-known error, this is the text of that
   * error.
   *
   * @default - no known symptom
   */
  readonly symptom?: string;

  /**
   * The path of the construct that contains the problem.
   *
   * @default - the value was made outside any construct
   */
  readonly path?: string;

  /**
   * The file and line of the cdk8s app, for a value that belongs to no construct.
   *
   * @default - the first line of the app in the stack trace of the error
   */
  readonly place?: string;
}

/**
 * An error that reports all mistakes detected by the library. A single error contains all problems found.
 *
 * Catch the error by `code`, or read `problems`. The message is for people.
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
  /** Creates an error with a single problem at a construct. */
  static at(construct: IConstruct, problem: Problem): ForgeError {
    return new ForgeError([{ ...problem, path: problem.path ?? construct.node.path }]);
  }

  /** Creates an error with a single problem in a value that belongs to no construct. */
  static of(problem: Problem): ForgeError {
    return new ForgeError([problem]);
  }

  /** Runs `check` and returns the problems of the ForgeError that `check` throws. Any other error passes through. */
  static problemsIn(check: () => void, path?: string): Problem[] {
    try {
      throwing(check);
      return [];
    } catch (e) {
      if (e instanceof ForgeError) {
        return e.problems.map((p) => ({ ...p, path: p.path ?? path }));
      }
      throw e;
    }
  }

  /** All problems that were found. */
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

/**
 * A collection that gathers problems, so that a single run reports all problems.
 *
 * @jsii ignore
 */
export class Problems {
  private readonly found: Problem[] = [];

  constructor(private readonly path?: string) {}

  /** Records a problem. */
  add(problem: Problem): void {
    this.found.push({ ...problem, path: problem.path ?? this.path });
  }

  /** Runs a check that may throw a ForgeError, and records the problems of the error instead. */
  collect(check: () => void): void {
    this.found.push(...ForgeError.problemsIn(check, this.path));
  }

  /** All problems recorded so far. */
  get all(): Problem[] {
    return [...this.found];
  }

  /** Throws a ForgeError with all recorded problems, or does nothing if there are no problems. */
  throwIfAny(): void {
    if (this.found.length > 0) {
      throw new ForgeError(this.found);
    }
  }
}

/**
 * Returns a problem on a single line, for places that accept only a string, such as a construct's own `validate()`.
 *
 * @jsii ignore
 */
export function oneLine(problem: Problem): string {
  return `${problem.code}: ${problem.message}; fix: ${problem.fix}`;
}

/**
 * Returns the problems sorted by the path of their construct. Problems without a path come first.
 *
 * @jsii ignore
 */
export function sortedByPath(problems: readonly Problem[]): Problem[] {
  const key = ({ path: at }: Problem) => at ?? '';
  return [...problems].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function render(problems: Problem[]): string {
  const head = problems.length === 1 ? '' : `${problems.length} problems\n\n`;
  return head + sortedByPath(problems).map(renderProblem).join('\n\n');
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
