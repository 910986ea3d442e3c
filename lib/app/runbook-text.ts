import { Command } from '../support';

/** Returns lines of bash as a code block. */
export function shell(lines: readonly Command[]): string[] {
  return ['```sh', ...lines.map(({ text }) => text), '```'];
}

/** Returns a Markdown table. A vertical bar would end a cell, even inside code. */
export function table(head: readonly string[], rows: readonly string[][]): string[] {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row)];
}

/** Returns numbered steps, each with its text indented below its number. Steps without text are omitted. */
export function numbered(steps: readonly string[][]): string[] {
  return steps
    .filter((step) => step.length > 0)
    .flatMap((step, i) => [
      `${i + 1}. ${step[0]}`,
      ...step.slice(1).map((line) => (line === '' ? '' : `   ${line}`)),
      '',
    ]);
}

/** Returns the values of each key, with keys and values in their order. Values without a key are left out. */
export function grouped<T>(values: readonly T[], keyOf: (value: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const present = key === undefined ? undefined : groups.get(key);
    if (present !== undefined) {
      present.push(value);
    } else if (key !== undefined) {
      groups.set(key, [value]);
    }
  }
  return groups;
}
