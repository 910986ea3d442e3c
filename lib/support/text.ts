import { Command } from './command';

/**
 * Removes the common indentation, leading blank lines and trailing white space from a block of text. The result ends
 * with one line feed.
 *
 * @jsii ignore
 */
export function dedent(text: string): string {
  const lines = text
    .replace(/\r\n/g, '\n')
    .split('\n')
    .map((line) => line.replace(/[ \t]+$/, ''));
  while (lines.length > 0 && lines[0] === '') {
    lines.shift();
  }
  while (lines.length > 0 && lines[lines.length - 1] === '') {
    lines.pop();
  }
  const indents = lines.filter((line) => line !== '').map((line) => /^[ \t]*/.exec(line)![0].length);
  const common = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line) => line.slice(common)).join('\n') + '\n';
}

/**
 * Returns a value in the form for error messages: quoted, with visible control characters, and with long text
 * truncated.
 *
 * @jsii ignore
 */
export function quoted(value: unknown): string {
  const text = withoutCredentials(String(JSON.stringify(value)));
  return text.length <= 120 ? text : `${text.slice(0, 100)}… (${text.length} characters)`;
}

/** Returns a text without the credentials of its URLs: an error is printed in logs. */
function withoutCredentials(text: string): string {
  return text.replace(/(https?:\/\/)[^\s/?#"]+@/gi, '$1…@').replace(/(:\/\/[^\s/:@"]*):[^\s/"]*@/g, '$1:…@');
}

/**
 * Returns a regular expression that matches a text literally, in the syntax of JavaScript and of Go.
 *
 * @jsii ignore
 */
export function literalPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * Returns a list of values as text, in the form `a`, `b` or `c`.
 *
 * @jsii ignore
 */
export function oneOf(values: readonly string[]): string {
  const ticked = values.map((v) => `\`${v}\``);
  return ticked.length < 2 ? ticked.join('') : `${ticked.slice(0, -1).join(', ')} or ${ticked[ticked.length - 1]}`;
}

/**
 * Returns whether `text` contains a character that no line-based format supports.
 *
 * @jsii ignore
 */
export function hasControlCharacter(text: string): boolean {
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);
}

/**
 * Returns a text as a Markdown code span on one line, whatever characters the text contains.
 *
 * @jsii ignore
 */
export function codeSpan(text: string | Command): string {
  const line = String(text).replace(/\s+/g, ' ');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return fence + pad + line + pad + fence;
}
