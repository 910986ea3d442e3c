import { ForgeError, quoted } from '../../support';

/**
 * A regular expression that is parsed according to Go's rules.
 *
 * @jsii ignore
 */
export interface Re2 {
  /** The names of the groups, in order. An unnamed group has the name ''. */
  readonly groups: string[];
  /** The text inside each group, in order. */
  readonly bodies: string[];
}

/**
 * Parses a regular expression in the syntax of Go's `regexp`, which Flux uses. JavaScript supports a different syntax:
 * look-around and back-references, which Go does not support. JavaScript does not support `(?P<name>…)`. Measured
 * cases: test/flux/fixtures/re2.json.
 *
 * @throws FORGE-FLUX-007 for what Go would refuse
 * @jsii ignore
 */
export function parseRe2(pattern: string): Re2 {
  const found = tryParseRe2(pattern);
  if (typeof found !== 'string') {
    return found;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-007',
    message: `${quoted(pattern)} is not a regular expression that Flux takes: ${found}`,
    allowed: "Go's syntax (RE2): no look-ahead or look-behind, no back-references",
    fix: 'say it without, e.g. with a filter that is anchored: ^main-(?P<n>[0-9]+)$',
    symptom: 'ImagePolicy: Stalled, InvalidPolicy, error parsing regexp',
  });
}

/**
 * Parses a regular expression and returns the problem as text if the expression is invalid.
 *
 * @jsii ignore
 */
export function tryParseRe2(pattern: string): Re2 | string {
  try {
    return new Reader(pattern).read();
  } catch (e) {
    if (e instanceof Mistake) {
      return e.message;
    }
    throw e;
  }
}

class Mistake extends Error {}

const POSIX = [
  'alnum',
  'alpha',
  'ascii',
  'blank',
  'cntrl',
  'digit',
  'graph',
  'lower',
  'print',
  'punct',
  'space',
  'upper',
  'word',
  'xdigit',
];
const ESCAPES = 'dDsSwW';
const EMPTY_WIDTH = 'AbBz';
const CONTROLS = 'afnrtv';
const FLAGS = /^\(\?[imsU]*(?:-[imsU]+)?\)/;
const ONLY_FLAGS = new RegExp(`${FLAGS.source}$`);
const MOST_REPEATS = 1000;
const DEEPEST = 1000;

/** A recursive descent parser that reads the code points of a regular expression. */
class Reader {
  private readonly text: string[];
  private readonly groups: string[] = [];
  private readonly bodies: string[] = [];
  private at = 0;
  private depth = 0;

