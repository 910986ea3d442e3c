import * as fs from 'node:fs';
import * as path from 'node:path';
import { refusalsAlone } from './neighbours';

const TESTS = path.join(__dirname, '..');

const alone = (body: string, title = "'refuses'") =>
  refusalsAlone('a.test.ts', `test(${title}, () => {\n${body}\n});\n`);

/** Tests that still refuse without a neighbour. The number may only fall. */
const STILL_ALONE = 0;

test('a test that refuses something accepts its nearest neighbour too', () => {
  const files = fs
    .readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
  const found = files.flatMap((file) => refusalsAlone(file, fs.readFileSync(path.join(TESTS, file), 'utf8')));
  expect(found.slice(STILL_ALONE)).toEqual([]);
});

test.each([
  "expect(codesOf(() => make('bad'))).toEqual(['FORGE-ABC-001']);",
  "const [problem] = problemsOf(() => make('bad'));\nexpect(problem.message).toBe('x');\nexpect(messageOf(problem)).toBe('x');",
  "const codes = (text) => codesOf(() => make(text));\nexpect(codes('bad')).toEqual(['FORGE-ABC-001']);",
  "expect(() => make('bad')).toThrow('FORGE-ABC-001');",
  "expect(foundCodes(() => make('bad'))).toEqual(['FORGE-ABC-001']);\nexpect(codesOf(() => make('bad'))).toEqual([]);",
  "expect(codesOf(() => make('bad'))).toEqual(['FORGE-ABC-001']);\nmake('good');",
  "expect(codesOf(() => make('bad'))).toEqual(['FORGE-ABC-001']);\nexpect(fs.existsSync('x')).toBe(false);",
])('alone: %s', (body) => {
  expect(alone(body)).toEqual(["a.test.ts:1 'refuses'"]);
  expect(alone(`${body}\naccepts(() => make('good'));`)).toEqual([]);
});

test.each([
  "expect(codesOf(() => make('bad'))).toEqual(['FORGE-ABC-001']);\nexpect(() => make('good')).not.toThrow();",
  "expect(codesOf(() => make('bad'))).toEqual(['FORGE-ABC-001']);\nexpect(foundCodes(() => make('good'))).toEqual([]);",
  "expect(codesOf(() => make('bad'))).toEqual(['FORGE-ABC-001']);\nexpect(make('good')).toBe('good');",
  "expect(make('good')).toBe('good');",
])('not alone: %s', (body) => {
  expect(alone(body)).toEqual([]);
});
