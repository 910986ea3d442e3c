import { X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Duration } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { PrivateCa, PrivateCaProps } from '../../lib/host';
import { reportOf } from '../../lib/support';
import { runBash } from '../support/bash';
import { accepts, codesOf, foundCodes, problemsOf } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';
import { filesOf } from './world';

const NAMES = ['host.docker.internal', '127.0.0.1', '::1', '*.example.com'];

function script(props: Partial<PrivateCaProps> = {}): string {
  const app = new GitOpsApp();
  new PrivateCa(app, 'ca', { names: NAMES, ...props });
  return filesOf(app)['host/ca/ca.sh'];
}

/** A repository with the script, and a machine with a directory for keys. */
function machine() {
  const [root, home] = [temporaryFolder(), temporaryFolder()];
  const keys = path.join(home, '.local/share/cdk8s-forge/ca');
  const read = (file: string) => fs.readFileSync(path.join(file.startsWith('certs') ? root : keys, file), 'utf8');
  const run = (env: Record<string, string> = {}, props: Partial<PrivateCaProps> = {}, argument = '') => {
    writeTree(root, { 'dist/host/ca/ca.sh': script(props) });
    return runBash(`bash "${root}/dist/host/ca/ca.sh" ${argument}`, { env: { HOME: home, ...env } });
  };
  return { root, keys, read, run };
}

test('openssl makes a CA and a certificate that verify, with every name, and keys that only the user reads', () => {
  const { root, keys, read, run } = machine();
  expect(run()).toMatchObject({ status: 0, stderr: '' });
  const [ca, server] = [new X509Certificate(read('certs/ca.crt')), new X509Certificate(read('server.crt'))];
  expect(ca.ca && ca.verify(ca.publicKey) && server.verify(ca.publicKey) && !server.ca).toBe(true);
  const accepted = ['host.docker.internal', 'git.example.com', 'example.com'].map((name) => server.checkHost(name));
  expect(accepted).toEqual(['host.docker.internal', '*.example.com', undefined]);
  expect([server.checkIP('127.0.0.1'), server.checkIP('::1'), server.checkIP('127.0.0.2')]).toEqual([
    '127.0.0.1',
    '::1',
    undefined,
  ]);
  const modes = ['ca.key', 'server.key', '.'].map((file) => fs.statSync(path.join(keys, file)).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o700]);
  expect(fs.readdirSync(root, { recursive: true }).filter((file) => String(file).endsWith('.key'))).toEqual([]);
});

test('a second run changes nothing; new names or a near expiry renew the certificate, with the same CA and keys', () => {
  const { read, run } = machine();
  run();
  const files = ['certs/ca.crt', 'ca.key', 'server.key', 'server.crt'];
  const before = files.map(read);
  expect(run().stdout).toContain('unchanged');
  expect(files.map(read)).toEqual(before);
  expect(run({}, { names: ['git.example.com'], validity: Duration.days(31) }).status).toBe(0);
  expect(files.slice(0, 3).map(read)).toEqual(before.slice(0, 3));
  const renewed = read('server.crt');
  expect(new X509Certificate(renewed).subjectAltName).toBe('DNS:git.example.com');
  const check = run({}, { names: ['git.example.com'] }, 'check');
  expect([check.status, check.stdout]).toEqual([0, expect.stringContaining('OK')]);
});

test('a second repository with a CA of the same name does not take over the first, whose check sees other names', () => {
  const { root, read, run } = machine();
  run();
  const before = read('server.crt');
  expect(run({}, { names: ['git-b.example.com'] }, 'check').stderr).toContain('is for other names');
  fs.rmSync(path.join(root, 'certs/ca.crt'));
  expect(run({}, { names: ['git-b.example.com'] }).stderr).toContain('has the CA of a server with other names');
  expect(read('server.crt')).toBe(before);
  expect(fs.existsSync(path.join(root, 'certs/ca.crt'))).toBe(false);
});

test('the script never replaces a key or a CA, and keeps keys out of the repository', () => {
  const { root, keys, read, run } = machine();
  expect(run({ KEYS: path.join(root, 'keys') }).stderr).toContain('private keys must not be committed');
  run();
  const key = read('ca.key');
  expect(run({ KEYS: temporaryFolder() }).stderr).toContain('its key');
  fs.copyFileSync(path.join(keys, 'server.key'), path.join(keys, 'ca.key'));
  expect(run().stderr).toContain('is not the certificate of');
  fs.writeFileSync(path.join(keys, 'ca.key'), key);
  fs.rmSync(path.join(root, 'certs/ca.crt'));
  expect(run().status).toBe(0);
});

