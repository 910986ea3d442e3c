import { parse } from 'yaml';
import { canonicalDocument, canonicalFile, CanonicalOptions, ManagedScalar } from '../../lib/output';
import { ForgeError } from '../../lib/support';
import { accepts } from '../support/problems';

const app: ManagedScalar = { value: 'registry.example.com/app:1.0.0', setter: 'flux-system:app' };
const managed: CanonicalOptions = { resolve: (text) => (text === '<app>' ? app : undefined) };

function problemOf(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (e) {
    if (e instanceof ForgeError) {
      return { code: e.code, message: e.problems[0].message };
    }
    throw e;
  }
  throw new Error('nothing was thrown');
}

test('writes a deployment in the form that Flux leaves alone', () => {
  expect(
    canonicalDocument(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'app', namespace: undefined, annotations: {} },
        spec: {
          replicas: 1,
          selector: {},
          template: {
            spec: {
              containers: [
                {
                  name: 'app',
                  image: '<app>',
                  args: ['-c', 'set -e\nexec "$@"\n'],
                  env: [{ name: 'ON', value: 'on' }],
                },
              ],
              volumes: [],
            },
          },
        },
        status: null,
      },
      { ...managed, header: ['Generated.', '', 'Do not edit.'] },
    ),
  ).toMatchInlineSnapshot(`
"# Generated.
#
# Do not edit.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  replicas: 1
  selector: {}
  template:
    spec:
      containers:
      - name: app
        image: "registry.example.com/app:1.0.0" # {"$imagepolicy": "flux-system:app"}
        args:
        - -c
        - |
          set -e
          exec "$@"
        env:
        - name: "ON"
          value: "on"
      volumes: []
status: null
"
`);
});