  constructor(pattern: string) {
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(pattern)) {
      throw new Mistake('invalid UTF-8');
    }
    this.text = [...pattern];
  }

  read(): Re2 {
    this.alternatives();
    if (this.at < this.text.length) {
      throw new Mistake('unexpected )');
    }
    return { groups: this.groups, bodies: this.bodies };
  }

  /** Reads alternatives up to `)` or the end, and returns the largest number of repetitions inside them. */
  private alternatives(): number {
    let repeats = 1;
    let hasOperand = false;
    if (++this.depth > DEEPEST) {
      throw new Mistake('expression nests too deeply');
    }
    while (this.at < this.text.length && !this.see(')')) {
      if (this.take('|')) {
        hasOperand = false;
      } else {
        const start = this.at;
        repeats = Math.max(repeats, this.repeated(hasOperand));
        hasOperand ||= !ONLY_FLAGS.test(this.text.slice(start, this.at).join(''));
      }
    }
    this.depth -= 1;
    return repeats;
  }

  /**
   * Reads an operand and its quantifier, and returns the number of repetitions. Flags are not operands: a quantifier
   * after flags repeats the operand before the flags.
   */
  private repeated(hasOperand: boolean): number {
    const onlyFlags = this.flags();
    if (onlyFlags && !hasOperand) {
      return 1;
    }
    const inner = onlyFlags ? 1 : this.atom();
    const times = this.quantifier();
    if (times === undefined) {
      return inner;
    }
    const total = inner * Math.max(times, 1);
    if (total > MOST_REPEATS) {
      throw new Mistake('invalid repeat count');
    }
    if (this.quantifier() !== undefined) {
      throw new Mistake('invalid nested repetition operator');
    }
    return total;
  }

  /**
   * Reads a quantifier and returns its number of repetitions, or undefined if there is no quantifier. The quantifiers
   * are `*`, `+`, `?` and `{n,m}`, lazy or not.
   */
  private quantifier(): number | undefined {
    let count: number | undefined;
    if (this.take('*') || this.take('+') || this.take('?')) {
      count = 1;
    } else {
      const braces = /^\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}/.exec(this.rest(32));
      if (!braces) {
        return undefined;
      }
      this.at += braces[0].length;
      const [low, high] = [Number(braces[1]), braces[3] === undefined ? Number(braces[1]) : Number(braces[3])];
      if (low > MOST_REPEATS || high > MOST_REPEATS || high < low) {
        throw new Mistake('invalid repeat count');
      }
      count = high;
    }
    this.take('?');
    return count;
  }

  private atom(): number {
    const c = this.text[this.at];
    if (c === '*' || c === '+' || c === '?') {
      throw new Mistake(`missing argument to repetition operator: ${c}`);
    }
    if (c === '(') {
      return this.group();
    }
    if (c === '[') {
      this.characterClass();
      return 1;
    }
    if (c === '\\') {
      this.escape();
      return 1;
    }
    if (/^\{(?:0|[1-9][0-9]*)(?:,(?:0|[1-9][0-9]*)?)?\}/.test(this.rest(32))) {
      throw new Mistake('missing argument to repetition operator');
    }
    this.at += 1;
    return 1;
  }

  /** Reads flags such as `(?i)` and returns whether flags were found. Flags match no text themselves. */
  private flags(): boolean {
    const match = FLAGS.exec(this.rest(32));
    this.at += match ? match[0].length : 0;
    return match !== null;
  }

  private group(): number {
    const opening = this.rest(200);
    const name = /^\(\?P?<([A-Za-z0-9_]+)>/.exec(opening);
    const plain = /^\((?!\?)/.exec(opening);
    const uncaptured = /^\(\?[imsU]*(?:-[imsU]+)?:/.exec(opening);
    const match = name ?? plain ?? uncaptured;
    if (!match) {
      throw new Mistake(`invalid or unsupported Perl syntax: ${opening.slice(0, 4)}`);
    }
    this.at += match[0].length;
    const index = this.groups.length;
    if (match !== uncaptured) {
      this.name(name?.[1] ?? '');
    }
    const start = this.at;
    const repeats = this.alternatives();
    if (match !== uncaptured) {
      this.bodies[index] = this.text.slice(start, this.at).join('');
    }
    if (!this.take(')')) {
      throw new Mistake('missing closing )');
    }
    return repeats;
  }

  private name(name: string): void {
    this.groups.push(name);
    this.bodies.push('');
  }

  private characterClass(): void {
    this.at += 1;
    this.take('^');
    for (let first = true; first || !this.see(']'); first = false) {
      if (this.at >= this.text.length) {
        throw new Mistake('missing closing ]');
      }
      if (!this.posix()) {
        this.span();
      }
    }
    this.at += 1;
  }

  /** Reads a character class member, or two members with a dash between them. */
  private span(): void {
    const low = this.member();
    if (low === undefined || !this.isRange()) {
      return;
    }
    this.at += 1;
    const high = this.member(true);
    if (high === undefined || high < low) {
      throw new Mistake('invalid character class range');
    }
  }

  /** Returns whether the next character is a dash that forms a range. The last dash in a class is literal. */
  private isRange(): boolean {
    return this.see('-') && this.text[this.at + 1] !== ']' && this.text[this.at + 1] !== undefined;
  }

  private posix(): boolean {
    const match = /^\[:(\^?)([^\]]*?):\]/.exec(this.rest(40));
    if (!match) {
      return false;
    }
    if (!POSIX.includes(match[2])) {
      throw new Mistake(`invalid character class range: ${match[0]}`);
    }
    this.at += match[0].length;
    return true;
  }

  /** Reads a character class member and returns its code point, or undefined for a class inside the class. */
  private member(endsRange = false): number | undefined {
    const c = this.text[this.at];
    if (c === undefined) {
      throw new Mistake('missing closing ]');
    }
    if (c !== '\\') {
      this.at += 1;
      return c.codePointAt(0)!;
    }
    if (ESCAPES.includes(this.text[this.at + 1] ?? ' ') || 'pP'.includes(this.text[this.at + 1] ?? ' ')) {
      if (endsRange) {
        throw new Mistake('invalid character class range');
      }
      this.escape();
      return undefined;
    }
    return this.literalEscape();
  }

  private escape(): void {
    const next = this.text[this.at + 1];
    if (next === undefined) {
      throw new Mistake('trailing backslash at end of expression');
    }
    if (next === 'Q') {
      this.quotation();
      return;
    }
    if (next === 'p' || next === 'P') {
      this.unicode();
      return;
    }
    if (ESCAPES.includes(next) || EMPTY_WIDTH.includes(next)) {
      this.at += 2;
      return;
    }
    this.literalEscape();
  }

  private quotation(): void {
    const text = this.text.slice(this.at + 2).join('');
    const end = text.indexOf('\\E');
    this.at = end === -1 ? this.text.length : this.at + 2 + [...text.slice(0, end)].length + 2;
  }

  private unicode(): void {
    const match = /^\\[pP](?:\{\^?([^}]*)\}|([^{]))/u.exec(this.rest(60));
    if (!match || !isUnicodeClass(match[1] ?? match[2])) {
      throw new Mistake('invalid character class range');
    }
    this.at += [...match[0]].length;
  }

  private literalEscape(): number {
    const rest = this.rest(16);
    const hex = /^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest);
    const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
    const match = hex ?? octal ?? /^\\([!-/:-@[-`{-~]|[afnrtv])/.exec(rest);
    if (!match) {
      throw new Mistake(`invalid escape sequence: ${rest.slice(0, 2)}`);
    }
    this.at += match[0].length;
    if (octal && !hex) {
      return parseInt(match[1], 8);
    }
    if (!hex) {
      return CONTROLS.includes(match[1])
        ? '\x07\f\n\r\t\v'.codePointAt(CONTROLS.indexOf(match[1]))!
        : match[1].codePointAt(0)!;
    }
    const point = parseInt(hex[1] ?? hex[2], 16);
    if (point > 0x10ffff) {
      throw new Mistake('invalid escape sequence');
    }
    return point;
  }

  private rest(length: number): string {
    return this.text.slice(this.at, this.at + length).join('');
  }

  private see(c: string): boolean {
    return this.text[this.at] === c;
  }

  private take(c: string): boolean {
    if (!this.see(c)) {
      return false;
    }
    this.at += 1;
    return true;
  }
}

/**
 * The scripts whose full name has four letters. JavaScript accepts every script by a four-letter code, but Go does not.
 */
const SHORT_SCRIPTS = ['Cham', 'Kawi', 'Lisu', 'Miao', 'Modi', 'Newa', 'Thai', 'Toto'];

/**
 * Returns whether a name is a Unicode general category or script that Go supports. JavaScript and Go support the same
 * categories and scripts. Go ignores the case of the names.
 */
function isUnicodeClass(name: string): boolean {
  const title = name
    .toLowerCase()
    .replace(/(^|_)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
  if (['Any', 'Assigned', 'Ascii', 'Lc'].includes(title)) {
    return true;
  }
  if (title.length === 4 && !SHORT_SCRIPTS.includes(title)) {
    return false;
  }
  return [`\\p{General_Category=${title}}`, `\\p{Script=${title}}`].some((source) => {
    try {
      return new RegExp(source, 'u') !== undefined;
    } catch {
      return false;
    }
  });
}
