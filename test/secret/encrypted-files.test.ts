import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { passThroughAt, SecretSource } from '../../lib/secret';
import { encryptedObject } from '../../lib/secret/encrypted-file';
import { checkSealed } from '../../lib/secret/sealed-secret';
import { checkSops } from '../../lib/secret/sops-secret';
import { outcomeOf } from '../support/outcome';
import { Problem } from '../../lib/support';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { ENC, fileOf, sealedObject, sopsObject } from './files';

const sops = (text: string) => checkSops(encryptedObject({ path: 'secret.yaml', text, kind: 'Secret' }));
const sealed = (text: string) => checkSealed(encryptedObject({ path: 'secret.yaml', text, kind: 'SealedSecret' }));
/** The message without the folder of the file, which is another one in each run. */
const messageOf = ([{ message }]: readonly Problem[]) => message.replace(/"[^"]*secret\.yaml"/, 'the file');

const stanza = (changes: Record<string, unknown>) => ({ sops: { ...(sopsObject().sops as object), ...changes } });

test.each([
  ['age', {}],
  ['PGP', stanza({ age: undefined, pgp: [{ fp: 'ABCDEF', enc: 'AAAA' }] })],
  ['a KMS', stanza({ age: [], kms: [{ arn: 'arn:aws:kms:eu-central-1:000000000000:key/example' }] })],
  [
    'key groups',
    stanza({
      age: undefined,
      key_groups: [{ age: [{ recipient: 'age1a' }] }, { pgp: [{ fp: 'AB' }] }],
      shamir_threshold: 2,
    }),
  ],
  ['an empty value, which sops leaves empty', { stringData: { token: ENC, suffix: '' } }],
  ['data instead of stringData', { stringData: undefined, data: { token: ENC } }],
])('a sops file with %s is taken', (_, changes) => {
  expect(() => sops(stringify(sopsObject(changes)))).not.toThrow();
});

const SOPS_CASES: [string, Record<string, unknown> | string, string, Record<string, unknown> | string][] = [
  ['an empty file', '', 'FORGE-SEC-002', sopsObject()],
  ['no YAML', '{a: [', 'FORGE-SEC-002', `${stringify(sopsObject())}...\n`],
  ['a list', '- a', 'FORGE-SEC-002', `---\n${stringify(sopsObject())}`],
  [
    'two documents',
    `${stringify(sopsObject())}---\n${stringify(sopsObject())}`,
    'FORGE-SEC-002',
    `---\n${stringify(sopsObject())}`,
  ],
  ['an alias', 'a: &a 1\nb: *a\n', 'FORGE-SEC-002', sopsObject({ metadata: { name: 'a', namespace: 'ci' } })],
  ['a key twice', 'kind: Secret\nkind: Secret\n', 'FORGE-SEC-002', sopsObject({ data: { token: ENC } })],
  ['another kind', sopsObject({ kind: 'ConfigMap' }), 'FORGE-SEC-002', sopsObject({ kind: 'Secret' })],
  ['no name', sopsObject({ metadata: {} }), 'FORGE-SEC-002', sopsObject({ metadata: { name: 'a' } })],
  [
    'an encrypted name',
    sopsObject({ metadata: { name: ENC } }),
    'FORGE-SEC-002',
    sopsObject({ metadata: { name: 'enc-aes256-gcm' } }),
  ],
  [
    'encrypted labels',
    sopsObject({ metadata: { name: 'a', namespace: 'ci', labels: { app: ENC } } }),
    'FORGE-SEC-002',
    sopsObject({ metadata: { name: 'a', namespace: 'ci', labels: { app: 'a' } } }),
  ],
  ['an encrypted type', sopsObject({ type: ENC }), 'FORGE-SEC-002', sopsObject({ type: 'Opaque' })],
  [
    'nothing in it',
    sopsObject({ stringData: undefined }),
    'FORGE-SEC-002',
    sopsObject({ stringData: undefined, data: { token: ENC } }),
  ],
  ['a list for data', sopsObject({ data: [ENC] }), 'FORGE-SEC-002', sopsObject({ data: { token: ENC } })],
  ['no stanza', sopsObject({ sops: undefined }), 'FORGE-SEC-002', sopsObject({ sops: sopsObject().sops })],
  [
    'no recipient',
    sopsObject(stanza({ age: [] })),
    'FORGE-SEC-002',
    sopsObject(stanza({ age: [], pgp: [{ fp: 'AB', enc: 'AAAA' }] })),
  ],
  ['no mac', sopsObject(stanza({ mac: undefined })), 'FORGE-SEC-002', sopsObject(stanza({ mac: ENC }))],
  ['a list for the mac', sopsObject(stanza({ mac: [ENC] })), 'FORGE-SEC-002', sopsObject(stanza({ mac: ENC }))],
  ['no version', sopsObject(stanza({ version: undefined })), 'FORGE-SEC-002', sopsObject(stanza({ version: '3.9.0' }))],
  ['a stray key', sopsObject({ extra: 'a' }), 'FORGE-SEC-002', sopsObject({ immutable: true })],
  [
    'a plain value',
    sopsObject({ stringData: { token: 'open' } }),
    'FORGE-SEC-003',
    sopsObject({ stringData: { token: ENC } }),
  ],
  [
    'a plain value beside encrypted ones',
    sopsObject({ data: { other: 'b3Blbg==' } }),
    'FORGE-SEC-003',
    sopsObject({ data: { other: ENC } }),
  ],
  ['a number', sopsObject({ stringData: { token: 1 } }), 'FORGE-SEC-003', sopsObject({ stringData: { token: '' } })],
  [
    'almost encrypted',
    sopsObject({ stringData: { token: `${ENC}x` } }),
    'FORGE-SEC-003',
    sopsObject({ stringData: { token: ENC, other: ENC } }),
  ],
];