describe('strings', () => {
  test.each([
    'a',
    'a b',
    '/bin/sh',
    '$(HOME)',
    '100m',
    '10Gi',
    '5m',
    'v1.2.3',
    '-c',
    '--flag=x',
    'https://x.y/z?a=b#c',
    'a:b',
    'it\'s "so"',
    'registry.example.com:5000/app:1.0.0',
    '.hidden',
    '(x)',
    'nope',
    'yesterday',
    'edge',
    'e',
    '_1',
    'abc123',
  ])('%p is plain', (text) => expect(canonicalDocument({ k: text })).toBe(`k: ${text}\n`));

  test.each([
    '',
    'yes',
    'No',
    'ON',
    'off',
    'y',
    'N',
    'true',
    'FALSE',
    'null',
    '~',
    '=',
    '<<',
    '1',
    '1.0',
    '1.2.3',
    '1_000',
    '1e3',
    '0x1F',
    '0o7',
    '0_',
    '._',
    '+_1',
    'e5',
    'E1234567',
    '012',
    '1:30',
    '2024-01-01',
    '.5',
    '+1',
    '-.inf',
    '.NaN',
    '-',
    '- a',
    '? a',
    ': a',
    'a: b',
    'a:',
    'a #b',
    '#a',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a`',
    '[a]',
    '{a}',
    '|',
    '>',
    ' a',
    'a ',
    '---',
    '...',
    '---x',
    'é',
    '日本',
    'a\u00a0b',
    '/ü',
  ])('%p is quoted', (text) => expect(canonicalDocument({ k: text })).toBe(`k: "${text}"\n`));

  test.each([
    ['a\tb', '"a\\tb"'],
    ['\0\x07\b\v\f\r\x1b', '"\\0\\a\\b\\v\\f\\r\\e"'],
    ['"\\', '"\\"\\\\"'],
    ['\u0085\u2028\u2029', '"\\N\\L\\P"'],
    ['\x01\x7f\x9f', '"\\x01\\x7F\\x9F"'],
    ['a\ufeffb\uffff', '"a\\uFEFFb\\uFFFF"'],
    ['😀', '"\\U0001F600"'],
    ['\n', '"\\n"'],
    ['\na', '"\\na"'],
    [' a\nb', '" a\\nb"'],
    ['\ta\nb', '"\\ta\\nb"'],
    ['a \nb', '"a \\nb"'],
    ['a\nb ', '"a\\nb "'],
    ['a\r\nb', '"a\\r\\nb"'],
    ['a\n😀', '"a\\n\\U0001F600"'],
  ])('%j has the escapes of go-yaml', (text, expected) =>
    expect(canonicalDocument({ k: text })).toBe(`k: ${expected}\n`),
  );

  test.each([
    ['a\nb', '|-\n  a\n  b\n'],
    ['a\n', '|\n  a\n'],
    ['a\n\n', '|+\n  a\n\n'],
    ['a\n\n  b\n\tc\n', '|\n  a\n\n    b\n  \tc\n'],
    ['# é\n', '|\n  # é\n'],
    ['a\t\nb', '|-\n  a\t\n  b\n'],
  ])('%j is a block', (text, expected) => expect(canonicalDocument({ k: text })).toBe(`k: ${expected}`));

  test('are quoted as keys, too', () => {
    expect(canonicalDocument({ on: 1, 1: 2, '<<': 3, '': 4, 'a b': 5, 'a: b': 6, '💥': 7, 'a\tb': 8 })).toBe(
      '"1": 2\n"on": 1\n"<<": 3\n"": 4\na b: 5\n"a: b": 6\n"\\U0001F4A5": 7\n"a\\tb": 8\n',
    );
  });
});

describe('numbers', () => {
  test.each<[number, string]>([
    [0, '0'],
    [-0, '0'],
    [-7, '-7'],
    [9007199254740991, '9007199254740991'],
    [0.5, '0.5'],
    [-1.25, '-1.25'],
    [1e-7, '1.0e-7'],
    [1.5e-9, '1.5e-9'],
    [5e-324, '5.0e-324'],
  ])('%p is %s', (value, expected) => {
    const text = canonicalDocument({ k: value });
    expect(text).toBe(`k: ${expected}\n`);
    for (const version of ['1.1', '1.2'] as const) {
      expect((parse(text, { version }) as { k: number }).k + 0).toBe(value + 0);
    }
  });
});

describe('sequences', () => {
  test("follow an embedded YAML text, whose lines Flux takes for the document's own", () => {
    const wide = canonicalDocument({ data: { x: 'a:\n  - b\n' }, list: [{ x: [1, [2, [3]]], z: 'a\nb' }] });
    expect(wide).toBe(
      'data:\n  x: |\n    a:\n      - b\nlist:\n  - x:\n      - 1\n      - - 2\n        - - 3\n    z: |-\n      a\n      b\n',
    );
    const compact = canonicalDocument({ data: { x: 'a:\n- b\n' }, list: [{ x: [1, [2, [3]]], z: 'a\nb' }] });
    expect(compact).toBe(
      'data:\n  x: |\n    a:\n    - b\nlist:\n- x:\n  - 1\n  - - 2\n    - - 3\n  z: |-\n    a\n    b\n',
    );
  });
});

describe('mappings', () => {
  test('keep their order, or are sorted with the head first', () => {
    const value = {
      spec: { b: 1, B: 2, a: { kind: 1, apiVersion: 2 } },
      metadata: { namespace: 'n', name: 'a' },
      kind: 'K',
      apiVersion: 'v1',
      Data: 1,
    };
    expect(canonicalDocument(value)).toBe(
      'spec:\n  b: 1\n  B: 2\n  a:\n    kind: 1\n    apiVersion: 2\nmetadata:\n  namespace: "n"\n  name: a\nkind: K\napiVersion: v1\nData: 1\n',
    );
    expect(canonicalDocument(value, { sortKeys: true })).toBe(
      'apiVersion: v1\nkind: K\nmetadata:\n  name: a\n  namespace: "n"\nData: 1\nspec:\n  B: 2\n  a:\n    apiVersion: 2\n    kind: 1\n  b: 1\n',
    );
  });

  test.each([
    [{ metadata: { name: 'a', annotations: {} } }, 'a: 1\nmetadata:\n  name: a\n'],
    [{ metadata: { name: 'a', annotations: null } }, 'a: 1\nmetadata:\n  name: a\n'],
    [{ metadata: { name: 'a', annotations: { x: undefined } } }, 'a: 1\nmetadata:\n  name: a\n'],
    [{ metadata: { annotations: {} } }, 'a: 1\n'],
    [{ metadata: {} }, 'a: 1\n'],
    [{ metadata: null }, 'a: 1\n'],
    [{ metadata: { labels: {} } }, 'a: 1\nmetadata:\n  labels: {}\n'],
    [
      { spec: { metadata: { annotations: {}, creationTimestamp: null } } },
      'a: 1\nspec:\n  metadata:\n    annotations: {}\n    creationTimestamp: null\n',
    ],
  ])('%j lose only what Flux would remove', (value, expected) =>
    expect(canonicalDocument({ a: 1, ...value })).toBe(expected),
  );

  test("leave the caller's object as it was", () => {
    const value = Object.freeze({
      metadata: Object.freeze({ name: 'a', annotations: Object.freeze({}) }),
      list: Object.freeze([1]),
      b: 1,
      a: 2,
    });
    expect(canonicalDocument(value, { sortKeys: true })).toBe(canonicalDocument(value, { sortKeys: true }));
  });

  test('may hold one object twice', () => {
    const shared = { a: [1] };
    expect(canonicalDocument({ x: shared, z: [shared, shared] })).toBe(
      'x:\n  a:\n  - 1\nz:\n- a:\n  - 1\n- a:\n  - 1\n',
    );
  });
});

describe('managed scalars', () => {
  test('stand in double quotes with their marker, as value and as item', () => {
    expect(canonicalDocument({ image: '<app>', args: ['<app>', ['<app>']] }, managed)).toBe(
      [
        'image: "registry.example.com/app:1.0.0" # {"$imagepolicy": "flux-system:app"}',
        'args:',
        '- "registry.example.com/app:1.0.0" # {"$imagepolicy": "flux-system:app"}',
        '- - "registry.example.com/app:1.0.0" # {"$imagepolicy": "flux-system:app"}',
        '',
      ].join('\n'),
    );
  });

  test('keep a numeric tag a string, and an unknown digest empty', () => {
    expect(canonicalDocument({ tag: 'x' }, { resolve: () => ({ value: '7', setter: 'ns:p:tag' }) })).toBe(
      'tag: "7" # {"$imagepolicy": "ns:p:tag"}\n',
    );
    expect(canonicalDocument({ digest: 'x' }, { resolve: () => ({ value: '', setter: 'ns:p:digest' }) })).toBe(
      'digest: "" # {"$imagepolicy": "ns:p:digest"}\n',
    );
  });
});

describe('files', () => {
  test('join documents with a separator line and nothing else', () => {
    expect(canonicalFile([canonicalDocument({ a: 1 }), canonicalDocument({ b: 'x\n\n' })])).toBe(
      'a: 1\n---\nb: |+\n  x\n\n',
    );
  });

  test("allow a reader's annotation where Flux does not read it", () => {
    const documents = [
      canonicalDocument({
        metadata: { labels: { x: '1' }, annotations: { note: 'a\n\nb\n' } },
        data: {
          metadata: { annotations: { 'config.kubernetes.io/path': 'x' } },
          x: 'annotations:\n    config.kubernetes.io/path: x\n',
        },
      }),
      canonicalDocument({ image: '<app>' }, managed),
    ];
    expect(canonicalFile(documents)).toContain('config.kubernetes.io/path');
    expect(
      canonicalFile([canonicalDocument({ metadata: { annotations: { 'config.kubernetes.io/path': 'x' } } })]),
    ).toContain('config.kubernetes.io/path');
  });
});

describe('fails', () => {
  const cyclic: Record<string, unknown> = { spec: { list: [] } };
  (cyclic.spec as { list: unknown[] }).list.push({ parent: cyclic });
  const deep = Array.from({ length: 600 }).reduce<unknown>((inner) => ({ a: inner }), 1) as object;
  class Service {
    readonly name = 'x';
  }

  test.each<[string, string, string, () => unknown]>([
    ['a function', 'FORGE-YAML-001', 'spec.a is a function', () => canonicalDocument({ spec: { a: () => 1 } })],
    ['a symbol', 'FORGE-YAML-001', 'spec is a symbol', () => canonicalDocument({ spec: Symbol('x') })],
    ['a bigint', 'FORGE-YAML-001', 'spec[1] is a bigint', () => canonicalDocument({ spec: [1, 2n] })],
    [
      'undefined in a list',
      'FORGE-YAML-001',
      'spec.template.x[1] is undefined',
      () => canonicalDocument({ spec: { template: { x: [1, undefined] } } }),
    ],
    [
      'a class instance',
      'FORGE-YAML-001',
      'spec["a.b/c"] is an object of class Service',
      () => canonicalDocument({ spec: { 'a.b/c': new Service() } }),
    ],
    [
      'a class instance in a list',
      'FORGE-YAML-001',
      '[0] is an object of class Map',
      () => canonicalDocument({ x: [new Map()] }),
    ],
    [
      'a class instance as document',
      'FORGE-YAML-001',
      'the document is an object of class Service',
      () => canonicalDocument(new Service()),
    ],
    [
      'a cycle',
      'FORGE-YAML-002',
      'spec.list[0].parent contains itself: it is the document again',
      () => canonicalDocument(cyclic),
    ],
    ['endless depth', 'FORGE-YAML-002', 'more than 500 levels', () => canonicalDocument(deep)],
    ['NaN', 'FORGE-YAML-003', 'spec.replicas is NaN', () => canonicalDocument({ spec: { replicas: NaN } })],
    ['Infinity', 'FORGE-YAML-003', 'x is -Infinity', () => canonicalDocument({ x: -Infinity })],
    ['a rounded integer', 'FORGE-YAML-003', 'x is 9007199254740992', () => canonicalDocument({ x: 2 ** 53 })],
    [
      'half a character',
      'FORGE-YAML-004',
      'a[0] holds half a surrogate pair (U+D83D)',
      () => canonicalDocument({ a: ['x\ud83d'] }),
    ],
    [
      'a byte order mark in front',
      'FORGE-YAML-004',
      'data.x begins with a byte order mark',
      () => canonicalDocument({ data: { x: '\ufeffa' } }),
    ],
    [
      'a byte order mark in front of a block',
      'FORGE-YAML-004',
      'data.x begins with a byte order mark',
      () => canonicalDocument({ data: { x: '\ufeffa\nb\n' } }),
    ],
    [
      'a byte order mark in front of a key',
      'FORGE-YAML-004',
      'the key "\ufeffx" in data begins',
      () => canonicalDocument({ data: { '\ufeffx': 1 } }),
    ],
    ['a long key', 'FORGE-YAML-005', 'has 129 bytes', () => canonicalDocument({ a: { ['x'.repeat(129)]: 1 } })],
    ['a key with many bytes', 'FORGE-YAML-005', 'has 130 bytes', () => canonicalDocument({ ['é'.repeat(65)]: 1 })],
    [
      'a key with a line break',
      'FORGE-YAML-005',
      'the key "a\\nb" in spec has a line break',
      () => canonicalDocument({ spec: { 'a\nb': 1 } }),
    ],
    [
      'a first list that hides its style',
      'FORGE-YAML-006',
      'no stable indentation',
      () => canonicalDocument({ 'a:b': [{ x: [1] }] }),
    ],
    ['an empty document', 'FORGE-YAML-007', 'the document is empty', () => canonicalDocument({ a: undefined })],
    [
      'a document of empty metadata',
      'FORGE-YAML-007',
      'the document is empty',
      () => canonicalDocument({ metadata: { annotations: {} } }),
    ],
    ['a list as document', 'FORGE-YAML-007', 'the document is a list', () => canonicalDocument([1])],
    ['text as metadata', 'FORGE-YAML-007', 'metadata is a string', () => canonicalDocument({ metadata: 'x' })],
    [
      'a list as annotations',
      'FORGE-YAML-007',
      'metadata.annotations is a list',
      () => canonicalDocument({ metadata: { annotations: ['x'] } }),
    ],
    [
      'a setter that is none',
      'FORGE-YAML-008',
      'image cannot be managed',
      () => canonicalDocument({ image: 'x' }, { resolve: () => ({ value: 'a:1', setter: 'no namespace' }) }),
    ],
    [
      'a value that would end the marker',
      'FORGE-YAML-008',
      'image cannot be managed',
      () => canonicalDocument({ image: 'x' }, { resolve: () => ({ value: 'a:1#x', setter: 'ns:p' }) }),
    ],
    [
      'a list kind with a marker',
      'FORGE-YAML-009',
      'kind is "List"',
      () => canonicalDocument({ apiVersion: 'v1', kind: 'List', items: [{ image: '<app>' }] }, managed),
    ],
    [
      "a reader's annotation with a marker",
      'FORGE-YAML-009',
      '"config.kubernetes.io/path"',
      () =>
        canonicalDocument({ metadata: { annotations: { 'config.kubernetes.io/path': 'x' } }, image: '<app>' }, managed),
    ],
    [
      "a reader's annotation beside a marker",
      'FORGE-YAML-009',
      '"internal.config.kubernetes.io/index"',
      () =>
        canonicalFile([
          canonicalDocument({ image: '<app>' }, managed),
          canonicalDocument({
            metadata: { name: 'x', annotations: { a: 'x\n\ny\n', 'internal.config.kubernetes.io/index': '3' } },
          }),
        ]),
    ],
    [
      'a key that Flux keeps for itself',
      'FORGE-YAML-009',
      '"bareSeqNodeWrappingKey"',
      () => canonicalFile([canonicalDocument({ bareSeqNodeWrappingKey: [1], image: '<app>' }, managed)]),
    ],
    ['a header of two lines', 'FORGE-YAML-010', 'header line', () => canonicalDocument({ a: 1 }, { header: ['a\nb'] })],
  ])('on %s', (_, code, message, act) => {
    const problem = problemOf(act);
    expect(problem.code).toBe(code);
    expect(problem.message).toContain(message);
  });
});

test('the path of an endless depth is cut', () => {
  const deep = Array.from({ length: 600 }).reduce<unknown>((inner) => ({ a: inner }), 1) as object;
  const nested = (levels: number) =>
    Array.from({ length: levels }).reduce<unknown>((inner) => ({ a: inner }), 1) as object;
  expect(problemOf(() => canonicalDocument(deep)).message).toMatch(
    /^a\.a\.a\.a\.a… is nested more than 500 levels deep/,
  );
  accepts(() => canonicalDocument(nested(499)));
});
