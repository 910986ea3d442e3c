/**
 * The indentation style of sequences. `wide` indents the items of a sequence by two spaces relative to their key.
 * `compact` does not indent the items.
 */
export type SequenceStyle = 'compact' | 'wide';

/**
 * Returns the style in which Flux's YAML library will write the sequences of this document.
 *
 * The style is estimated from the lines of the text, including block scalars. The first line that starts with `- `
 * below a line that looks like a bare key decides the style.
 */
export function deriveSequenceStyle(text: string): SequenceStyle {
  const item = /(?:^|\n)( *)- /g;
  for (let found = item.exec(text); found; found = item.exec(text)) {
    const key = keyLineAbove(text, found[0].startsWith('\n') ? found.index : found.index - 1);
    const trimmed = key.replace(/^ +| +$/g, '');
    if (trimmed.indexOf(':') !== trimmed.length - 1 || trimmed === '') {
      continue;
    }
    const step = found[1].length - (key.length - key.replace(/^ +/, '').length);
    if (step === 0) {
      return 'compact';
    }
    if (step === 2) {
      return 'wide';
    }
  }
  return 'compact';
}

/**
 * Returns the nearest line above that is not a comment, up to its first `#`. `end` is the end of that line, or of the
 * comment below the line.
 */
function keyLineAbove(text: string, end: number): string {
  while (end >= 0) {
    const start = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end);
    if (!/^ *#/.test(line)) {
      return line.split('#', 1)[0];
    }
    end = start - 1;
  }
  return '';
}