test.each(SOPS_CASES)('fails for a sops file with %s', (_, content, code, neighbour) => {
  accepts(() => SecretSource.sops(fileOf(neighbour)));
  const problems = problemsOf(() => SecretSource.sops(fileOf(content)));
  expect(problems.map((problem) => problem.code)).toEqual([code]);
  expect(messageOf(problems)).toMatchSnapshot();
});

test('fails for a recipient that is not in it, and for a file that is not there', () => {
  expect(codesOf(() => SecretSource.sops(fileOf(sopsObject()), { recipients: ['age1example', 'age1other'] }))).toEqual([
    'FORGE-SEC-002',
  ]);
  expect(codesOf(() => SecretSource.sops('no-such-file.yaml'))).toEqual(['FORGE-SEC-002']);
  accepts(() => SecretSource.sops(fileOf(sopsObject()), { recipients: ['age1example'] }));
});

const encryptedData = { token: 'Ag'.repeat(200) };

test.each<[string, Record<string, unknown>, string, Record<string, unknown>]>([
  [
    'another version',
    sealedObject({ apiVersion: 'v1' }),
    'FORGE-SEC-002',
    sealedObject({ apiVersion: 'bitnami.com/v1alpha1' }),
  ],
  ['no values', sealedObject({ spec: {} }), 'FORGE-SEC-002', sealedObject({ spec: { encryptedData } })],
  [
    'a value that is not sealed',
    sealedObject({ spec: { encryptedData: { token: 'open' } } }),
    'FORGE-SEC-002',
    sealedObject({ spec: { encryptedData } }),
  ],
  [
    'a value in its template',
    sealedObject({ spec: { encryptedData, template: { data: { token: 'open' } } } }),
    'FORGE-SEC-003',
    sealedObject({ spec: { encryptedData, template: { type: 'Opaque' } } }),
  ],
  [
    'an annotation in its template that may hold a value',
    sealedObject({
      spec: {
        encryptedData,
        template: { metadata: { annotations: { 'example.com/note': 'ghp_0123456789abcdefghij0123456789abcdef' } } },
      },
    }),
    'FORGE-SEC-003',
    sealedObject({ spec: { encryptedData, template: { metadata: { labels: { app: 'a' } } } } }),
  ],
  [
    'the field of old',
    sealedObject({ spec: { data: 'Ag'.repeat(200), encryptedData } }),
    'FORGE-SEC-003',
    sealedObject({ spec: { encryptedData } }),
  ],
])('fails for a sealed secret with %s', (_, content, code, neighbour) => {
  accepts(() => SecretSource.sealedSecret(fileOf(neighbour)));
  const problems = problemsOf(() => SecretSource.sealedSecret(fileOf(content)));
  expect(problems.map((problem) => problem.code)).toEqual([code]);
  expect(messageOf(problems)).toMatchSnapshot();
});

