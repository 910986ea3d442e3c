import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, App, Chart, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import { SecretSource } from '../../lib/secret';
import { ConstructKind, register } from '../../lib/support';
import { CaBundle, Trust } from '../../lib/trust';
import { runBash } from '../support/bash';
import { accepts, codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

const CA = path.join(__dirname, '..', 'fixtures', 'trust', 'ca.crt');
const EXPIRED = path.join(__dirname, '..', 'fixtures', 'trust', 'expired-ca.crt');
const pem = fs.readFileSync(CA, 'utf8');
const clusterIn = (scope: Construct, id: string) => {
  const cluster = new Construct(scope, id);
  register(cluster, new ConstructKind('Cluster'));
  return cluster;
};
const chartIn = (namespace: string, scope: Construct = new App(), id = namespace) =>
  new Chart(scope, id, { namespace });

test('a bundle in a file becomes one ConfigMap in each namespace, however many ask for it', () => {
  const app = new App();
  const bundle = CaBundle.fromFile(CA);
  const charts = [chartIn('ci', app), chartIn('ci', app, 'more'), chartIn('apps', app)];
  const volumes = charts.flatMap((chart) => [
    bundle._volume(new Construct(chart, 'a')),
    bundle._volume(new Construct(chart, 'b')),
  ]);
  expect(charts.map((chart) => chart.toJson().length)).toEqual([1, 0, 1]);
  expect(Testing.synth(charts[0])).toEqual([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ca-bundle', namespace: 'ci' }, data: { 'ca.crt': pem } },
  ]);
  expect(new Set(volumes.map((volume) => JSON.stringify(volume))).size).toBe(1);
  expect(volumes[0]).toEqual({
    file: 'ca.crt',
    volume: { name: 'ca-ca-bundle', configMap: { name: 'ca-bundle', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  });
});

test('two clusters have a namespace of one name each', () => {
  const app = new App();
  const bundle = CaBundle.fromFile(CA);
  const charts = ['home', 'work'].map((cluster) => chartIn('ci', clusterIn(app, cluster)));
  charts.forEach((chart) => bundle._volume(chart));
  expect(charts.map((chart) => chart.toJson().length)).toEqual([1, 1]);
});

test('a bundle in a ConfigMap or a Secret is referred to, and a Secret stands in the inventory', () => {
  const chart = chartIn('ci');
  expect(CaBundle.fromConfigMap('home-ca', 'root.pem')._volume(chart).volume).toEqual({
    name: 'ca-home-ca',
    configMap: { name: 'home-ca', items: [{ key: 'root.pem', path: 'ca.crt' }] },
  });
  expect(CaBundle.fromSecret('home-ca')._volume(chart).volume).toEqual({
    name: 'ca-home-ca',
    secret: { secretName: 'home-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
  });
  expect(chart.toJson()).toEqual([]);
  expect(SecretSource.requirementsAt(chart)).toMatchObject([
    { secretName: 'home-ca', namespace: 'ci', keys: ['ca.crt'] },
  ]);
});

test('Flux gets a Secret with ca.crt, made of a file or the one that is there', () => {
  const chart = chartIn('flux-system');
  expect(CaBundle.fromFile(CA, { name: 'home' })._certSecret(chart)).toBe('home');
  expect(CaBundle.fromSecret('other')._certSecret(chart)).toBe('other');
  expect(chart.toJson()).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: 'home', namespace: 'flux-system' },
      stringData: { 'ca.crt': pem },
    },
  ]);
});

test.each([
  ['a ConfigMap', CaBundle.fromConfigMap('home-ca')],
  ['another key', CaBundle.fromSecret('home-ca', 'tls.crt')],
])('fails for Flux and a bundle in %s', (_, bundle) => {
  expect(codesOf(() => bundle._certSecret(chartIn('flux-system')))).toEqual(['FORGE-TRUST-006']);
  accepts(() => CaBundle.fromSecret('home-ca', 'ca.crt')._certSecret(chartIn('flux-system')));
});

