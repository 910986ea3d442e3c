import { charSource, PatternMistake } from './node';

/** The POSIX classes of Go, with the members of the equivalent JavaScript class. */
const POSIX: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};
const CONTROLS = 'afnrtv';
const CONTROL_CODES = '\x07\f\n\r\t\v';

/** The scripts whose full name has four letters. JavaScript accepts every script by a four-letter code, but Go does not. */
const SHORT_SCRIPTS = ['Cham', 'Kawi', 'Lisu', 'Miao', 'Modi', 'Newa', 'Thai', 'Toto'];

/** A reader that goes through the code points of a regular expression. */
export class Scanner {
  protected readonly text: string[];
  protected at = 0;

  constructor(pattern: string) {
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(pattern)) {
      throw new PatternMistake('invalid UTF-8');
    }
    this.text = [...pattern];
  }

  protected rest(length: number): string {
    return this.text.slice(this.at, this.at + length).join('');
  }

  protected see(c: string): boolean {
    return this.text[this.at] === c;
  }

  protected take(c: string): boolean {
    if (!this.see(c)) {
      return false;
    }
    this.at += 1;
    return true;
  }
}

/** A reader of character classes and escapes. The result is the source of members of a JavaScript character class. */
export class ClassReader extends Scanner {
  /** Reads `[…]`. */
  protected characterClass(): { members: string; negated: boolean } {
    this.at += 1;
    const negated = this.take('^');
    let members = '';
    for (let first = true; first || !this.see(']'); first = false) {
      if (this.at >= this.text.length) {
        throw new PatternMistake('missing closing ]');
      }
      members += this.posix() ?? this.span();
    }
    this.at += 1;
    return { members, negated };
  }

  /** Reads `\d`, `\pL` and the like, or an escaped character. */
  protected classEscape(): string {
    const next = this.text[this.at + 1];
    if (next === 'p' || next === 'P') {
      return this.unicode();
    }
    if (next !== undefined && 'dDsSwW'.includes(next)) {
      this.at += 2;
      // In Go, \s has no vertical tab and nothing beyond ASCII.
      return { s: '\\t\\n\\f\\r ', S: '\\x00-\\x08\\x0B\\x0E-\\x1F!-\\u{10FFFF}' }[next] ?? `\\${next}`;
    }
    return charSource(this.literalEscape());
  }

  protected literalEscape(): number {
    const rest = this.rest(16);
    const hex = /^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest);
    const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
    const match = hex ?? octal ?? /^\\([!-/:-@[-`{-~]|[afnrtv])/.exec(rest);
    if (!match) {
      throw new PatternMistake(`invalid escape sequence: ${rest.slice(0, 2)}`);
    }
    this.at += match[0].length;
    if (octal && !hex) {
      return parseInt(match[1], 8);
    }
    if (!hex) {
      return CONTROLS.includes(match[1])
        ? CONTROL_CODES.codePointAt(CONTROLS.indexOf(match[1]))!
        : match[1].codePointAt(0)!;
    }
    const point = parseInt(hex[1] ?? hex[2], 16);
    if (point > 0x10ffff) {
      throw new PatternMistake('invalid escape sequence');
    }
    return point;
  }

  /** Reads a character class member, or two members with a dash between them. */
  private span(): string {
    const low = this.member();
    if (typeof low === 'string') {
      return low;
    }
    if (!this.isRange()) {
      return charSource(low);
    }
    this.at += 1;
    const high = this.member();
    if (typeof high === 'string' || high < low) {
      throw new PatternMistake('invalid character class range');
    }
    return `${charSource(low)}-${charSource(high)}`;
  }

  /** Returns whether the next character is a dash that forms a range. The last dash in a class is literal. */
  private isRange(): boolean {
    return this.see('-') && this.text[this.at + 1] !== ']' && this.text[this.at + 1] !== undefined;
  }

  private posix(): string | undefined {
    const match = /^\[:(\^?)([^\]]*?):\]/.exec(this.rest(40));
    if (!match) {
      return undefined;
    }
    const members = Object.hasOwn(POSIX, match[2]) ? POSIX[match[2]] : undefined;
    if (members === undefined) {
      throw new PatternMistake(`invalid character class range: ${match[0]}`);
    }
    this.at += match[0].length;
    return match[1] === '' ? members : outside(members);
  }

  /** Reads a character class member: a code point, or the members of a class inside the class. */
  private member(): number | string {
    const c = this.text[this.at];
    if (c === undefined) {
      throw new PatternMistake('missing closing ]');
    }
    if (c !== '\\') {
      this.at += 1;
      return c.codePointAt(0)!;
    }
    return 'dDsSwWpP'.includes(this.text[this.at + 1] ?? ' ') ? this.classEscape() : this.literalEscape();
  }

  private unicode(): string {
    const match = /^\\([pP])(?:\{(\^?)([^}]*)\}|([^{]))/u.exec(this.rest(60));
    const source = match && unicodeClass(match[3] ?? match[4]);
    if (!match || !source) {
      throw new PatternMistake('invalid character class range');
    }
    this.at += [...match[0]].length;
    return `\\${(match[1] === 'P') === (match[2] === '^') ? 'p' : 'P'}{${source}}`;
  }
}

/** Returns the ASCII members that are not in a class. Tags contain no other characters. */
function outside(members: string): string {
  const inside = new RegExp(`[${members}]`, 'u');
  const others = Array.from({ length: 128 }, (_, point) => point).filter((p) => !inside.test(String.fromCodePoint(p)));
  return others.map(charSource).join('');
}

/**
 * Returns the JavaScript name of a Unicode general category or script that Go supports. JavaScript and Go support the
 * same categories and scripts. Go ignores the case of the names.
 */
function unicodeClass(name: string): string | undefined {
  const title = name
    .toLowerCase()
    .replace(/(^|_)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
  const special = { Any: 'Any', Assigned: 'Assigned', Ascii: 'ASCII', Lc: 'LC' }[title];
  if (special !== undefined) {
    return special;
  }
  if (title.length === 4 && !SHORT_SCRIPTS.includes(title)) {
    return undefined;
  }
  return [`General_Category=${title}`, `Script=${title}`].find((source) => {
    try {
      return new RegExp(`\\p{${source}}`, 'u') !== undefined;
    } catch {
      return false;
    }
  });
}
