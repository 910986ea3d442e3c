/**
 * A part of a chapter that belongs to constructs: a row, a command, a check.
 *
 * @jsii ignore
 */
export interface Entry<T> {
  /** The paths of the constructs that the entry is about. */
  readonly owners: readonly string[];
  /** A name that tells the entry apart from the other entries of its constructs, for example the name of a Secret. */
  readonly name: string;
  /** The content, which the chapter renders. */
  readonly value: T;
}

/**
 * A chapter of the runbook. A runbook of one page has the whole chapter; in a divided runbook, each page has the entries
 * of its constructs.
 *
 * @jsii ignore
 */
export interface Chapter<T = unknown> {
  /** The heading, with its level. @default - none: the entries have headings of their own */
  readonly heading?: string;
  /** The heading on a page of a divided runbook. @default - the heading */
  readonly headingOnPages?: string;
  /** The lines between the heading and the entries, which only the first page has. @default - none */
  readonly intro?: readonly string[];
  /** The entries, in their order. */
  readonly entries: readonly Entry<T>[];
  /** True for a chapter that has content without entries. The content stays on the first page. @default false */
  readonly isFixed?: boolean;
  /** Returns the lines of entries. */
  body(values: readonly T[]): string[];
  /** Returns the lines of entries in a divided runbook. @default - the same */
  bodyIfDivided?(values: readonly T[]): string[];
  /** Returns a key: entries with the same key stay on one page, because the chapter merges them. @default - none are merged */
  keyOf?(value: T): string;
}

/**
 * Returns a chapter that is not divided: its lines are on the first page.
 *
 * @jsii ignore
 */
export function fixedChapter(lines: readonly string[]): Chapter[] {
  return lines.length === 0 ? [] : [{ intro: lines, entries: [], isFixed: true, body: () => [] }];
}

/**
 * Returns a whole chapter; nothing if there is nothing to say.
 *
 * @jsii ignore
 */
export function wholeChapter<T>({ heading, intro = [], entries, isFixed, body }: Chapter<T>): string[] {
  if (entries.length === 0 && isFixed !== true) {
    return [];
  }
  return [...headingLines(heading), ...intro, ...body(entries.map(({ value }) => value))];
}

/**
 * Returns whole chapters as one text, or undefined if the text is larger.
 *
 * @param size the size in bytes
 *
 * @jsii ignore
 */
export function textOf(chapters: readonly Chapter[], size: number): string | undefined {
  const texts: string[] = [];
  let rest = size;
  for (const chapter of chapters) {
    const lines = wholeChapter(chapter);
    if (lines.length > 0) {
      texts.push(lines.join('\n'));
      rest -= Buffer.byteLength(texts[texts.length - 1]) + 1;
    }
    if (rest < 0) {
      return undefined;
    }
  }
  return texts.join('\n');
}

/**
 * Returns the lines of a heading.
 *
 * @jsii ignore
 */
export function headingLines(heading: string | undefined): string[] {
  return heading === undefined ? [] : [heading, ''];
}
