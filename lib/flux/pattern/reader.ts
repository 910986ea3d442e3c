import { ClassReader } from './classes';
import { charactersIn, charSource, literal, PatternMistake, PatternNode } from './node';

const FLAGS = /^\(\?([imsU]*)(?:-([imsU]+))?\)/;
const BRACES = /^\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}/;
const ASSERTIONS = { A: 'start', z: 'end', b: 'word', B: 'notWord' } as const;
const MOST_REPEATS = 1000;
const DEEPEST = 1000;

/** A part of the expression, with the largest number of repetitions inside the part. */
interface Read {
  readonly node: PatternNode;
  readonly repeats: number;
  /** The text is `\Q…\E`: a quantifier repeats its last character only. */
  readonly isQuotation?: boolean;
}

/** The flags that decide which characters match. */
interface Flags {
  readonly ignoresCase: boolean;
  readonly swapsGreed: boolean;
}

/** A recursive descent parser for regular expressions in the syntax of Go's `regexp`. */
export class PatternReader extends ClassReader {
  /** The names of the groups, in order. An unnamed group has the name ''. */
  readonly groups: string[] = [];
  private flagsNow: Flags = { ignoresCase: false, swapsGreed: false };
  private depth = 0;

  /**
   * Reads the whole expression.
   *
   * @throws PatternMistake
   */
  read(): PatternNode {
    const { node } = this.alternatives();
    if (this.at < this.text.length) {
      throw new PatternMistake('unexpected )');
    }
    return node;
  }

  /** Reads alternatives up to `)` or the end. Flags that are set inside end there. */
  private alternatives(): Read {
    const before = this.flagsNow;
    let repeats = 1;
    let items: PatternNode[] = [];
    const choices: PatternNode[][] = [items];
    if (++this.depth > DEEPEST) {
      throw new PatternMistake('expression nests too deeply');
    }
    while (this.at < this.text.length && !this.see(')')) {
      if (this.take('|')) {
        items = [];
        choices.push(items);
      } else {
        repeats = Math.max(repeats, this.repeated(items));
      }
    }
    this.depth -= 1;
    this.flagsNow = before;
    const sequences = choices.map((sequence): PatternNode => ({ kind: 'sequence', items: sequence }));
    return { node: sequences.length === 1 ? sequences[0] : { kind: 'choice', items: sequences }, repeats };
  }

  /**
   * Reads an operand and its quantifier onto the sequence, and returns the number of repetitions. Flags are not
   * operands: a quantifier after flags repeats the operand before the flags.
   */
  private repeated(items: PatternNode[]): number {
    const onlyFlags = this.flags();
    if (onlyFlags && items.length === 0) {
      return 1;
    }
    const { node, repeats, isQuotation } = onlyFlags ? { node: items.pop()!, repeats: 1 } : this.atom();
    const times = this.quantifier();
    if (times === undefined) {
      items.push(node);
      return repeats;
    }
    const total = repeats * Math.max(times.max === Infinity ? Math.max(times.min, 1) : times.max, 1);
    if (total > MOST_REPEATS) {
      throw new PatternMistake('invalid repeat count');
    }
    if (this.quantifier() !== undefined) {
      throw new PatternMistake('invalid nested repetition operator');
    }
    const quoted = isQuotation && node.kind === 'sequence' ? node.items : [node];
    items.push(...quoted.slice(0, -1));
    quoted.slice(-1).forEach((body) => items.push({ kind: 'repeat', body, ...times }));
    return total;
  }

  /** Reads a quantifier: `*`, `+`, `?` or `{n,m}`, lazy or not. */
  private quantifier(): { min: number; max: number; lazy: boolean } | undefined {
    let range: [number, number];
    if (this.take('*')) {
      range = [0, Infinity];
    } else if (this.take('+')) {
      range = [1, Infinity];
    } else if (this.take('?')) {
      range = [0, 1];
    } else {
      const braces = BRACES.exec(this.rest(32));
      if (!braces) {
        return undefined;
      }
      this.at += braces[0].length;
      const [low, high] = [Number(braces[1]), braces[3] === undefined ? Number(braces[1]) : Number(braces[3])];
      if (low > MOST_REPEATS || high > MOST_REPEATS || high < low) {
        throw new PatternMistake('invalid repeat count');
      }
      range = [low, braces[2] !== undefined && braces[3] === undefined ? Infinity : high];
    }
    const lazy = this.take('?') !== this.flagsNow.swapsGreed;
    return { min: range[0], max: range[1], lazy };
  }