test('fails for two bundles of one name in a namespace', () => {
  const chart = chartIn('ci');
  CaBundle.fromFile(CA, { name: 'ca' })._volume(chart);
  expect(codesOf(() => CaBundle.fromFile(EXPIRED, { name: 'ca' })._volume(chart))).toEqual(['FORGE-TRUST-007']);
  accepts(
    () => CaBundle.fromFile(CA, { name: 'ca' })._volume(chart),
    () => CaBundle.fromFile(EXPIRED, { name: 'ca-2' })._volume(chart),
  );
});

test('fails for names and keys that are none, for a file that is not there, and for one that is expired by then', () => {
  for (const bad of ['', 'Home', 'home ca', '-----BEGIN CERTIFICATE-----', 'a'.repeat(254)]) {
    expect(codesOf(() => CaBundle.fromConfigMap(bad))).toEqual(['FORGE-TRUST-004']);
    expect(codesOf(() => CaBundle.fromSecret(bad))).toEqual(['FORGE-TRUST-004']);
  }
  for (const bad of ['', '..', 'a/b', 'a b']) {
    expect(codesOf(() => CaBundle.fromSecret('home', bad))).toEqual(['FORGE-TRUST-004']);
  }
  for (const good of ['a', 'home-ca', 'home.ca', 'a'.repeat(253)]) {
    accepts(
      () => CaBundle.fromConfigMap(good),
      () => CaBundle.fromSecret(good),
    );
  }
  accepts(...['a', '.a', 'A_b-c.1'].map((key) => () => CaBundle.fromSecret('home', key)));
  expect(codesOf(() => CaBundle.fromFile('no-such-file.crt'))).toEqual(['FORGE-TRUST-005']);
  expect(codesOf(() => CaBundle.fromFile(EXPIRED, { validOn: '2026-11-20' }))).toEqual(['FORGE-TRUST-003']);
});

test.each(['2027-02-30', '2027-2-1', '2027-01-31T00:00', 'January 31, 2027', '2027-01-31 +0200', '', 'tomorrow'])(
  'fails for %j, which is no day or depends on the time zone',
  (validOn) => {
    expect(codesOf(() => CaBundle.fromFile(EXPIRED, { validOn }))).toEqual(['FORGE-TRUST-003']);
    expect(() => CaBundle.fromFile(EXPIRED, { validOn })).toThrow(/not a day/);
    accepts(
      () => CaBundle.fromFile(CA, { validOn: '2027-02-28' }),
      () => CaBundle.fromFile(CA, { validOn: '2028-02-29' }),
    );
  },
);

test.each(['2028-02-29', '2027-06-30'])('takes %s for a day', (validOn) => {
  expect(() => CaBundle.fromFile(EXPIRED, { validOn })).toThrow(/is valid from/);
});

test('trust is the same for the same bundle, wherever it was declared', () => {
  expect(Trust.privateCa(CaBundle.fromFile(CA)).isSameAs(Trust.privateCa(CaBundle.fromFile(CA)))).toBe(true);
  expect(Trust.privateCa(CaBundle.fromFile(CA)).isSameAs(Trust.privateCa(CaBundle.fromConfigMap('ca-bundle')))).toBe(
    false,
  );
  expect(Trust.publicCa().isSameAs(Trust.plainHttp())).toBe(false);
});

test('two synths give the same', () => {
  const synth = () => {
    const chart = chartIn('ci');
    new ApiObject(chart, 'before', { apiVersion: 'v1', kind: 'ConfigMap' });
    CaBundle.fromFile(CA)._volume(chart);
    return JSON.stringify(chart.toJson());
  };
  expect(synth()).toBe(synth());
});

