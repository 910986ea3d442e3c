/** Lines of bash as a block. */
export function shell(lines: readonly string[]): string[] {
  return ['```sh', ...lines, '```'];
}

/** A table of Markdown. A bar would end a cell, also inside code. */
export function table(head: readonly string[], rows: readonly string[][]): string[] {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row)];
}

/** Steps in order, each with its text indented below its number; steps without text are left out. */
export function numbered(steps: readonly string[][]): string[] {
  return steps
    .filter((step) => step.length > 0)
    .flatMap((step, i) => [
      `${i + 1}. ${step[0]}`,
      ...step.slice(1).map((line) => (line === '' ? '' : `   ${line}`)),
      '',
    ]);
}
