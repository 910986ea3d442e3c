import fc from 'fast-check';

/** What some reader or writer of YAML is known to stumble over. */
export const HOSTILE_STRINGS = [
  '',
  ' ',
  '\t',
  '\n',
  '\n\n',
  'a\n',
  'a\n\n',
  'a\n\n\n',
  '\na',
  ' a',
  'a ',
  '\ta',
  'a\t',
  'a \nb',
  'a\t\nb',
  'a\n b',
  'a\n\tb',
  'a\n\t\nb',
  'a\n  \nb\n',
  'a\n \n',
  'y',
  'n',
  'yes',
  'No',
  'ON',
  'off',
  'true',
  'False',
  'null',
  'NULL',
  '~',
  '=',
  '<<',
  '-',
  '--',
  '---',
  '---x',
  '...',
  '...x',
  '- a',
  '-a',
  '-1',
  '+1',
  '.',
  '..',
  '.5',
  '.inf',
  '-.INF',
  '.NaN',
  '+.inf',
  '0',
  '-0',
  '007',
  '0o7',
  '0x1F',
  '0b11',
  '1_000',
  '1e3',
  '1E3',
  '1.5e-7',
  '1:30',
  '190:20:30.15',
  '1.',
  '2024-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '2001-12-14 21:59:43.10 -5',
  '9007199254740993',
  '1e400',
  '100m',
  '10Gi',
  '1.2.3',
  '10.0.0.1',
  'v1.2.3',
  '127.0.0.1:80',
  'a:b',
  'a: b',
  'a:',
  ':',
  ': a',
  'a #b',
  'a#b',
  '#a',
  'a # b: c',
  '? a',
  '?a',
  '! a',
  '!a',
  '&a',
  '*a',
  '*',
  '@a',
  '`a`',
  '%a',
  '|',
  '>',
  '|-',
  '"',
  "'",
  "it's",
  'say "hi"',
  '[',
  ']',
  '[a]',
  '{',
  '}',
  '{a: b}',
  '{{ .x }}',
  '${FOO}',
  '$(FOO)',
  'a, b',
  ',',
  'a\\b',
  '\\',
  '/a',
  '~/a',
  'C:\\x\\n',
  'a\r\nb',
  '\r',
  'a\rb',
  'a\u0085b',
  'a\u2028b',
  'a\u2029b',
  'a\ufeffb',
  'a\u00a0b',
  '\u00a0',
  '\u2028',
  '\u0000',
  '\u0007',
  '\u001b[0m',
  '\u007f',
  '\u0080',
  '\u009f',
  '\ufffe',
  '\uffff',
  '\ufffd',
  '\ue000',
  'é',
  '日本',
  '😀',
  'a\n😀\n',
  'é\nü\n',
  'a:\n- b',
  'a:\n  - b\n',
  '- a\n- b\n',
  'a:\n    - b\n',
  'k: v\n---\nk: v\n',
  'a\n---\nb\n',
  'a\n...\nb\n',
  '# x\na:\n- b\n',
  'a: # c\n  - b\n',
  '#!/bin/sh\nset -e\necho "$@"\n',
  'registry.example.com/app:1.0.0',
  'x # {"$imagepolicy": "ns:p"}',
  '# {"$imagepolicy": "ns:p"}',
  'a: b # {"$imagepolicy": "ns:p"}\n',
  'word '.repeat(60).trim(),
  'word '.repeat(60),
  '{"a": "b"}',
  '{\n  "a": [1]\n}\n',
  'x'.repeat(1500),
];

/** Every string of up to four of the characters that numbers, dates and times are made of. */
export function numberLikeWords(): string[] {
  const alphabet = [...'0179+-._:exobET '];
  let words = [''];
  const all: string[] = [];
  for (let length = 1; length <= 4; length++) {
    words = words.flatMap((word) => alphabet.map((character) => word + character));
    all.push(...words);
  }
  return all;
}

const HOSTILE_CHARACTERS = [
  ...'ab01yn-:#?!&*|>%@`\'"[]{},.=~<_+/\\$ \t\n',
  '\r',
  ' ',
  ' ',
  '\n',
  '\n',
  ': ',
  ' #',
  '- ',
  '\n- ',
  ':\n- ',
  ':\n  - ',
  '\u0000',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffe',
  'é',
  '日',
  '😀',
];

const beginsWithMark = (text: string) => text.startsWith('\ufeff');

/** Any string that has a stable form: everything but lone surrogates and a leading byte order mark. */
export const hostileString = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_STRINGS) },
    {
      weight: 3,
      arbitrary: fc.array(fc.constantFrom(...HOSTILE_CHARACTERS), { maxLength: 12 }).map((parts) => parts.join('')),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.constantFrom('a', 'a:', '  a:', '- a', '  - a', '    - a', '# a', '', '\tx', 'k: v', '---', 'é'), {
          minLength: 1,
          maxLength: 6,
        })
        .map((lines) => lines.join('\n') + '\n'),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  )
  .filter((text) => !beginsWithMark(text));

/** Any key that has a stable form. */
export const hostileKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'name', 'args', 'env', 'data', 'x-y', 'image') },
  {
    weight: 3,
    arbitrary: hostileString
      .map((text) => text.replace(/[\n\r\u0085\u2028\u2029]/g, ''))
      .filter((key) => !beginsWithMark(key) && Buffer.byteLength(key) <= 128),
  },
);

const number = fc
  .oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => Number.isSafeInteger(n) || !Number.isInteger(n)),
  )
  .map((n) => (n === 0 ? 0 : n));

/** Any data, with the text of a managed scalar now and then. */
export function hostileData(managed: string[]): fc.Arbitrary<unknown> {
  const { data } = fc.letrec<{ data: unknown }>((tie) => ({
    data: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: hostileString },
      { weight: 1, arbitrary: number },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}) },
      { weight: 2, arbitrary: fc.constantFrom(...managed) },
      { weight: 4, arbitrary: fc.array(tie('data'), { maxLength: 4 }) },
      { weight: 5, arbitrary: fc.dictionary(hostileKey, tie('data'), { maxKeys: 5, noNullPrototype: true }) },
    ),
  }));
  return data;
}

const label = fc.constantFrom('web', 'db', 'a-b', 'x.y', 'app-1');

/** A document like a Kubernetes object, or like a data file: some or all of a head, any body. */
export function hostileDocument(managed: string[]): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(
      fc.record(
        {
          apiVersion: fc.constantFrom('v1', 'apps/v1'),
          kind: fc.constantFrom('ConfigMap', 'Pod', 'Deployment'),
          metadata: fc.record(
            {
              name: label,
              namespace: label,
              labels: fc.dictionary(label, label, { maxKeys: 2, noNullPrototype: true }),
              annotations: fc.dictionary(hostileKey, hostileString, { maxKeys: 2, noNullPrototype: true }),
            },
            { requiredKeys: ['name'] },
          ),
        },
        { requiredKeys: [] },
      ),
      fc.dictionary(hostileKey, hostileData(managed), { maxKeys: 4, noNullPrototype: true }),
    )
    .map(([head, body]): Record<string, unknown> =>
      Object.keys(head).length > 0 ? { ...body, ...head } : { ...body, image: managed[0] },
    );
}