describe('the script that makes a job trust a CA', () => {
  const families: [string, string, Record<string, string>, string][] = [
    ['Debian and Alpine', '', { 'update-ca-certificates': 'exit 0' }, 'usr/local/share/ca-certificates'],
    ['SUSE', 'etc/pki/trust/anchors', { 'update-ca-certificates': 'exit 0' }, 'etc/pki/trust/anchors'],
    ['Fedora and Red Hat', '', { 'update-ca-trust': '[ "$1" = extract ]' }, 'etc/pki/ca-trust/source/anchors'],
    ['Arch', '', { trust: '[ "$1" = extract-compat ]' }, 'etc/ca-certificates/trust-source/anchors'],
  ];
  const run = (root: string, commands: Record<string, string>, file = CA) => {
    const environment = path.join(root, 'env');
    const path_ = temporaryFolder();
    // The machine's own update-ca-certificates must not be found: only what an image of the family has.
    for (const tool of ['mktemp', 'cat', 'grep', 'mkdir']) {
      fs.symlinkSync(
        ['/usr/bin', '/bin'].map((folder) => path.join(folder, tool)).find((file) => fs.existsSync(file))!,
        path.join(path_, tool),
      );
    }
    const scripts = Object.fromEntries(
      Object.entries(commands).map(([name, text]) => [name, `#!/bin/bash\n${text}\n`]),
    );
    const result = runBash(CaBundle.installScript, {
      env: { CA_FILE: file, CA_ROOT: root, GITHUB_ENV: environment, TMPDIR: root },
      commands: scripts,
      path: path_,
    });
    return { ...result, environment: fs.existsSync(environment) ? fs.readFileSync(environment, 'utf8') : '' };
  };

  test.each(families)('uses the means of %s', (_, present, commands, folder) => {
    const root = temporaryFolder();
    if (present) {
      fs.mkdirSync(path.join(root, present), { recursive: true });
    }
    const { status, environment } = run(root, commands);
    expect(status).toBe(0);
    expect(fs.readFileSync(path.join(root, folder, 'cdk8s-forge-ca.crt'), 'utf8')).toBe(pem);
    expect(environment).toBe(`NODE_EXTRA_CA_CERTS=${CA}\n`);
  });

  test.each(families)('writes one certificate per file for %s', (_, present, commands, folder) => {
    const root = temporaryFolder();
    fs.mkdirSync(path.join(root, present || 'etc'), { recursive: true });
    const three = path.join(temporaryFolder(), 'three.crt');
    const found = [CA.replace(/ca\.crt$/, 'chain.crt'), CA].flatMap((file) =>
      fs.readFileSync(file, 'utf8').match(/-----BEGIN[^]+?-----END[^\n]+/g)!,
    );
    // Text between the certificates, and no end of line.
    fs.writeFileSync(three, found.map((text, i) => `# ${i}\n${text}`).join('\n\n'));
    expect(run(root, commands, three).status).toBe(0);
    const files = fs.readdirSync(path.join(root, folder)).sort();
    expect(files.length).toBe(found.length);
    expect(files[files.length - 1]).toBe('cdk8s-forge-ca.crt');
    const texts = files.map((file) => fs.readFileSync(path.join(root, folder, file), 'utf8').trim());
    expect(texts.sort()).toEqual([...found].sort());
  });

  test.each([
    ['without a trust store', {}],
    ['when its command fails, as without root', { 'update-ca-certificates': 'exit 1' }],
  ])('sets variables that name system and private CA %s', (_, commands) => {
    const root = temporaryFolder();
    fs.mkdirSync(path.join(root, 'etc/ssl/certs'), { recursive: true });
    fs.writeFileSync(path.join(root, 'etc/ssl/certs/ca-certificates.crt'), 'THE SYSTEM\n');
    const { status, environment } = run(root, commands);
    expect(status).toBe(0);
    const both = /^SSL_CERT_FILE=(.*)$/m.exec(environment)![1];
    expect(fs.readFileSync(both, 'utf8')).toBe(`THE SYSTEM\n\n${pem}`);
    for (const name of ['CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'REQUESTS_CA_BUNDLE', 'PIP_CERT']) {
      expect(environment).toContain(`${name}=${both}\n`);
    }
  });

  test('fails for a file without a certificate', () => {
    const empty = path.join(temporaryFolder(), 'empty');
    fs.writeFileSync(empty, 'nothing');
    expect(runBash(CaBundle.installScript, { env: { CA_FILE: empty } }).status).toBe(1);
  });
});
