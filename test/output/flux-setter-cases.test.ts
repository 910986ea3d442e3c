import { readFileSync } from 'fs';
import { join } from 'path';
import { isMap, parseAllDocuments } from 'yaml';
import { canonicalDocument, canonicalFile, CanonicalOptions } from '../../lib/output';
import { deriveSequenceStyle } from '../../lib/output/sequence-style';
import { ForgeError } from '../../lib/support';
import { sequenceStyleOf } from './sequence-style-of';

/*
 * The fixture holds files before and after a run of Flux's own setter code. What they say about the emitter:
 *   - a file that Flux changed only in its marked values is stable text, any other is unstable;
 *   - the emitter must never write an unstable text, and must write every stable text that is in its own form
 *     (the rest are stable in a form the emitter does not use: single quotes, flow collections, comments, …);
 *   - the style that Flux gave the sequences of each document is the style that our port of its guess predicts.
 * conformance/ proves the same the other way round: it runs Flux's library over what the emitter writes.
 */

interface SetterCase {
  readonly name: string;
  readonly status: string;
  readonly before: string;
  readonly after: Record<string, string> | null;
}
const { cases } = JSON.parse(
  readFileSync(join(__dirname, '../../conformance/setters/testdata/setter-cases.json'), 'utf8'),
) as { cases: SetterCase[] };

const OLD = 'registry.example.com/app:1.0.0';
const NEW = 'registry.example.com/app:1.0.1';
const MARKER = '# {"$imagepolicy": "ns:p"}';

/** Marked scalars in double quotes, as the emitter writes them; Flux keeps that style (cases "dq image" and "sq image"). */
const quoteMarked = (text: string) =>
  text.replace(
    new RegExp(`"?(registry\\.example\\.com/app:1\\.0\\.[01])"? ${MARKER.replace(/[{}$]/g, '\\$&')}`, 'g'),
    `"$1" ${MARKER}`,
  );

const changed = cases.flatMap(({ name, status, before, after }) =>
  status === 'changed' && after && Object.keys(after).join() === 'f.yaml'
    ? [{ name, before: quoteMarked(before), after: quoteMarked(after['f.yaml']) }]
    : [],
);
const isStable = ({ before, after }: { before: string; after: string }) =>
  before.replaceAll(`"${OLD}" ${MARKER}`, `"${NEW}" ${MARKER}`) === after;

/** What the emitter writes for the data of `text`; undefined where it refuses. */
function emitted(text: string): string | undefined {
  const documents = parseAllDocuments(text, { version: '1.1', uniqueKeys: false, logLevel: 'silent' });
  if (
    !Array.isArray(documents) ||
    documents.some((d) => d.errors.length > 0 || !isMap(d.contents) || d.contents.items.length === 0)
  ) {
    return undefined;
  }
  const options: CanonicalOptions = { resolve: (value) => (value === OLD ? { value, setter: 'ns:p' } : undefined) };
  let written: string | undefined;
  ForgeError.problemsIn(() => {
    written = canonicalFile(documents.map((d) => canonicalDocument(d.toJS() as object, options)));
  });
  return written;
}

test('the fixture is whole', () => {
  expect(cases).toHaveLength(258);
  expect(changed.length).toBeGreaterThan(230);
});

describe('a text that Flux rewrote', () => {
  test.each(changed.filter((c) => !isStable(c)))('is not what the emitter writes: $name', ({ before }) => {
    expect(emitted(before)).not.toBe(before);
  });
});

test('of the texts that Flux left alone the emitter writes all that are in its form', () => {
  const stable = changed.filter(isStable);
  const other = stable.filter(({ before }) => emitted(before) !== before).map(({ name }) => name);
  expect({ stable: stable.length, inAnotherForm: other }).toMatchSnapshot();
});

describe('the guessed sequence style', () => {
  test.each(changed)('is the one Flux wrote: $name', ({ before, after }) => {
    const documents = (text: string) =>
      text
        .replace(/\r\n/g, '\n')
        .split(/^---.*\n/m)
        .filter((d) => /^[^#\s]/m.test(d));
    const written = documents(after);
    documents(before).forEach((document, i) => {
      const style = sequenceStyleOf(written[i]);
      if (style) {
        expect(deriveSequenceStyle(document)).toBe(style);
      }
    });
  });
});
