import { ForgeError, quoted } from '../../support';
import { parseExpression } from './syntax';
import { literal, operand } from './template';

/** Conditions that hold more often than they seem to. */
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
 * When a job or a step runs.
 *
 * Operands are values of the workflow: plain text, or text with expressions. Comparison ignores case, as the forges do. There is
 * no choice between two values (`a && b || c`): it goes wrong when `b` is empty; compute such a value in a step.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
 *
 * @example
 *
 * const release = Condition.onBranch('main').and(Condition.event('push'));
 */
export class Condition {
  /** Whatever happened before, also after a cancellation. */
  static readonly ALWAYS = new Condition('always()', true);
  /** If the run was cancelled. */
  static readonly CANCELLED = new Condition('cancelled()', true);
  /** If something before it failed. */
  static readonly FAILURE = new Condition('failure()', true);
  /** Whatever happened before, unless the run was cancelled. */
  static readonly NOT_CANCELLED = new Condition('!cancelled()', true);
  /** If everything before it went well: what holds without a condition. */
  static readonly SUCCESS = new Condition('success()', true);

  /** Both are the same, whatever their case. */
  static equal(left: string, right: string): Condition {
    return Condition.checked(`${operand(left)} == ${operand(right)}`);
  }

  /** They differ in more than their case. */
  static notEqual(left: string, right: string): Condition {
    return Condition.checked(`${operand(left)} != ${operand(right)}`);
  }

  /** The value is true: a boolean, or the text `true`. */
  static isTrue(value: string): Condition {
    return Condition.checked(`format('{0}', ${operand(value)}) == 'true'`);
  }

  /** The text begins with another. */
  static startsWith(text: string, start: string): Condition {
    return Condition.checked(`startsWith(${operand(text)}, ${operand(start)})`, true);
  }

  /** The text ends with another. */
  static endsWith(text: string, end: string): Condition {
    return Condition.checked(`endsWith(${operand(text)}, ${operand(end)})`, true);
  }

  /** The text holds another somewhere. To ask whether a value is one of several, use `oneOf`. */
  static contains(text: string, part: string): Condition {
    return Condition.checked(`contains(${operand(text)}, ${operand(part)})`, true);
  }

  /** The value is one of several. */
  static oneOf(value: string, choices: string[]): Condition {
    return Condition.checked(`contains(fromJSON(${literal(JSON.stringify(choices))}), ${operand(value)})`, true);
  }

  /** The run is for a branch. */
  static onBranch(branch: string): Condition {
    return Condition.equal('${{ github.ref }}', `refs/heads/${branch}`);
  }

  /** The run is for a tag. */
  static onTag(): Condition {
    return Condition.startsWith('${{ github.ref }}', 'refs/tags/');
  }

  /** One of these events started the run, e.g. `push`. */
  static event(...names: string[]): Condition {
    const all = names.map((name) => Condition.equal('${{ github.event_name }}', name));
    return all.length === 1 ? all[0] : Condition.joined(all, '||');
  }

  /**
   * Any other expression, without `${{ }}`. It is parsed at once.
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

  /** This one and all the others hold. */
  and(...others: Condition[]): Condition {
    return Condition.joined([this, ...others], '&&');
  }

  /** This one or one of the others holds. */
  or(...others: Condition[]): Condition {
    return Condition.joined([this, ...others], '||');
  }

  /** This one does not hold. */
  not(): Condition {
    return new Condition(`!${this.operand}`, true);
  }

  private get operand(): string {
    return this.atom ? this.text : `(${this.text})`;
  }

  /**
   * The expression, with references in it as they are made.
   *
   * @internal
   */
  get _text(): string {
    return this.text;
  }
}