/** A good file with one place in its text spoiled, or one of its values replaced by anything. */
function spoiled(object: Record<string, unknown>): fc.Arbitrary<string> {
  const text = stringify(object);
  const inText = fc
    .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), fc.nat(5))
    .map(([at, piece, cut]) => text.slice(0, at) + piece + text.slice(at + cut));
  const inValue = fc
    .tuple(fc.constantFrom(...Object.keys(object)), fc.jsonValue())
    .map(([key, value]) => stringify({ ...object, [key]: value }));
  return fc.oneof(inText, inValue);
}

test('a spoiled sops file is refused with a ForgeError, or taken and then holds no plain value', () => {
  let taken = 0;
  fc.assert(
    fc.property(spoiled(sopsObject()), (text) => {
      if ('problems' in outcomeOf(() => sops(text))) {
        return;
      }
      taken++;
      const { data = {}, stringData = {} } = parse(text);
      for (const value of Object.values({ ...data, ...stringData })) {
        expect(value).toMatch(/^ENC\[AES256_GCM,/);
      }
    }),
    { numRuns: 700 },
  );
  expect(taken).toBeGreaterThan(50);
});

test('a spoiled sealed secret is refused with a ForgeError, or taken and then holds sealed values', () => {
  let taken = 0;
  fc.assert(
    fc.property(spoiled(sealedObject()), (text) => {
      if ('problems' in outcomeOf(() => sealed(text))) {
        return;
      }
      taken++;
      for (const value of Object.values(parse(text).spec.encryptedData)) {
        expect(value).toMatch(/^[A-Za-z0-9+/=]{344,}$/);
      }
    }),
    { numRuns: 700 },
  );
  expect(taken).toBeGreaterThan(50);
});

test('any text at all is refused with a ForgeError', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(outcomeOf(() => sops(text))).toHaveProperty('problems');
      expect(outcomeOf(() => sealed(text))).toHaveProperty('problems');
    }),
    { numRuns: 500 },
  );
});

test.each([
  'apiVersion: v1\nkind: Secret\nmetadata:\n  name: !x a\n',
  '!x\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n',
])('a tag that YAML does not know is refused: %j', (text) => {
  expect(outcomeOf(() => encryptedObject({ path: 'a.yaml', text, kind: 'Secret' }))).toHaveProperty('problems');
});

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const metadata = (more: object) => ({ metadata: { name: 'runner-token', namespace: 'ci', ...more } });

test.each<[string, object]>([
  ['the annotation of kubectl apply', metadata({ annotations: { [LAST_APPLIED]: '{"data":{"token":"b3Blbg=="}}' } })],
  ['an annotation of its own', metadata({ annotations: { note: 'the token is hunter2' } })],
  [
    'a token as the value of a known annotation',
    metadata({ annotations: { 'kustomize.toolkit.fluxcd.io/x': 'gto0123456789abcdefabcdef' } }),
  ],
  ['a token as a label', metadata({ labels: { app: 'ghp0123456789abcdefabcdef' } })],
  ['a field of metadata that no file needs', metadata({ managedFields: [{ manager: 'hunter2' }] })],
])('fails for a file with clear text in %s, sealed or of sops', (_, changes) => {
  expect(codesOf(() => sops(stringify(sopsObject(changes as Record<string, unknown>))))).toEqual(['FORGE-SEC-003']);
  expect(codesOf(() => sealed(stringify(sealedObject(changes as Record<string, unknown>))))).toEqual(['FORGE-SEC-003']);
  const harmless = metadata({
    annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Merge' },
    labels: { app: 'a' },
    creationTimestamp: null,
  }) as Record<string, unknown>;
  accepts(
    () => sops(stringify(sopsObject(harmless))),
    () => sealed(stringify(sealedObject(harmless))),
  );
});

test.each([
  metadata({ annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } }),
  metadata({ annotations: { 'reflector.v1.k8s.emberstack.com/reflection-allowed': 'true' } }),
  metadata({ labels: { 'app.kubernetes.io/name': 'gitea', team: 'platform-engineering-and-operations' } }),
  metadata({ creationTimestamp: null }),
])('%j is clear text that every file may have', (changes) => {
  expect(() => sops(stringify(sopsObject(changes)))).not.toThrow();
  expect(() => sealed(stringify(sealedObject(changes)))).not.toThrow();
});

