import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { AdoptedText } from '../../../lib/flux';
import { ForgeError } from '../../../lib/support';
import { updated } from '../play-flux';
import { outOfStep } from './oracle';
import { image, NAME, shapes } from './shapes';

const MARKED = /[ \t]*(?:"[^"]*"|'[^']*'|[^\s'"]+) # \{"\$imagepolicy": "flux-system:api(?::[a-z]+)?"\}/;

const values = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown);

/** Every leaf of the documents, by path. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  return value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}/${key}`))
    : [[path, value]];
}

const digests = (text: string) => text.match(/sha256:[a-f0-9]{64}/g) ?? [];

test('adopted files stay YAML, differ only at marks, stay in step, and a second synth changes nothing', () => {
  let [adopted, warned] = [0, 0];
  fc.assert(
    fc.property(shapes, fc.constantFrom('2.0.0', '1.10', '7'), ({ file, text }, tag) => {
      let after = '';
      let warnings: readonly string[] = [];
      const codes = ForgeError.problemsIn(() => {
        const first = new AdoptedText(text, file, image);
        after = first.withVersion({ tag });
        warnings = first.warnings;
      }).map(({ code }) => code);
      if (codes.length > 0) {
        expect(codes.every((code) => /^FORGE-FLUX-03[123]$/.test(code))).toBe(true);
        return;
      }
      adopted++;
      expect(parseAllDocuments(after).flatMap(({ errors }) => errors)).toEqual([]);
      const versions = [tag, '3.0.0'];
      const texts = versions.map((one) => updated(after, { [image.policy]: { name: NAME, tag: one } }));
      expect(texts[0]).toBe(after);
      texts.forEach((one, i) => {
        const again = new AdoptedText(one, file, image);
        expect(again.withVersion({ tag: versions[i] })).toBe(one);
        expect(again.warnings).toEqual(warnings);
        expect(outOfStep(one, { file, tag: versions[i], warnings })).toEqual([]);
        expect(digests(one)).toEqual(digests(text));
      });
      warned += warnings.length > 0 ? 1 : 0;
      const [lines, before] = [after.split('\n'), text.split('\n')];
      expect(lines.length).toBe(before.length);
      const changed = lines.filter((line, i) => line !== before[i]);
      expect(changed.every((line) => MARKED.test(line))).toBe(true);
      const old = new Map(leaves(values(text)));
      const moved = leaves(values(after)).filter(([path, value]) => old.get(path) !== value);
      expect(moved.every(([, value]) => value === tag || value === `${NAME}:${tag}`)).toBe(true);
    }),
    { numRuns: 600 },
  );
  expect([adopted > 150, warned > 15]).toEqual([true, true]);
});
