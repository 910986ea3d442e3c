import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { AdoptedText } from '../../../lib/flux';
import { ForgeError } from '../../../lib/support';
import { image, NAME, shapes } from './shapes';

const MARKED = /[ \t]*(?:"[^"]*"|'[^']*'|[^\s'"]+) # \{"\$imagepolicy": "flux-system:api(?::[a-z]+)?"\}/;

const values = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown);

/** Every leaf of the documents, by path. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  return value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}/${key}`))
    : [[path, value]];
}

test('adopted files stay YAML, differ only at marks, and a second synth changes nothing', () => {
  let adopted = 0;
  fc.assert(
    fc.property(shapes, fc.constantFrom('2.0.0', '1.10', '7'), ({ file, text }, tag) => {
      let after = '';
      const codes = ForgeError.problemsIn(() => {
        after = new AdoptedText(text, file, image).withVersion({ tag });
      }).map(({ code }) => code);
      if (codes.length > 0) {
        expect(codes.every((code) => /^FORGE-FLUX-03[123]$/.test(code))).toBe(true);
        return;
      }
      adopted++;
      expect(parseAllDocuments(after).flatMap(({ errors }) => errors)).toEqual([]);
      expect(new AdoptedText(after, file, image).withVersion({ tag })).toBe(after);
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
  expect(adopted).toBeGreaterThan(200);
});