  private atom(): Read {
    const c = this.text[this.at];
    if (c === '*' || c === '+' || c === '?') {
      throw new PatternMistake(`missing argument to repetition operator: ${c}`);
    }
    if (c === '(') {
      return this.group();
    }
    if (c === '[') {
      const { members, negated } = this.characterClass();
      return this.set(members, negated);
    }
    if (c === '\\') {
      return this.escape();
    }
    if (BRACES.test(this.rest(32))) {
      throw new PatternMistake('missing argument to repetition operator');
    }
    this.at += 1;
    if (c === '^' || c === '$') {
      return { node: { kind: 'assert', at: c === '^' ? 'start' : 'end' }, repeats: 1 };
    }
    return c === '.' ? this.set('\\u{0}-\\u{10FFFF}') : this.set(charSource(c.codePointAt(0)!));
  }

  private set(members: string, negated = false): Read {
    const chars = members === '' ? '' : charactersIn(members, this.flagsNow.ignoresCase, negated);
    return { node: { kind: 'set', chars }, repeats: 1 };
  }

  /** Reads flags such as `(?i)` and returns whether flags were found. Flags match no text themselves. */
  private flags(): boolean {
    const match = FLAGS.exec(this.rest(32));
    if (match === null) {
      return false;
    }
    this.at += match[0].length;
    this.setFlags(match[1], match[2]);
    return true;
  }

  private setFlags(on: string, off: string | undefined): void {
    const now = (flag: string, before: boolean) => (before || on.includes(flag)) && !off?.includes(flag);
    const { ignoresCase, swapsGreed } = this.flagsNow;
    this.flagsNow = { ignoresCase: now('i', ignoresCase), swapsGreed: now('U', swapsGreed) };
  }

  private group(): Read {
    const opening = this.rest(200);
    const name = /^\(\?P?<([A-Za-z0-9_]+)>/.exec(opening);
    const plain = /^\((?!\?)/.exec(opening);
    const uncaptured = /^\(\?([imsU]*)(?:-([imsU]+))?:/.exec(opening);
    const match = name ?? plain ?? uncaptured;
    if (!match) {
      throw new PatternMistake(`invalid or unsupported Perl syntax: ${opening.slice(0, 4)}`);
    }
    this.at += match[0].length;
    const index = match === uncaptured ? undefined : this.groups.push(name?.[1] ?? '') - 1;
    const before = this.flagsNow;
    if (uncaptured && match === uncaptured) {
      this.setFlags(uncaptured[1], uncaptured[2]);
    }
    const { node, repeats } = this.alternatives();
    this.flagsNow = before;
    if (!this.take(')')) {
      throw new PatternMistake('missing closing )');
    }
    return { node: { kind: 'group', index, body: node }, repeats };
  }

  private escape(): Read {
    const next = this.text[this.at + 1];
    if (next === undefined) {
      throw new PatternMistake('trailing backslash at end of expression');
    }
    if (next === 'Q') {
      return this.quotation();
    }
    if (next in ASSERTIONS) {
      this.at += 2;
      return { node: { kind: 'assert', at: ASSERTIONS[next as keyof typeof ASSERTIONS] }, repeats: 1 };
    }
    return this.set(this.classEscape());
  }

  private quotation(): Read {
    const text = this.text.slice(this.at + 2).join('');
    const end = text.indexOf('\\E');
    const body = end === -1 ? text : text.slice(0, end);
    this.at = end === -1 ? this.text.length : this.at + 2 + [...body].length + 2;
    return { node: literal(body, this.flagsNow.ignoresCase), repeats: 1, isQuotation: true };
  }
}
