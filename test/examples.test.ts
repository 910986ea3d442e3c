import * as fs from 'node:fs';
import * as path from 'node:path';
import { RootFile } from '../lib/output';
import { EXAMPLES } from './support/examples';
import { readTree, temporaryFolder } from './support/workspace';

const ROOT = path.join(__dirname, '..');
const MARKER = / # \{"\$imagepolicy": "[^"]*"\}$/gm;

/**
 * Runs a program in a copy of its folder that has nothing of its output but the image lock: no output directory, no generated
 * file, no marker in an adopted file. What the program no longer writes is missing then.
 */
function synthesize(program: string, files: Record<string, string>): Record<string, string> {
  const work = temporaryFolder();
  for (const [file, text] of Object.entries(files)) {
    if (!file.startsWith('dist/') && !RootFile.isGenerated(text)) {
      fs.mkdirSync(path.dirname(path.join(work, file)), { recursive: true });
      fs.writeFileSync(path.join(work, file), file === 'images.yaml' ? text : text.replace(MARKER, ''));
    }
  }
  const before = process.cwd();
  try {
    process.chdir(work);
    jest.requireActual(program);
  } finally {
    process.chdir(before);
  }
  return readTree(work);
}

beforeAll(() => {
  delete process.env.CDK8S_OUTDIR;
});

test.each(EXAMPLES)('%s writes every file that it is committed with, starting from its images.yaml', (name) => {
  const committed = readTree(path.join(ROOT, name));
  expect(synthesize(path.join(ROOT, name, 'main.ts'), committed)).toEqual(committed);
});

test.each(EXAMPLES)('%s says what it shows', (name) => {
  expect(fs.readFileSync(path.join(ROOT, name, 'README.md'), 'utf8')).toMatch(/^# /);
});

test('the committed output of main.ts is what main.ts synthesizes', () => {
  const dist = Object.entries(readTree(path.join(ROOT, 'dist'))).map(([file, text]) => [`dist/${file}`, text]);
  const committed = {
    ...Object.fromEntries(dist),
    'images.yaml': fs.readFileSync(path.join(ROOT, 'images.yaml'), 'utf8'),
  };
  expect(synthesize(path.join(ROOT, 'main.ts'), committed)).toEqual(committed);
});
