import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { certificatesIn } from '../../lib/trust';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { outcomeOf } from '../support/outcome';

const FIXTURES = path.join(__dirname, '..', 'fixtures', 'trust');
const pem = fs.readFileSync(path.join(FIXTURES, 'ca.crt'), 'utf8');
const expired = fs.readFileSync(path.join(FIXTURES, 'expired-ca.crt'), 'utf8');
const blocks = (text: string) => text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;

test('one certificate is taken as it is', () => {
  expect(certificatesIn(pem)).toBe(pem);
});

test('several are taken in their order, without what stands between them and with line feeds', () => {
  const text = certificatesIn(`# the home CA\r\n${pem.replace(/\n/g, '\r\n')}\nsome words\n${expired}`);
  expect(text).toBe(pem + expired);
});

test('an intermediate is taken with its root, and not without', () => {
  const chain = fs.readFileSync(path.join(FIXTURES, 'chain.crt'), 'utf8');
  const issuing = chain.slice(0, chain.indexOf('-----BEGIN', 1));
  expect(certificatesIn(chain)).toBe(chain);
  expect(problemsOf(() => certificatesIn(issuing + pem))[0]).toMatchObject({
    code: 'FORGE-TRUST-008',
    message: expect.stringContaining('CN=Example Root CA'),
  });
});

test('what was taken is taken again, unchanged', () => {
  const once = certificatesIn(pem + expired);
  expect(certificatesIn(once)).toBe(once);
});

const KEY = ['-----BEGIN', 'PRIVATE KEY-----'].join(' ');
test.each([
  ['nothing', '', 'FORGE-TRUST-001'],
  ['words', 'not a certificate', 'FORGE-TRUST-001'],
  ['DER read as text', '\u0030\u0082\u0001\u00ff', 'FORGE-TRUST-001'],
  ['a certificate request', pem.replace(/CERTIFICATE/g, 'CERTIFICATE REQUEST'), 'FORGE-TRUST-001'],
  ["OpenSSL's own trusted form", pem.replace(/CERTIFICATE/g, 'TRUSTED CERTIFICATE'), 'FORGE-TRUST-001'],
  ['a block without an end', pem.replace(/-----END[^]*/, ''), 'FORGE-TRUST-001'],
  [
    'a block with headers, which Go passes over',
    pem.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n\n'),
    'FORGE-TRUST-001',
  ],
  ['a block that is cut', pem.replace(/\n[^\n]+\n(-----END)/, '\n$1'), 'FORGE-TRUST-001'],
  [
    'a certificate that was damaged on its way',
    pem.replace(/(.)\n(-----END)/, (_, last, end) => `${last === 'Z' ? 'Y' : 'Z'}\n${end}`),
    'FORGE-TRUST-001',
  ],
  ['a good certificate and a bad one', pem + pem.replace(/\n[A-Za-z0-9+/]{10}/, '\nAAAAAAAAAA'), 'FORGE-TRUST-001'],
  ['a private key', `${KEY}\nAAAA\n${KEY.replace('BEGIN', 'END')}\n`, 'FORGE-TRUST-002'],
  ['a certificate and its key', `${pem}${KEY}\nAAAA\n${KEY.replace('BEGIN', 'END')}\n`, 'FORGE-TRUST-002'],
])('fails for %s', (_, text, code) => {
  expect(codesOf(() => certificatesIn(text))).toEqual([code]);
  accepts(
    () => certificatesIn(`words before\n${pem}words after\n`),
    () => certificatesIn(pem.replace(/\n/g, '\r\n')),
    () => certificatesIn(pem.trimEnd()),
  );
});

test('fails for a certificate that is not valid on the given day, and only then', () => {
  expect(certificatesIn(pem, new Date('2027-01-31'))).toBe(pem);
  expect(problemsOf(() => certificatesIn(pem + expired, new Date('2027-01-31')))[0].message).toContain(
    'Example Old CA',
  );
  expect(codesOf(() => certificatesIn(pem, new Date('2036-01-02')))).toEqual(['FORGE-TRUST-003']);
  expect(codesOf(() => certificatesIn(pem, new Date('2025-12-31')))).toEqual(['FORGE-TRUST-003']);
  expect(codesOf(() => certificatesIn(pem, new Date('tomorrow')))).toEqual(['FORGE-TRUST-003']);
});

test('an error never shows what is in a key', () => {
  const [problem] = problemsOf(() =>
    certificatesIn(`${KEY}\nc29tZXRoaW5nIHNlY3JldA==\n${KEY.replace('BEGIN', 'END')}`),
  );
  expect(JSON.stringify(problem)).not.toContain('c29tZXRoaW5n');
  accepts(() => certificatesIn(pem));
});

/** A good bundle with one place in it spoiled. */
const spoiled = fc
  .tuple(fc.nat(pem.length - 1), fc.string({ minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([at, text, replace]) => pem.slice(0, at) + text + pem.slice(replace ? at + text.length : at));

test.each([
  ['spoiled bundles', spoiled],
  ['text', fc.string({ unit: 'binary', maxLength: 200 })],
  [
    'blocks of anything',
    fc
      .base64String({ maxLength: 400 })
      .map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`),
  ],
])('%s are refused with a ForgeError, or taken and then good', (_, texts) => {
  fc.assert(
    fc.property(texts, (text) => {
      const outcome = outcomeOf(() => certificatesIn(text));
      if ('problems' in outcome) {
        return;
      }
      expect(blocks(outcome.value)).toBeGreaterThan(0);
      expect(certificatesIn(outcome.value)).toBe(outcome.value);
    }),
    { numRuns: 500 },
  );
});