test('the CA exists before the first synth by the command of the error, and clients get it', () => {
  const [root, home] = [temporaryFolder(), temporaryFolder()];
  const certificate = path.relative(process.cwd(), path.join(root, 'ca.crt'));
  const app = new GitOpsApp();
  const ca = new PrivateCa(app, 'ca', { names: NAMES, certificate: 'certs/none.crt' });
  const [problem] = problemsOf(() => ca.caBundle);
  expect(problem.code).toBe('FORGE-HOST-013');
  const fix = /create the CA: (.*), and commit/.exec(problem.fix!)![1].split('certs/none.crt').join(certificate);
  const printed = reportOf([problem], { json: false, width: 80, directory: process.cwd() });
  expect([problem.command, printed.split('\n').filter((line) => line.includes(problem.command!))]).toEqual([
    /create the CA: (.*), and commit/.exec(problem.fix)![1],
    [expect.stringMatching(/^ {4}bash /)],
  ]);
  expect(runBash(fix, { cwd: process.cwd(), env: { HOME: home } })).toMatchObject({ status: 0, stderr: '' });
  expect(fs.existsSync(path.join(home, '.local/share/cdk8s-forge/ca/server.crt'))).toBe(true);
  const there = new PrivateCa(app, 'there', { names: NAMES, certificate: 'test/fixtures/trust/ca.crt' });
  accepts(() => there.caBundle);
  expect(there.caBundle.pem).toContain('BEGIN CERTIFICATE');
  expect(there.caBundle).toBe(there.caBundle);
});

test('fails on names, files and a validity that cannot be, and accepts those beside them', () => {
  const codes = ([props]: [Partial<PrivateCaProps>]) => foundCodes(() => script(props));
  const ofFile = (certificate: string) => ({ certificate });
  const broken: Partial<PrivateCaProps>[] = [
    { names: [] },
    { names: ['https://git.example.com'] },
    { names: ['git.example.com:3000'] },
    { names: ['a\nb'] },
    { names: ['999.1.1.1'] },
    { names: ['1.2'] },
    { names: ['git.example.1'] },
    { names: ['fe80::1%eth0'] },
    { names: [`${'a'.repeat(64)}.example.com`] },
    ...['images.yaml', 'main.ts', '.', 'certs/', 'certs/.crt', '-x/ca.crt', 'certs/-ca.crt', './dist/ca.crt'].map(
      ofFile,
    ),
    ...['certs/../dist/ca.crt', 'certs/../../ca.crt', '.git/ca.crt', 'ca.crt/', 'ca.key'].map(ofFile),
    { certificate: '/etc/ca.crt' },
    { certificate: '../ca.crt' },
    { certificate: 'dist/ca.crt' },
    { subject: 'a\nb = c' },
    { validity: Duration.days(826) },
    { validity: Duration.days(30) },
    { validity: Duration.hours(800) },
    { validity: Duration.days(31.5) },
  ];
  expect(broken.map((props) => codesOf(() => script(props)))).toEqual(broken.map(() => ['FORGE-HOST-012']));
  const fine: Partial<PrivateCaProps>[] = [
    { names: ['git.example.com', '99.1.1.1', '1.2.example', 'fe80::1', `${'a'.repeat(63)}.example.com`] },
    ...['ca/dist.crt', 'ca.pem', './certs/my-ca.crt', '.certs/ca.crt', 'dist-ca.crt'].map(ofFile),
    { subject: 'Home CA' },
    { validity: Duration.days(825) },
    { validity: Duration.days(31) },
  ];
  expect(fine.flatMap((props) => codes([props]))).toEqual([]);
});

test('each CA has a file of its own, which no synth deletes, whatever the output directory', () => {
  const app = new GitOpsApp({ outdir: 'out' });
  const made = (id: string, certificate?: string) => () => new PrivateCa(app, id, { names: NAMES, certificate });
  accepts(made('one'));
  expect(codesOf(made('two', './certs/ca.crt'))).toEqual(['FORGE-HOST-012']);
  expect(codesOf(made('three', 'out/three.crt'))).toEqual(['FORGE-HOST-012']);
  accepts(made('four', 'certs/two.crt'), made('five', 'outer/three.crt'));
  app.node.tryRemoveChild('one');
  accepts(made('six'));
});

test('what openssl says is shown if openssl fails, and only then', () => {
  for (const failing of ['genpkey', 'req -x509', 'req -new', 'x509 -req', 'verify']) {
    const openssl = `#!/bin/bash\nif [[ "$*" == "${failing}"* ]]; then echo 'the reason' >&2; exit 1; fi\nexec /usr/bin/openssl "$@"`;
    const root = temporaryFolder();
    writeTree(root, { 'ca.sh': script(), '.git/HEAD': '' });
    const run = runBash(`cd "${root}" && mkdir -p a/b/c && cp ca.sh a/b/c/ && bash a/b/c/ca.sh`, {
      commands: { openssl },
    });
    expect([failing, run.status, run.stderr]).toEqual([failing, 1, expect.stringContaining('the reason')]);
  }
});
