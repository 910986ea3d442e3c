import { stringify } from 'yaml';
import { Annotated } from '../annotated';

/** A scalar of a file: text, with the form that it must have. */
export interface StyledText {
  readonly text: string;
  /** @default - plain if that keeps the text, otherwise quoted */
  readonly form?: 'plain' | 'single' | 'double' | 'literal';
}

/** Chooses the form of text, and of keys. Throws for text that no form carries. */
export interface TextForms {
  key(name: string, isRoot: boolean): StyledText;
  text(value: string): StyledText;
}

/** The longest key that YAML takes without a question mark. */
const LONGEST_PLAIN_KEY = 1024;

/**
 * Writes mappings, lists and scalars in block form, two spaces a level, as the `yaml` package would: a test compares them. A
 * platform has thousands of workflow files, and a tree of nodes for each takes several times as long.
 */
export class FileWriter {
  private out = '';

  constructor(private readonly forms: TextForms) {}

  /** Returns the text of a file. */
  file(content: Record<string, unknown>): string {
    const entries = entriesOf(content);
    if (entries.length === 0) {
      return '{}\n';
    }
    this.mapping(entries, '', true);
    return this.out;
  }

  /** Writes entries; the indentation of the first stands already. */
  private mapping(entries: readonly Entry[], indent: string, isRoot = false): void {
    entries.forEach(({ name, value, comment }, i) => {
      if (i > 0) {
        this.out += indent;
      }
      for (const line of comment.above ?? []) {
        this.out += `${commentOf(line)}\n${indent}`;
      }
      const key = keyText(this.forms.key(name, isRoot), isRoot);
      const isLong = key.length > LONGEST_PLAIN_KEY;
      this.out += isLong ? `? ${key}\n${indent}:` : `${key}:`;
      this.value(value, { indent, isBesideIt: isLong, behind: comment.behind });
    });
  }

  /** Writes items; the indentation of the first stands already. */
  private list(items: readonly unknown[], indent: string): void {
    items.forEach((item, i) => {
      this.out += i === 0 ? '-' : `${indent}-`;
      this.value(item, { indent, isBesideIt: true });
    });
  }

  /** Writes the value of a key or of an item, with the line feed behind it. */
  private value(value: unknown, place: Place): void {
    const inner = `${place.indent}  `;
    const start = place.isBesideIt ? ' ' : `\n${inner}`;
    if (Array.isArray(value)) {
      const items = value.filter((item) => item !== undefined);
      if (items.length > 0) {
        this.out += start;
        this.list(items, inner);
      } else {
        this.out += ' []\n';
      }
    } else if (value !== null && typeof value === 'object') {
      const entries = entriesOf(value as Record<string, unknown>);
      if (entries.length > 0) {
        this.out += start;
        this.mapping(entries, inner);
      } else {
        this.out += ' {}\n';
      }
    } else {
      this.scalar(value, place);
    }
  }

  private scalar(value: unknown, { indent, behind }: Place): void {
    const comment = behind ? ` ${commentOf(behind)}` : '';
    if (typeof value !== 'string') {
      this.out += `${value === null ? '' : ` ${String(value)}`}${comment}\n`;
      return;
    }
    const styled = this.forms.text(value);
    this.out +=
      styled.form === 'literal'
        ? ` ${literal(styled.text, { indent: `${indent}  `, comment })}`
        : ` ${oneLine(styled)}${comment}\n`;
  }
}

interface Place {
  readonly indent: string;
  /** Reports whether the first entry or item stands on the same line. */
  readonly isBesideIt: boolean;
  readonly behind?: string;
}

interface Entry {
  readonly name: string;
  readonly value: unknown;
  readonly comment: Annotated['comment'];
}

const NO_COMMENT: Annotated['comment'] = {};

function entriesOf(content: Record<string, unknown>): Entry[] {
  const entries: Entry[] = [];
  for (const name of Object.keys(content)) {
    const given = content[name];
    const [value, comment] = given instanceof Annotated ? [given.value, given.comment] : [given, NO_COMMENT];
    if (value !== undefined) {
      entries.push({ name, value, comment });
    }
  }
  return entries;
}

function commentOf(line: string): string {
  return line === '' ? '#' : `# ${line}`;
}

/** Returns the text in its lines: a lone `|` says that it ends in one line feed. */
function literal(text: string, { indent, comment }: { indent: string; comment: string }): string {
  const end = text.slice(endOf(text));
  const chomping = end.indexOf('\n') < end.length - 1 ? '+' : '';
  return `|${chomping}${comment}\n${indent}${text.slice(0, -1).replace(/\n+/g, `$&${indent}`)}\n`;
}

/** Returns where the white space at the end of a text begins. */
function endOf(text: string): number {
  let end = text.length;
  while (end > 0 && /[\n\t ]/.test(text[end - 1])) {
    end--;
  }
  return end;
}

function keyText({ text, form }: StyledText, isRoot: boolean): string {
  if (form !== undefined || isPlain(text)) {
    return oneLine({ text, form });
  }
  // At the beginning of a line, some text is the end of a document.
  const file = stringify(isRoot ? { [text]: 1 } : [{ [text]: 1 }], { lineWidth: 0, singleQuote: true });
  return file.slice(isRoot ? 0 : '- '.length).replace(/: 1\n$/, '');
}

/** Text that no plain scalar holds. Its first character has a rule of its own. */
const NOT_PLAIN = /:[\t ]|[\t ]#|[\t :-]$|\n/;

function isPlain(text: string): boolean {
  return /^[A-Za-z_$/]/.test(text) && !NOT_PLAIN.test(text);
}

function oneLine({ text, form }: StyledText): string {
  if (form === 'single') {
    return `'${text.replace(/'/g, "''")}'`;
  }
  if (form === 'plain' || (form === undefined && isPlain(text))) {
    return text;
  }
  // What is left is rare: the package decides, for an item of a list.
  return stringify([text], {
    lineWidth: 0,
    singleQuote: true,
    doubleQuotedMinMultiLineLength: 1e9,
    blockQuote: false,
    ...(form === 'double' ? { defaultStringType: 'QUOTE_DOUBLE' as const } : {}),
  }).slice('- '.length, -1);
}
