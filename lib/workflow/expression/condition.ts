import { ForgeError, quoted } from '../../support';
import { parseExpression } from './syntax';
import { literal, operand } from './template';

/** Conditions that are true more often than they appear to be. */
const UNSOUND = [
  {
    pattern: /contains\(\s*'/i,
    why: 'looks for a value inside a fixed text, so that a part of a word is found too',
    fix: "ask for one of several: Condition.oneOf(value, ['main', 'develop'])",
  },
  {
    pattern: /github\.(?:triggering_)?actor\s*==\s*'[^']*\[bot\]'|'[^']*\[bot\]'\s*==\s*github\.(?:triggering_)?actor/i,
    why: 'trusts the last one who did something to the pull request, which need not be who wrote it',
    fix: "ask who wrote it: Condition.equal(Expression.event('pull_request.user.login'), '…[bot]')",
  },
];

/**
 * A condition that decides whether a job or a step runs.
 *
 * Operands are values of the workflow: plain text, or text with expressions. Comparison ignores case, as in the forges.
 * A choice between two values (`a && b || c`) is not supported: the choice fails when `b` is empty. Compute such a
 * value in a step.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
 *
 * @example
 *
 * const release = Condition.onBranch('main').and(Condition.event('push'));
 */
export class Condition {
  /** A condition that is true regardless of earlier results, including after a cancellation. */
  static readonly ALWAYS = new Condition('always()', true);
  /** A condition that is true if the run was cancelled. */
  static readonly CANCELLED = new Condition('cancelled()', true);
  /** A condition that is true if an earlier step or job failed. */
  static readonly FAILURE = new Condition('failure()', true);
  /** A condition that is true regardless of earlier results, unless the run was cancelled. */
  static readonly NOT_CANCELLED = new Condition('!cancelled()', true);
  /** A condition that is true if all earlier steps or jobs succeeded, the default without a condition. */
  static readonly SUCCESS = new Condition('success()', true);

  /** Returns a condition that is true if both values are equal, ignoring case. A boolean is equal to its text. */
  static equal(left: string, right: string): Condition {
    return Condition.checked(comparable(left, right).join(' == '));
  }

  /** Returns a condition that is true if the values differ in more than case. A boolean is equal to its text. */
  static notEqual(left: string, right: string): Condition {
    return Condition.checked(comparable(left, right).join(' != '));
  }

  /** Returns a condition that is true if the value is true: a boolean, or the text `true`. */
  static isTrue(value: string): Condition {
    return Condition.checked(`format('{0}', ${operand(value)}) == 'true'`);
  }

  /** Returns a condition that is true if the text starts with another text. */
  static startsWith(text: string, start: string): Condition {
    return Condition.checked(`startsWith(${operand(text)}, ${operand(start)})`, true);
  }

  /** Returns a condition that is true if the text ends with another text. */
  static endsWith(text: string, end: string): Condition {
    return Condition.checked(`endsWith(${operand(text)}, ${operand(end)})`, true);
  }

  /**
   * Returns a condition that is true if the text contains another text. To check whether a value is in a list of
   * values, use `oneOf`.
   */
  static contains(text: string, part: string): Condition {
    return Condition.checked(`contains(${operand(text)}, ${operand(part)})`, true);
  }

  /** Returns a condition that is true if the value is in a list of values. */
  static oneOf(value: string, choices: string[]): Condition {
    const one = choices.some(isBooleanText) ? asText(operand(value)) : operand(value);
    return Condition.checked(`contains(fromJSON(${literal(JSON.stringify(choices))}), ${one})`, true);
  }

  /** Returns a condition that is true if the run is for a branch. */
  static onBranch(branch: string): Condition {
    return Condition.equal('${{ github.ref }}', `refs/heads/${branch}`);
  }

  /** Returns a condition that is true if the run is for a tag. */
  static onTag(): Condition {
    return Condition.startsWith('${{ github.ref }}', 'refs/tags/');
  }

  /** Returns a condition that is true if an event in the list started the run, for example `push`. */
  static event(...names: string[]): Condition {
    const all = names.map((name) => Condition.equal('${{ github.event_name }}', name));
    return all.length === 1 ? all[0] : Condition.joined(all, '||');
  }

  /**
   * Returns a condition from any other expression, without `${{ }}`. The expression is parsed immediately.
   *
   * @throws FORGE-WF-010 for text that is no expression, FORGE-WF-011 for an unknown context or function, FORGE-WF-037 if it has one value for ever, FORGE-WF-047 if it holds more often than it seems to
   */
  static raw(text: string): Condition {
    return Condition.checked(text);
  }

  private static checked(text: string, atom = false): Condition {
    if (parseExpression(text).constant) {
      throw ForgeError.of({
        code: 'FORGE-WF-037',
        message: `the condition ${quoted(text)} always has the same value`,
        fix: "compare something that the run decides, e.g. Condition.onBranch('main'); to run always, use Condition.ALWAYS",
      });
    }
    const unsound = UNSOUND.find(({ pattern }) => pattern.test(text));
    if (unsound) {
      throw ForgeError.of({
        code: 'FORGE-WF-047',
        message: `the condition ${quoted(text)} ${unsound.why}`,
        fix: unsound.fix,
      });
    }
    return new Condition(text, atom);
  }

  private static joined(all: Condition[], operator: string): Condition {
    return new Condition(all.map((condition) => condition.operand).join(` ${operator} `), false);
  }

  private constructor(
    private readonly text: string,
    private readonly atom: boolean,
  ) {}

  /** Returns a condition that is true if this condition and all the others are true. */
  and(...others: Condition[]): Condition {
    return Condition.joined([this, ...others], '&&');
  }

  /** Returns a condition that is true if this condition or at least one of the others is true. */
  or(...others: Condition[]): Condition {
    return Condition.joined([this, ...others], '||');
  }

  /** Returns a condition that is true if this condition is false. */
  not(): Condition {
    return new Condition(`!${this.operand}`, true);
  }

  private get operand(): string {
    return this.atom ? this.text : `(${this.text})`;
  }

  /**
   * The expression, with unresolved references.
   *
   * @internal
   */
  get _text(): string {
    return this.text;
  }
}

/** Returns both operands of a comparison. What may be a boolean is compared as text with `true` and `false`. */
function comparable(left: string, right: string): [string, string] {
  return [
    isBooleanText(right) ? asText(operand(left)) : operand(left),
    isBooleanText(left) ? asText(operand(right)) : operand(right),
  ];
}

function isBooleanText(text: string): boolean {
  return /^(?:true|false)$/i.test(text);
}

/**
 * Returns an operand as text if it may be a boolean. Outputs, variables and secrets are always text. A boolean and a
 * text are never equal.
 */
function asText(operand: string): string {
  return /^(?:inputs|github\.event)\b|^\(|^(?:contains|startsWith|endsWith|fromJSON)\(/i.test(operand)
    ? `format('{0}', ${operand})`
    : operand;
}
