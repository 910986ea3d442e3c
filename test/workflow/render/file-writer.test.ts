import fc from 'fast-check';
import { Annotated } from '../../../lib/workflow/annotated';
import { FileWriter } from '../../../lib/workflow/render/file-writer';
import { FileStyle, formsOf, workflowFile } from '../../../lib/workflow/render/yaml';
import { HOSTILE_STRINGS, hostileString } from '../../output/hostile';
import { fileOfPackage } from './yaml-oracle';

// The writer of workflow files writes what the `yaml` package writes of the same content.

const STYLE: FileStyle = { header: ['Generated.', '', 'By a program.'], rewritten: false };

const isTaken = (write: () => unknown) => {
  try {
    write();
    return true;
  } catch {
    return false;
  }
};
const forms = formsOf(STYLE);
const text = fc
  .oneof(
    hostileString,
    fc.constantFrom(...HOSTILE_STRINGS),
    fc.constantFrom(
      'ubuntu-latest',
      '${{ github.sha }}',
      'echo 1\nmake\n',
      'a\n  \n',
      'a\n\n b \n',
      'a \n',
      "it's",
      '"',
    ),
    fc.stringMatching(/^[a-z:#'" \t\n${}|>-]{0,12}$/),
  )
  .filter((value) => isTaken(() => forms.text(value)));
const name = fc
  .oneof(fc.constantFrom('on', 'run', 'y', '1', 'a b', 'x'.repeat(1100)), text)
  .filter((value) => value !== '__proto__' && isTaken(() => forms.key(value, false)));
const scalar = fc.oneof({ weight: 6, arbitrary: text }, fc.boolean(), fc.integer(), fc.constantFrom(null, 0.5, 1e21));
const comment = fc.stringMatching(/^[A-Za-z0-9#:' -]{1,10}$/);

/** A value with comments above its key, behind it, or both. */
const annotated = (value: fc.Arbitrary<unknown>) =>
  fc
    .tuple(
      value,
      fc.option(comment, { nil: undefined }),
      fc.array(fc.oneof(comment, fc.constant('')), { maxLength: 2 }),
    )
    .map(([inner, behind, above]) => new Annotated(inner, { behind, above }));

const { content } = fc.letrec<{ content: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.constant(undefined),
    // Of an item that is null, the package leaves a blank at the end of the line.
    fc.array(
      tie('value').filter((item) => item !== null),
      { maxLength: 4 },
    ),
    tie('content'),
  ),
  content: fc.dictionary(name, fc.oneof({ weight: 4, arbitrary: tie('value') }, annotated(tie('value'))), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
}));

test('any content has the text that the package writes', () => {
  let taken = 0;
  fc.assert(
    fc.property(content, (any) => {
      taken += Object.keys(any).length > 1 ? 1 : 0;
      expect(workflowFile(any, STYLE)).toBe(fileOfPackage(any, forms, STYLE.header));
    }),
    { numRuns: 600 },
  );
  expect(taken).toBeGreaterThan(150);
});

test.each([
  [{}, '{}\n'],
  [{ on: { push: {} }, jobs: [] }, 'on:\n  push: {}\njobs: []\n'],
  [{ a: [{ b: 1, c: ['x'] }, ['z', []]] }, 'a:\n  - b: 1\n    c:\n      - x\n  - - z\n    - []\n'],
  [{ run: 'a\n\n  b\n' }, 'run: |\n  a\n\n    b\n'],
])('%j is the file %j', (value, file) => {
  expect(new FileWriter(forms).file(value)).toBe(file);
  expect(fileOfPackage(value, forms, ['x'])).toBe(`# x\n\n${file}`);
});