test('a label looks like a token if one of its words has twenty characters, digits and letters among them', () => {
  const label = (app: string) => metadata({ labels: { app } }) as Record<string, unknown>;
  const sealedWith = (app: string) => () => sealed(stringify(sealedObject(label(app))));
  const word = 'a1b2c3d4e5f6a7b8c9d0';
  for (const token of [word, `app-${word}`, `${word}-app`, `${word}x`]) {
    expect(codesOf(sealedWith(token))).toEqual(['FORGE-SEC-003']);
  }
  accepts(
    ...[word.slice(1), '12345678901234567890', 'abcdefghijklmnopqrst', `${word.slice(0, 10)}-${word.slice(10)}`].map(
      sealedWith,
    ),
  );
});

test('comments are clear text, unless sops encrypted them; a "#" in a value is none', () => {
  const text = stringify(sopsObject());
  const comment = '#ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:comment]';
  expect(codesOf(() => sops(`${text}# token: hunter2\n`))).toEqual(['FORGE-SEC-003']);
  expect(codesOf(() => sops(text.replace('kind: Secret', 'kind: Secret # hunter2')))).toEqual(['FORGE-SEC-003']);
  expect(codesOf(() => sealed(`# hunter2\n${stringify(sealedObject())}`))).toEqual(['FORGE-SEC-003']);
  expect(() => sops(text.replace('stringData:', `stringData:\n    ${comment}`))).not.toThrow();
  const hash = metadata({ annotations: { 'kustomize.toolkit.fluxcd.io/x': '#1' } });
  expect(() => sops(stringify(sopsObject(hash)))).not.toThrow();
});

test('an error never shows the clear text', () => {
  const secret = metadata({ annotations: { note: 'hunter2' } });
  const found = problemsOf(() => sops(`${stringify(sopsObject(secret))}# hunter2`));
  expect(JSON.stringify(found)).not.toContain('hunter2');
  accepts(() => sops(stringify(sopsObject(metadata({ labels: { note: 'a' } })))));
});

test('your own annotation is accepted where it is declared', () => {
  const file = fileOf(sopsObject(metadata({ annotations: { note: 'rotated in May' } })));
  expect(codesOf(() => SecretSource.sops(file))).toEqual(['FORGE-SEC-003']);
  expect(() => SecretSource.sops(file, { annotations: ['note'] })).not.toThrow();
  const other = fileOf(sealedObject(metadata({ annotations: { note: 'rotated in May' } })));
  expect(() => SecretSource.sealedSecret(other, { annotations: ['note'] })).not.toThrow();
});

test.each([
  ['template data', { template: { data: { a: 'b' } } }, 'FORGE-SEC-003'],
  ['template annotations', { template: { metadata: { annotations: { note: 'hunter2' } } } }, 'FORGE-SEC-003'],
  ['fields of its own in the template', { template: { note: 'hunter2' } }, 'FORGE-SEC-002'],
  ['fields of its own in the spec', { note: 'hunter2' }, 'FORGE-SEC-002'],
])('fails for a SealedSecret with %s', (_, spec, code) => {
  const object = sealedObject() as { spec: object };
  expect(codesOf(() => sealed(stringify({ ...object, spec: { ...object.spec, ...spec } })))).toEqual([code]);
  const template = { type: 'Opaque', metadata: { labels: { app: 'a' } } };
  accepts(() => sealed(stringify({ ...object, spec: { ...object.spec, template } })));
});

test('fails for a sops stanza with a key that sops does not write', () => {
  expect(codesOf(() => sops(stringify(sopsObject(stanza({ note: 'hunter2' })))))).toEqual(['FORGE-SEC-002']);
  expect(() => sops(stringify(sopsObject(stanza({ mac_only_encrypted: true }))))).not.toThrow();
});

test('a copied file says whether Flux would substitute variables in it', () => {
  const flag = (changes: Record<string, unknown>) => {
    const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
    SecretSource.sops(fileOf(sopsObject(changes))).provide(chart, { purpose: 'p', type: 'Opaque', keys: ['token'] });
    return passThroughAt(chart).map(({ isSubstituted }) => isSubstituted);
  };
  const SUBSTITUTE = 'kustomize.toolkit.fluxcd.io/substitute';
  expect(flag({})).toEqual([true]);
  expect(flag(metadata({ annotations: { [SUBSTITUTE]: 'disabled' } }))).toEqual([false]);
  expect(flag(metadata({ labels: { [SUBSTITUTE]: 'disabled' } }))).toEqual([false]);
  expect(flag(metadata({ annotations: { [SUBSTITUTE]: 'enabled' } }))).toEqual([true]);
});

