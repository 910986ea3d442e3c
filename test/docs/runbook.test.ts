import * as fs from 'node:fs';
import * as path from 'node:path';
import { fencedBlocks, filesBelow, ROOT } from './snippets';

const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');

test('what the page shows of a runbook stands in that of main.ts', () => {
  const lines = read('dist/RUNBOOK.md')
    .split('\n')
    .map((line) => line.trim());
  const shown = fencedBlocks('docs/runbook.md')
    .flatMap(({ code }) => code.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '');
  expect(shown.length).toBeGreaterThan(2);
  expect(shown.filter((line) => !lines.includes(line))).toEqual([]);
});

test('the page lists the chapters that runbooks have, in their order', () => {
  const listed = [...read('docs/runbook.md').matchAll(/^\| ([A-Z][^|]*) \|/gm)].flatMap(([, names]) =>
    names.split(', ').map((name) => name.replace(/^Token of a runner$/, 'Token of')),
  );
  const position = (title: string) => listed.findIndex((name) => title.startsWith(name));
  const runbooks = ['dist', ...filesBelow('examples', 'RUNBOOK.md').map((file) => path.dirname(file))].map((folder) =>
    read(`${folder}/RUNBOOK.md`),
  );
  const chapters = runbooks.map((text) =>
    [...text.matchAll(/^(?:## |### (?=Token of))(.*)$/gm)].map(([, title]) => position(title)),
  );
  expect(new Set(chapters.flat()).has(-1)).toBe(false);
  chapters.forEach((order) => expect(order).toEqual([...order].sort((a, b) => a - b)));
});
