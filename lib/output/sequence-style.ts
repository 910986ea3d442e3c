/** `wide` indents the items of a sequence below their key by two, `compact` by none. */
export type SequenceStyle = 'compact' | 'wide';

/**
 * The style in which Flux's YAML library will write the sequences of this document.
 *
 * It is a guess from the lines of the text, block scalars included: the first line that starts with `- ` below a line that looks like a
 * bare key decides.
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
 * The nearest line above that is no comment, up to its first `#`; `end` is where that line, or the comment below it, ends.
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
