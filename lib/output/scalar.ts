import { ForgeError, quoted } from '../support';

/** The maximum key length. go-yaml writes a longer key as `? key`, on two lines. */
const LONGEST_KEY = 128;

/** Printable ASCII only, with a first character that starts no YAML construct. */
const PLAIN_SHAPE = /^[A-Za-z0-9_/$.(+-][ -~]*$/;

/** The patterns that end a plain scalar early, or that make its first characters an indicator. */
const PLAIN_BREAKER = /: |:$| #| $|^---|^\.\.\.|^- |^-$/;

/**
 * A superset of all numbers, dates and times of YAML 1.1 and 1.2, for example 1_000, 0o7, 0x1F, 1e3, 1:30,
 * 2024-01-01T10:00:00Z. Some readers interpret e5 and ._ as NaN.
 */
const NUMBER_LIKE = /^(?=.*[0-9]|[-+._]*$)[-+.0-9Ee][-+.:_0-9A-Fa-fOoXxTtZz ]*$/;
const NUMBER_START = /^[-+.0-9Ee]/;
const NOT_FINITE = /^[-+]?\.(?:inf|nan)$/i;

/** The words that some readers interpret as a boolean or null. No word is longer than `false`. */
const KEYWORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/**
 * The characters that go-yaml escapes inside double quotes: `"`, `\` and all characters outside the printable
 * characters of the basic plane.
 */
const ESCAPED = /["\\\u2028\u2029]|[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu;

/**
 * The patterns that prevent the block form: a space that a reader cannot see, and all characters that a block cannot
 * contain.
 */
const NO_BLOCK = /^[ \t\n]| (?:\n|$)|[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

const LINE_BREAK = /[\n\r\u0085\u2028\u2029]/;

const SHORT_ESCAPES: Record<string, string> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

/**
 * Returns whether every YAML 1.1 and 1.2 reader reads this text without quotes as the same string.
 *
 * @jsii ignore
 */
export function isPlainScalar(text: string): boolean {
  if (!PLAIN_SHAPE.test(text) || PLAIN_BREAKER.test(text)) {
    return false;
  }
  if (NUMBER_START.test(text)) {
    return !NUMBER_LIKE.test(text) && !NOT_FINITE.test(text);
  }
  return text.length > 5 || !KEYWORD.test(text);
}

function escape(character: string, path: () => string): string {
  const short = SHORT_ESCAPES[character];
  if (short) {
    return short;
  }
  const point = character.codePointAt(0)!;
  if (point >= 0xd800 && point <= 0xdfff) {
    throw ForgeError.of({
      code: 'FORGE-YAML-004',
      message: `${path()} holds half a surrogate pair (U+${point.toString(16).toUpperCase()}), which no UTF-8 file can carry`,
      allowed: 'whole Unicode characters',
      fix: 'do not cut strings inside a character, and encode binary data as base64',
    });
  }
  const hex = point.toString(16).toUpperCase();
  if (point <= 0xff) {
    return `\\x${hex.padStart(2, '0')}`;
  }
  return point <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Returns the one-line form in double quotes, with go-yaml's own escapes. */
export function doubleQuoted(text: string, path: () => string): string {
  if (text.charCodeAt(0) === 0xfeff) {
    throw ForgeError.of({
      code: 'FORGE-YAML-004',
      message: `${path()} begins with a byte order mark (U+FEFF): go-yaml rewrites such a string as escapes only`,
      allowed: 'text without a leading U+FEFF',
      fix: 'remove the byte order mark: it is usually left over from reading a file',
    });
  }
  return `"${text.replace(ESCAPED, (character) => escape(character, path))}"`;
}

/** Returns a string in the form required after `key:` or `-`. `indent` is the indentation of that line. */
export function stringScalar(text: string, indent: string, path: () => string): string {
  if (isPlainScalar(text)) {
    return text;
  }
  if (!text.includes('\n') || NO_BLOCK.test(text)) {
    return doubleQuoted(text, path);
  }
  const inner = `${indent}  `;
  const body = text.replace(/\n(?=[^\n])/g, `\n${inner}`);
  if (!text.endsWith('\n')) {
    return `|-\n${inner}${body}`;
  }
  return `${text.endsWith('\n\n') ? '|+' : '|'}\n${inner}${body.slice(0, -1)}`;
}

/** Returns a mapping key in its YAML form. */
export function keyScalar(key: string, path: () => string): string {
  if (isPlainScalar(key) && key.length <= LONGEST_KEY) {
    return key;
  }
  if (LINE_BREAK.test(key) || Buffer.byteLength(key) > LONGEST_KEY) {
    throw ForgeError.of({
      code: 'FORGE-YAML-005',
      message: `the key ${quoted(key)} in ${path()} has ${LINE_BREAK.test(key) ? 'a line break' : `${Buffer.byteLength(key)} bytes`}: go-yaml rewrites it as an explicit "? key"`,
      allowed: `one line of at most ${LONGEST_KEY} bytes`,
      fix: 'shorten the key, or move the text into the value',
    });
  }
  return doubleQuoted(key, () => `the key ${quoted(key)} in ${path()}`);
}

/** Returns a number in a form that YAML 1.1, YAML 1.2 and JSON read in the same way. */
export function numberScalar(value: number, path: () => string): string {
  if (Number.isSafeInteger(value)) {
    return String(value);
  }
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    throw ForgeError.of({
      code: 'FORGE-YAML-003',
      message: `${path()} is ${String(value)}, ${Number.isFinite(value) ? 'an integer that JavaScript has already rounded' : 'which JSON, and so Kubernetes, cannot hold'}`,
      allowed: 'finite numbers; integers up to 9007199254740991 on either side of zero',
      fix: Number.isFinite(value)
        ? 'give it as a string, or as a quantity such as 8Pi'
        : 'give the number that is meant, or leave the field out',
    });
  }
  const text = String(value);
  // YAML 1.1 wants a dot in every float: 1e-7 would be a string to it.
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}