test.each<[string, unknown, unknown]>([
  ['that is encrypted', ENC, 'ci'],
  ['that is a number', 1, '1'],
  ['with a dot', 'a.b', 'a-b'],
  ['that is empty', '', undefined],
])('fails for a namespace %s', (_, namespace, neighbour) => {
  const files = (of: unknown): [Record<string, unknown>, Record<string, unknown>] => [
    sopsObject({ metadata: { name: 'a', namespace: of } }),
    sealedObject({ metadata: { name: 'a', namespace: of } }),
  ];
  const [good, goodSealed] = files(neighbour);
  accepts(
    () => SecretSource.sops(fileOf(good)),
    () => SecretSource.sealedSecret(fileOf(goodSealed)),
  );
  const [bad, badSealed] = files(namespace);
  expect(codesOf(() => SecretSource.sops(fileOf(bad)))).toEqual(['FORGE-SEC-002']);
  expect(codesOf(() => SecretSource.sealedSecret(fileOf(badSealed)))).toEqual(['FORGE-SEC-002']);
});

test('an empty status may be there, and the time of sops must be', () => {
  expect(codesOf(() => SecretSource.sops(fileOf(sopsObject(stanza({ lastmodified: undefined })))))).toEqual([
    'FORGE-SEC-002',
  ]);
  const spec = { encryptedData: { token: 'Ag'.repeat(200) } };
  expect(
    codesOf(() =>
      SecretSource.sealedSecret(fileOf(sealedObject({ spec: { ...spec, template: { stringData: { a: 'open' } } } }))),
    ),
  ).toEqual(['FORGE-SEC-003']);
  const status = { conditions: [{ message: 'open' }] };
  expect(codesOf(() => SecretSource.sealedSecret(fileOf(sealedObject({ spec, status }))))).toEqual(['FORGE-SEC-002']);
  accepts(
    () => SecretSource.sealedSecret(fileOf(sealedObject({ spec, status: {} }))),
    () => SecretSource.sops(fileOf(sopsObject(stanza({ lastmodified: '2026-01-01T00:00:00Z' })))),
  );
});

test('a sealed Secret is an object of its own kind in the output', () => {
  const chart = new Chart(new App(), 'c', { namespace: 'ci' });
  SecretSource.sealedSecret(fileOf(sealedObject())).provide(chart, { purpose: 'x', type: 'Opaque', keys: ['token'] });
  expect(chart.toJson()).toMatchObject([{ apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret' }]);
  expect(SecretSource.requirementsAt(chart)[0].origin).toMatch(/^SealedSecret in .*secret\.yaml$/);
});

test('an error names the fields and recipients that are wrong', () => {
  const spec = (changes: object) => ({ ...(sealedObject().spec as object), ...changes });
  expect([
    messageOf(
      problemsOf(() =>
        checkSops(encryptedObject({ path: 'secret.yaml', text: stringify(sopsObject()), kind: 'Secret' }), {
          recipients: ['age1other', 'age1third', 'age1example'],
        }),
      ),
    ),
    messageOf(
      problemsOf(() =>
        sops(
          stringify(sopsObject({ ...stanza({ age: [{ recipient: 'age1b' }], extra: 1, more: 2 }), kind: 'Secret' })),
        ),
      ),
    ),
    messageOf(problemsOf(() => sops(stringify(sopsObject({ extra: 1, more: 2 }))))),
    messageOf(
      problemsOf(() =>
        sealed(
          stringify(
            sealedObject({
              extra: 1,
              spec: spec({ data2: {}, template: { type: 'Opaque', spec: {} } }),
              status: { a: 1 },
            }),
          ),
        ),
      ),
    ),
  ]).toEqual([
    'the file is not an encrypted Secret: it is not encrypted for "age1other", "age1third", only for "age1example"',
    'the file is not an encrypted Secret: its sops stanza has keys that sops does not write: "extra", "more"',
    'the file is not an encrypted Secret: it has keys that a Secret has not: "extra", "more"',
    'the file is not an encrypted Secret: it has fields that a SealedSecret does not need: "extra", "spec.data2", "spec.template.spec", "status"',
  ]);
  accepts(
    () =>
      sealed(stringify(sealedObject({ spec: spec({ template: { type: 'Opaque', immutable: true } }), status: {} }))),
    () => sops(stringify(sopsObject({ immutable: true }))),
  );
});
