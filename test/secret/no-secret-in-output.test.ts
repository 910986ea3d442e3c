import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { secretsIn } from './secret-shapes';

const ROOT = path.join(__dirname, '..', '..');

function filesBelow(folder: string): string[] {
  const absolute = path.join(ROOT, folder);
  if (fs.statSync(absolute).isFile()) {
    return [folder];
  }
  return fs
    .readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

const files = ['dist', 'images.yaml', 'main.ts', 'examples', 'docs', '__snapshots__'].flatMap(filesBelow);
/** A public key may be read by everybody. Its base64 looks like random words. */
const PUBLIC_KEY = /-----BEGIN PUBLIC KEY-----[\sA-Za-z0-9+/=]+-----END PUBLIC KEY-----/g;
/** The name of a test may hold what its program must not repeat. */
const NAME_OF_SNAPSHOT = /^exports\[`.*`\] = /gm;
const read = (file: string) =>
  fs.readFileSync(path.join(ROOT, file), 'utf8').replace(PUBLIC_KEY, '').replace(NAME_OF_SNAPSHOT, '');

test('no file of the output, of the examples or of the documentation holds anything like a secret', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => file.startsWith('examples/') && file.includes('/dist/')).length).toBeGreaterThan(10);
  expect(
    Object.fromEntries(files.map((file) => [file, secretsIn(read(file))]).filter(([, found]) => found.length > 0)),
  ).toEqual({});
});

// Joined here, so that this file holds none either.
const planted: [string, string][] = [
  ['a GitHub token', ['ghp', 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5'].join('_')],
  ['a Gitea token', '0123456789abcdef'.repeat(3).slice(0, 40)],
  ['a password in a URL', ['https://ci', 'hunter22@git.example.com'].join(':')],
  ['a private key', ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ')],
  ['a JSON web token', ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJleGFtcGxlIn0', 'x'].join('.')],
  ['an age key', ['AGE-SECRET-KEY', '1QQQQQQQQQQQQQQQQQQQQQQQQQQQ'].join('-')],
  ['a Docker auth entry', `{"auth":${JSON.stringify(Buffer.from('ci:hunter22').toString('base64'))}}`],
  ['a password', ['password', 'adminadmin'].join(': ')],
  ['1 random words', ['q7Rk2xVb', '9LmZp4Tn', 'Ws8Jd3Fh', 'Yc6Gq'].join('')],
];

test.each(planted)('%s is found in every kind of file', (what, secret) => {
  for (const file of [
    'dist/RUNBOOK.md',
    'examples/parts/plain-http-push/dist/clusters/home/platform/ci.k8s.yaml',
    'examples/parts/plain-http-push/dist/host/laptop/daemon.json',
    'examples/parts/private-ca/dist/clusters/home/flux/images.k8s.yaml',
  ]) {
    expect(secretsIn(`${read(file)}\n${secret}\n`)).toContain(what);
  }
});

test('certificates, what SOPS encrypted, public keys and pinned commits are not taken for secrets', () => {
  expect(secretsIn(read('examples/parts/private-ca/certs/ca.crt'))).toEqual([]);
  expect(secretsIn(read('examples/parts/public-registry/secrets/flux-system.yaml'))).toEqual([]);
  expect(secretsIn(`uses: actions/checkout@${'0123456789'.repeat(4)} # v4`)).toEqual([]);
});

test('words and paths are not, however long', () => {
  expect(
    secretsIn(
      'fieldManager=cdk8s-forge-registration-token\n/api/v1/orgs/homelab/actions/runners/registration-tokenX9\npreferredDuringSchedulingIgnoredDuringExecution2',
    ),
  ).toEqual([]);
});

test('nearly every random value is', () => {
  // Made from a counter: a test knows no random.
  const values = Array.from({ length: 200 }, (_, i) => createHash('sha256').update(String(i)).digest());
  expect(
    values.filter((value) => secretsIn(`token: ${value.toString('base64').slice(0, 32)}`).length > 0).length,
  ).toBeGreaterThan(190);
});
