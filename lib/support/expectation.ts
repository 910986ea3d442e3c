import { command, Command } from './command';

/**
 * An expected result that a program can compare with the result of a command.
 *
 * @jsii ignore
 */
export interface Expectation {
  /** The exit code. @default 0 */
  readonly exitCode?: number;
  /** A regular expression (ECMAScript) that the standard output must match. @default - any output */
  readonly stdoutMatches?: string;
}

/**
 * The machine-readable part of a check.
 *
 * @jsii ignore
 */
export interface Expected {
  readonly run: Command[];
  readonly expect: Expectation;
}

/**
 * Returns the expectation that the commands succeed, whatever they print.
 *
 * @jsii ignore
 */
export function succeeds(): Expectation {
  return { exitCode: 0 };
}

/**
 * Returns the expected result of a command that prints a text, literally.
 *
 * @jsii ignore
 */
export function prints(...texts: readonly string[]): Expectation {
  return { exitCode: 0, stdoutMatches: anyOf(texts) };
}

/**
 * Returns a regular expression for one of the texts, literally.
 *
 * @jsii ignore
 */
export function anyOf(texts: readonly string[]): string {
  const literal = texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return literal.length === 1 ? literal[0] : `(?:${literal.join('|')})`;
}

/**
 * Returns the machine-readable part of a check: objects of a kind have the condition.
 *
 * @param kubectl the command with its namespace
 * @param objects the objects, for example `job/smoke`, or `jobs --selector app=x`
 *
 * @jsii ignore
 */
export function awaits(kubectl: Command, objects: Command, condition = 'Ready'): Expected {
  return { run: [command`${kubectl} wait ${objects} --for condition=${condition} --timeout 1m`], expect: succeeds() };
}
