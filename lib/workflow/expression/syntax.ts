import { ForgeError, perText, quoted } from '../../support';
import { CONTEXTS, FUNCTIONS } from './contexts';

/**
 * A use of a context, for example `needs.build.outputs.version` with the path `needs`, `build`, `outputs`, `version`.
 */
export interface ContextUse {
  /** The context and the members that are known without evaluation. */
  readonly path: string[];
  /** Reports whether the path continues with a part that is known only at run time: `matrix[github.ref]`, `steps.*`. */
  readonly open: boolean;
  /** Reports whether only a boolean computed from the value is in the result: `contains(…)`, `a == b`, `!a`. */
  readonly isBoolean?: boolean;
  readonly start: number;
  readonly end: number;
}

/** A parsed expression that contains the details that the checks need. */
export interface ParsedExpression {
  readonly text: string;
  readonly uses: readonly ContextUse[];
  readonly functions: readonly string[];
  /** Operands of `==`, `!=`, `<` and so on, as they stand in the text. */
  readonly comparisons: readonly (readonly [string, string])[];
  /** Reports whether the expression can have only one value. */
  readonly constant: boolean;
}

interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'symbol' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const TOKEN =
  /(?<name>[A-Za-z_][A-Za-z0-9_-]*)|(?<number>(?:0x[0-9a-fA-F]+|0o[0-7]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![A-Za-z0-9_.]))|(?<string>'(?:[^']|'')*')|(?<symbol>&&|\|\||==|!=|<=|>=|[<>!()[\],.*])/y;
const KEYWORDS = ['true', 'false', 'null', 'NaN', 'Infinity'];

/**
 * Parses an expression without its `${{ }}`. The grammar is GitHub's grammar, which Gitea and Forgejo share.
 *
 * @throws FORGE-WF-010 for text that is not an expression, FORGE-WF-011 for an unknown context or function or a wrong number of arguments
 * @jsii ignore
 */
export const parseExpression = perText((text): ParsedExpression => new Parser(text).parse());

class Parser {
  private readonly tokens: Token[];
  private position = 0;
  private readonly uses: ContextUse[] = [];
  private readonly functions: string[] = [];
  private readonly comparisons: [string, string][] = [];

  constructor(private readonly text: string) {
    this.tokens = this.lex();
  }

  parse(): ParsedExpression {
    if (this.peek().kind === 'end') {
      throw this.bad('it is empty', 'write an expression, or nothing at all');
    }
    this.or();
    if (this.peek().kind !== 'end') {
      throw this.unexpected();
    }
    return {
      text: this.text,
      uses: this.uses,
      functions: this.functions,
      comparisons: this.comparisons,
      constant:
        this.uses.length === 0 &&
        this.functions.every((f) => !/^(always|cancelled|failure|success|hashFiles)$/.test(f)),
    };
  }

  private lex(): Token[] {
    const tokens: Token[] = [];
    for (let at = 0; ;) {
      while (this.text[at] === ' ') {
        at++;
      }
      if (at >= this.text.length) {
        return [...tokens, { kind: 'end', text: 'the end', start: at, end: at }];
      }
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(this.text);
      if (!match) {
        throw this.unreadable(at);
      }
      const kind = (['name', 'number', 'string', 'symbol'] as const).find((k) => match.groups![k] !== undefined)!;
      tokens.push({ kind, text: match[0], start: at, end: at + match[0].length });
      at += match[0].length;
    }
  }

  private peek(): Token {
    return this.tokens[this.position];
  }

  private next(): Token {
    return this.tokens[this.position++];
  }

