import * as fc from 'fast-check';
import { ManagedValue } from '../../lib/output';

const hello = new ManagedValue('home/flux/images/hello', 'reference');
const odd = new ManagedValue('home/a b:c>/ü', 'tag');

test('a placeholder names the image and the part, and is found in any text', () => {
  expect(`${hello}`).toBe('<image:home/flux/images/hello:reference>');
  const text = `FROM ${hello} AS a\nLABEL tag=${odd}-x <image:> <image:none>`;
  expect(ManagedValue.within(text)).toEqual([hello, odd]);
  expect(ManagedValue.within('no image: <b>')).toEqual([]);
});

test('a placeholder that is renamed keeps its part and the text around it', () => {
  const policyOf = (image: string) => `policy-of-${image.length}`;
  expect(ManagedValue.renamed(`a ${hello}, ${odd}!`, policyOf)).toBe(
    `a <image:policy-of-${hello.image.length}:reference>, <image:policy-of-${odd.image.length}:tag>!`,
  );
  expect(ManagedValue.renamed('no image', policyOf)).toBe('no image');
});

test('every path of a construct is read back from its placeholder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (image) => {
      const value = new ManagedValue(image, 'digest');
      expect(ManagedValue.within(`x${value}y`)).toEqual([value]);
    }),
  );
});
