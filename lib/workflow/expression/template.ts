import { ForgeError, perText, quoted } from '../../support';
import { parseExpression, ParsedExpression } from './syntax';

/** Text that opens an expression. */
export const OPENING = '${{';
const CLOSING = '}}';

/** A literal text or an expression, as a part of a text that contains expressions. Strings are literal. */
export type TemplatePart = string | ParsedExpression;

/**
 * Splits a text into literal text and expressions.
 *
 * @throws FORGE-WF-010 for an expression that is not closed or not one
 * @jsii ignore
 */
export const parseTemplate = perText((text): readonly TemplatePart[] => {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (let open = text.indexOf(OPENING); open !== -1; open = text.indexOf(OPENING, at)) {
    if (open > at) {
      parts.push(text.slice(at, open));
    }
    const close = closingOf(text, open + OPENING.length);
    parts.push(parseExpression(text.slice(open + OPENING.length, close).trim()));
    at = close + CLOSING.length;
  }
  if (at < text.length) {
    parts.push(text.slice(at));
  }
  return parts;
});

/**
 * Returns the end position of the expression that begins at `from`. Braces inside texts of the expression are ignored.
 */
function closingOf(text: string, from: number): number {
  let inText = false;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "'") {
      inText = !inText;
    }
    if (!inText && text.startsWith(CLOSING, i)) {
      return i;
    }
  }
  throw ForgeError.of({
    code: 'FORGE-WF-010',
    message: `${quoted(text)} opens an expression that it does not close`,
    fix: "write \"}}\" after it; a text inside stands between single quotes, with a single quote doubled: 'it''s'",
    symptom:
      'The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found.',
  });
}

/** Returns text as a literal of the expression language. Only this function doubles quotes. */
export function literal(text: string): string {
  return `'${text.replace(/'/g, "''")}'`;
}

/**
 * Returns a value of the model (text, expressions, or both) as one operand of an expression.
 *
 * @jsii ignore
 */
export function operand(value: string): string {
  const parts = parseTemplate(value);
  if (parts.length === 0) {
    return "''";
  }
  if (parts.length > 1) {
    const values = parts.filter((part): part is ParsedExpression => typeof part !== 'string').map((part) => part.text);
    let index = 0;
    const format = parts
      .map((part) => (typeof part === 'string' ? part.replace(/[{}]/g, '$&$&') : `{${index++}}`))
      .join('');
    return `format(${[literal(format), ...values].join(', ')})`;
  }
  const [only] = parts;
  if (typeof only === 'string') {
    return literal(only);
  }
  return /^\w[\w.-]*(?:\['[^']*'\][\w.-]*)*$/.test(only.text) || /^\w+\([^()]*\)$/.test(only.text)
    ? only.text
    : `(${only.text})`;
}
