import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { SecretSource } from '../../lib/secret';
import { encryptedObject } from '../../lib/secret/encrypted-file';
import { checkSealed } from '../../lib/secret/sealed-secret';
import { checkSops } from '../../lib/secret/sops-secret';
import { outcomeOf } from '../support/outcome';
import { codesOf } from '../support/problems';
import { ENC, fileOf, sealedObject, sopsObject } from './files';

const sops = (text: string) => checkSops(encryptedObject({ path: 'secret.yaml', text, kind: 'Secret' }), []);
const sealed = (text: string) => checkSealed(encryptedObject({ path: 'secret.yaml', text, kind: 'SealedSecret' }));
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
  ['data instead of stringData', { stringData: undefined, data: { token: ENC } }],
])('a sops file with %s is taken', (_, changes) => {
  expect(() => sops(stringify(sopsObject(changes)))).not.toThrow();
});

test.each<[string, Record<string, unknown> | string, string]>([
  ['an empty file', '', 'FORGE-SEC-002'],
  ['no YAML', '{a: [', 'FORGE-SEC-002'],
  ['a list', '- a', 'FORGE-SEC-002'],
  ['two documents', `${stringify(sopsObject())}---\n${stringify(sopsObject())}`, 'FORGE-SEC-002'],
  ['an alias', 'a: &a 1\nb: *a\n', 'FORGE-SEC-002'],
  ['a key twice', 'kind: Secret\nkind: Secret\n', 'FORGE-SEC-002'],
  ['another kind', sopsObject({ kind: 'ConfigMap' }), 'FORGE-SEC-002'],
  ['no name', sopsObject({ metadata: {} }), 'FORGE-SEC-002'],
  ['an encrypted name', sopsObject({ metadata: { name: ENC } }), 'FORGE-SEC-002'],
  ['encrypted labels', sopsObject({ metadata: { name: 'a', namespace: 'ci', labels: { app: ENC } } }), 'FORGE-SEC-002'],
  ['an encrypted type', sopsObject({ type: ENC }), 'FORGE-SEC-002'],
  ['nothing in it', sopsObject({ stringData: undefined }), 'FORGE-SEC-002'],
  ['a list for data', sopsObject({ data: [ENC] }), 'FORGE-SEC-002'],
  ['no stanza', sopsObject({ sops: undefined }), 'FORGE-SEC-002'],
  ['no recipient', sopsObject(stanza({ age: [] })), 'FORGE-SEC-002'],
  ['no mac', sopsObject(stanza({ mac: undefined })), 'FORGE-SEC-002'],
  ['no version', sopsObject(stanza({ version: undefined })), 'FORGE-SEC-002'],
  ['a stray key', sopsObject({ extra: 'a' }), 'FORGE-SEC-002'],
  ['a plain value', sopsObject({ stringData: { token: 'open' } }), 'FORGE-SEC-003'],
  ['a plain value beside encrypted ones', sopsObject({ data: { other: 'b3Blbg==' } }), 'FORGE-SEC-003'],
  ['an empty value', sopsObject({ stringData: { token: '' } }), 'FORGE-SEC-003'],
  ['a number', sopsObject({ stringData: { token: 1 } }), 'FORGE-SEC-003'],
  ['almost encrypted', sopsObject({ stringData: { token: `${ENC}x` } }), 'FORGE-SEC-003'],
])('fails for a sops file with %s', (_, content, code) => {
  expect(codesOf(() => SecretSource.sops(fileOf(content)))).toEqual([code]);
});

test('fails for a recipient that is not in it, and for a file that is not there', () => {
  expect(codesOf(() => SecretSource.sops(fileOf(sopsObject()), { recipients: ['age1example', 'age1other'] }))).toEqual([
    'FORGE-SEC-002',
  ]);
  expect(codesOf(() => SecretSource.sops('no-such-file.yaml'))).toEqual(['FORGE-SEC-002']);
});

test.each<[string, Record<string, unknown>, string]>([
  ['another version', sealedObject({ apiVersion: 'v1' }), 'FORGE-SEC-002'],
  ['no values', sealedObject({ spec: {} }), 'FORGE-SEC-002'],
  ['a value that is not sealed', sealedObject({ spec: { encryptedData: { token: 'open' } } }), 'FORGE-SEC-002'],
  [
    'a value in its template',
    sealedObject({ spec: { encryptedData: { token: 'Ag'.repeat(200) }, template: { data: { token: 'open' } } } }),
    'FORGE-SEC-003',
  ],
  [
    'the field of old',
    sealedObject({ spec: { data: 'Ag'.repeat(200), encryptedData: { token: 'Ag'.repeat(200) } } }),
    'FORGE-SEC-003',
  ],
])('fails for a sealed secret with %s', (_, content, code) => {
  expect(codesOf(() => SecretSource.sealedSecret(fileOf(content)))).toEqual([code]);
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
  fc.assert(
    fc.property(spoiled(sopsObject()), (text) => {
      if ('problems' in outcomeOf(() => sops(text))) {
        return;
      }
      const { data = {}, stringData = {} } = parse(text);
      for (const value of Object.values({ ...data, ...stringData })) {
        expect(value).toMatch(/^ENC\[AES256_GCM,/);
      }
    }),
    { numRuns: 700 },
  );
});

test('a spoiled sealed secret is refused with a ForgeError, or taken and then holds sealed values', () => {
  fc.assert(
    fc.property(spoiled(sealedObject()), (text) => {
      if ('problems' in outcomeOf(() => sealed(text))) {
        return;
      }
      for (const value of Object.values(parse(text).spec.encryptedData)) {
        expect(value).toMatch(/^[A-Za-z0-9+/=]{344,}$/);
      }
    }),
    { numRuns: 700 },
  );
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
