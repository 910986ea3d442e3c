import { isPlainScalar } from '../../output';
import { ForgeError, quoted } from '../../support';

/** A placeholder text for a variable. */
export const PLACEHOLDER = /<variable:([A-Za-z_][A-Za-z0-9_]*)>/g;

/**
 * The variable that holds a quotation mark. It has no value in any cluster, so that Flux writes the default: `'` or `"`.
 *
 * Quotation marks in a file do not help. Flux parses the file and writes the object anew before it substitutes, and a
 * text such as `${PORT}` needs no quotation marks at that time.
 */
export const QUOTE = '_quote';

/** The words that YAML 1.1 does not read as a string. */
const WORDS = ['y', 'yes', 'n', 'no', 'on', 'off', 'true', 'false', 'null', '~'];

/** The texts that go-yaml writes in quotation marks or as a block, so that they are strings whatever is substituted. */
const QUOTED_BY_FLUX = /: |:$| #|^ | $|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/** The texts of several lines that go-yaml writes as a block. */
const BLOCK = /^(?=[^]*\n)(?![ \t\n])(?![^]* (\n|$))[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/** A mark that has a form of its own for itself within the text. */
type Mark = "'" | '"';

/**
 * Returns a text in the form that Flux must find, so that it is the same text, and still a string, after the
 * substitution.
 *
 * @param text the text with placeholders
 * @param valueOf returns the value of a variable, or undefined if only the cluster knows the value
 * @throws FORGE-FLUX-024 for values that cannot be in this text
 */
export function substitutedText(text: string, valueOf: (name: string) => string | undefined): string {
  // Literals and names alternate, because the pattern has one group.
  const parts = text.split(PLACEHOLDER);
  if (parts.length === 1) {
    return escaped(text);
  }
  const values = parts.filter((_, i) => i % 2 === 1).map(valueOf);
  const plain = joined(parts, escaped);
  if (QUOTED_BY_FLUX.test(plain)) {
    return assertFits(plain, text, values);
  }
  if (!needsQuotes(parts, values)) {
    return plain;
  }
  const mark = markFor(text, values);
  const quote = `\${${QUOTE}:=${mark}}`;
  return quote + joined(parts, (literal) => escaped(within(literal, mark))) + quote;
}

function joined(parts: readonly string[], change: (literal: string) => string): string {
  return parts.map((part, i) => (i % 2 === 0 ? change(part) : `\${${part}}`)).join('');
}

/** Returns text that Flux does not read as a variable. */
function escaped(text: string): string {
  return text.replace(/\$/g, '$$$$');
}

/** Returns whether a value can make YAML read the text as something else than this text. */
function needsQuotes(parts: readonly string[], values: readonly (string | undefined)[]): boolean {
  if (values.every((value) => value !== undefined)) {
    return !isPlainScalar(parts.map((part, i) => (i % 2 === 0 ? part : values[(i - 1) / 2])).join(''));
  }
  const start = parts[0].toLowerCase();
  // A value that begins with # would begin a comment behind a space.
  return (
    parts.some((part, i) => i % 2 === 0 && part.includes(' ')) ||
    /^[-+.0-9]/.test(start) ||
    WORDS.some((word) => word.startsWith(start))
  );
}

function within(literal: string, mark: Mark): string {
  return mark === "'" ? literal.replace(/'/g, "''") : literal.replace(/["\\]/g, '\\$&');
}

function markFor(text: string, values: readonly (string | undefined)[]): Mark {
  const all = values.join('');
  if (!all.includes("'")) {
    return "'";
  }
  if (!/["\\]/.test(all)) {
    return '"';
  }
  throw unfit(text);
}

/** Rejects values that would end a text which Flux writes in quotation marks, or change the indentation of a block. */
function assertFits(plain: string, text: string, values: readonly (string | undefined)[]): string {
  const isUnfit = BLOCK.test(text)
    ? (text.startsWith('<') && /^( |$)/.test(values[0] ?? 'x')) || (text.endsWith('>') && values.at(-1) === '')
    : /['"\\]/.test(values.join(''));
  if (isUnfit) {
    throw unfit(text);
  }
  return plain;
}

function unfit(text: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FLUX-024',
    message: `a variable in ${quoted(text.replace(PLACEHOLDER, (_, name) => `\${${name}}`))} has a value that Flux cannot put there`,
    allowed: 'a value without \', " and \\',
    fix: 'put the text in a Secret or ConfigMap that the workload reads, or put it into the program',
    symptom: 'yaml: did not find expected key',
  });
}
