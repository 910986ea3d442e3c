/** Lines of bash as a block. */
export function shell(lines: readonly string[]): string[] {
  return ['```sh', ...lines, '```'];
}

/** Steps in order, each with its text indented below its number; steps without text are left out. */
export function numbered(steps: readonly string[][]): string[] {
  return steps.filter((step) => step.length > 0).flatMap((step, i) => [
    `${i + 1}. ${step[0]}`, ...step.slice(1).map((line) => (line === '' ? '' : `   ${line}`)), '',
  ]);
}