  private takes(...symbols: string[]): boolean {
    if (this.peek().kind !== 'symbol' || !symbols.includes(this.peek().text)) {
      return false;
    }
    this.position++;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.takes(symbol)) {
      throw this.unexpected(`"${symbol}"`);
    }
  }

  private or(): void {
    do {
      this.and();
    } while (this.takes('||'));
  }

  private and(): void {
    do {
      this.comparison();
    } while (this.takes('&&'));
  }

  private comparison(): void {
    const first = this.uses.length;
    let left = this.operand();
    let compared = false;
    while (this.takes('==', '!=', '<', '<=', '>', '>=')) {
      const right = this.operand();
      this.comparisons.push([left, right]);
      left = right;
      compared = true;
    }
    this.yieldBoolean(first, compared);
  }

  /** Parses an operand of a comparison and returns its text. */
  private operand(): string {
    const { start } = this.peek();
    this.unary();
    return this.text.slice(start, this.tokens[this.position - 1].end);
  }

  /** Notes that of the uses since `first` only a boolean is in the result. */
  private yieldBoolean(first: number, boolean: boolean): void {
    for (let i = first; boolean && i < this.uses.length; i++) {
      this.uses[i] = { ...this.uses[i], isBoolean: true };
    }
  }

  private unary(): void {
    const first = this.uses.length;
    let negated = false;
    while (this.takes('!')) {
      negated = true;
    }
    this.value();
    this.yieldBoolean(first, negated);
  }

  private value(): void {
    if (this.takes('(')) {
      this.or();
      this.expect(')');
      this.members(undefined);
    } else if (this.peek().kind === 'string' || this.peek().kind === 'number') {
      this.next();
    } else if (this.peek().kind === 'name') {
      this.named(this.next());
    } else {
      throw this.unexpected();
    }
  }

  private named(name: Token): void {
    if (this.takes('(')) {
      this.call(name);
      this.members(undefined);
    } else if (!KEYWORDS.includes(name.text)) {
      this.context(name);
    }
  }

  private call(name: Token): void {
    const first = this.uses.length;
    let count = 0;
    if (!this.takes(')')) {
      do {
        this.or();
        count++;
      } while (this.takes(','));
      this.expect(')');
    }
    const known = Object.keys(FUNCTIONS).find((f) => f.toLowerCase() === name.text.toLowerCase());
    if (!known) {
      throw ForgeError.of({
        code: 'FORGE-WF-011',
        message: `${quoted(name.text)} in the expression ${quoted(this.text)} is no function`,
        allowed: Object.keys(FUNCTIONS).join(', '),
        fix: 'use one of these, or compute the value in a step and pass it on as an output',
      });
    }
    const [least, most] = FUNCTIONS[known];
    if (count < least || count > most) {
      throw ForgeError.of({
        code: 'FORGE-WF-011',
        message: `${known}() has ${count} argument${count === 1 ? '' : 's'} in the expression ${quoted(this.text)}`,
        allowed: least === most ? `${least}` : `${least} to ${most}`,
        fix: 'give it the arguments that it takes',
      });
    }
    this.functions.push(known);
    this.yieldBoolean(first, ['contains', 'startsWith', 'endsWith', 'hashFiles'].includes(known));
  }

  private context(name: Token): void {
    const root = contextNamed(name.text);
    if (!root) {
      throw ForgeError.of({
        code: 'FORGE-WF-011',
        message: `${quoted(name.text)} in the expression ${quoted(this.text)} is no context`,
        allowed: CONTEXTS.join(', '),
        fix: 'begin with one of these; a text stands between single quotes',
      });
    }
    const slot = this.uses.length;
    this.uses.push({ path: [root], open: false, start: name.start, end: name.end });
    this.uses[slot] = { ...this.members([root]), start: name.start, end: this.tokens[this.position - 1].end };
  }

  /** Parses the members after a value: `.name`, `[…]`, `.*`. */
  private members(known: string[] | undefined): { path: string[]; open: boolean } {
    const path = [...(known ?? [])];
    let open = known === undefined;
    for (;;) {
      if (this.takes('.')) {
        if (this.takes('*')) {
          open = true;
        } else {
          const member = this.next();
          if (member.kind !== 'name') {
            this.position--;
            throw this.unexpected('a name');
          }
          if (!open) {
            path.push(member.text);
          }
        }
      } else if (this.takes('[')) {
        open = this.index(path, open) || open;
      } else {
        return { path, open };
      }
    }
  }

  private index(path: string[], open: boolean): boolean {
    const token = this.peek();
    const literal = token.kind === 'string' && this.tokens[this.position + 1]?.text === ']';
    if (literal) {
      this.next();
      if (!open) {
        path.push(token.text.slice(1, -1).replace(/''/g, "'"));
      }
    } else if (!this.takes('*')) {
      this.or();
    }
    this.expect(']');
    return !literal;
  }

  private unexpected(wanted?: string): ForgeError {
    const { kind, text } = this.peek();
    return this.bad(
      kind === 'end' ? 'it ends too early' : `${quoted(text)} cannot stand where it does`,
      wanted ? `${wanted} is wanted there` : 'mend the expression',
    );
  }

  private unreadable(at: number): ForgeError {
    if (this.text[at] === '"') {
      return this.bad(
        'double quotes quote nothing',
        "put text between single quotes, and double a single quote inside: 'it''s'",
      );
    }
    if (this.text[at] === "'") {
      return this.bad(
        'a quote is not closed',
        "put text between single quotes, and double a single quote inside: 'it''s'",
      );
    }
    if (this.text.startsWith('${{', at)) {
      return this.bad('it holds another "${{"', 'write the inner expression without its braces');
    }
    return this.bad(
      `${quoted(this.text[at])} means nothing there`,
      'an expression is one line of names, texts in single quotes, numbers and operators',
    );
  }

  private bad(why: string, fix: string): ForgeError {
    return ForgeError.of({ code: 'FORGE-WF-010', message: `${quoted(this.text)} is not an expression: ${why}`, fix });
  }
}

function contextNamed(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower === 'gitea' || lower === 'forgejo') {
    return 'github';
  }
  return CONTEXTS.find((context) => context === lower);
}
