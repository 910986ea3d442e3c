import * as fs from 'node:fs';
import * as path from 'node:path';
import { filesBelow, ROOT } from './snippets';

const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const CODE = /FORGE-[A-Z]+-\d{3}/g;

/** Codes that tests make up. */
const FICTION = /^FORGE-ABC-/;

const inLibrary = new Set(
  filesBelow('lib', '.ts').flatMap((file) =>
    [...read(file).matchAll(/code: '(FORGE-[A-Z]+-\d{3})'|'(FORGE-[A-Z]+-\d{3})'/g)].map((m) => m[1] ?? m[2]),
  ),
);
const documented = filesBelow('docs/errors', '.md').flatMap((file) =>
  [...read(file).matchAll(/^\| `?(FORGE-[A-Z]+-\d{3})`? \|/gm)].map((m) => m[1]),
);

test('every error code of the library is documented, once, and nothing else is', () => {
  expect([...documented].sort()).toEqual([...inLibrary].sort());
});

test('every error code of the library is provoked by a test', () => {
  const tested = new Set(filesBelow('test', '.ts').flatMap((file) => read(file).match(CODE) ?? []));
  expect([...inLibrary].filter((code) => !tested.has(code)).sort()).toEqual([]);
});

test('tests expect no code that the library does not have', () => {
  const expected = new Set(filesBelow('test', '.ts').flatMap((file) => read(file).match(CODE) ?? []));
  expect([...expected].filter((code) => !inLibrary.has(code) && !FICTION.test(code)).sort()).toEqual([]);
});
