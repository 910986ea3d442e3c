import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import {
  DaemonJson,
  DaemonJsonProps,
  DockerConfigJson,
  Endpoint,
  refuseFlagsThatTheFileSays,
  Registry,
} from '../../lib/registry';
import { runBash } from '../support/bash';
import { outcomeOf } from '../support/outcome';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';
import { REGISTRIES } from './registries';

const registry = Object.values(REGISTRIES)[0]();

test("daemon.json says everything that it is given, in the daemon's words", () => {
  const all: Required<DaemonJsonProps> = {
    registries: [registry],
    dockerHubMirrors: [Endpoint.https('mirror.example.com')],
    maxConcurrentUploads: 10,
    maxConcurrentDownloads: 7,
    containerdSnapshotter: true,
    storageDriver: 'overlayfs',
    dns: ['10.43.0.10'],
    mtu: 1400,
    dataRoot: '/var/lib/docker',
  };
  expect(JSON.parse(new DaemonJson(all).render())).toEqual({
    'data-root': '/var/lib/docker',
    features: { 'containerd-snapshotter': true },
    'storage-driver': 'overlayfs',
    'insecure-registries': ['gitea-http.gitea.svc.cluster.local:3000'],
    'registry-mirrors': ['https://mirror.example.com'],
    'max-concurrent-uploads': 10,
    'max-concurrent-downloads': 7,
    dns: ['10.43.0.10'],
    mtu: 1400,
    'default-network-opts': { bridge: { 'com.docker.network.driver.mtu': '1400' } },
  });
  expect(new DaemonJson({}).render()).toBe('{}\n');
});

test('what was given may change afterwards', () => {
  const registries = [registry];
  const daemon = new DaemonJson({ registries });
  const before = daemon.render();
  registries.pop();
  expect(daemon.render()).toBe(before);
});

test.each<[string, DaemonJsonProps, DaemonJsonProps]>([
  ['no uploads at all', { maxConcurrentUploads: 0 }, { maxConcurrentUploads: 1 }],
  ['half an upload', { maxConcurrentUploads: 1.5 }, { maxConcurrentUploads: 2 }],
  ['a tiny mtu', { mtu: 575 }, { mtu: 576 }],
  ['a huge mtu', { mtu: 65536 }, { mtu: 65535 }],
  ['a name as DNS server', { dns: ['dns.example.com'] }, { dns: ['fd00::1'] }],
  ['an interface in an address', { dns: ['fe80::1%eth0'] }, { dns: ['fe80::1'] }],
  ['a leading zero', { dns: ['10.0.0.010'] }, { dns: ['10.0.0.10'] }],
  ['a number too large', { dns: ['10.0.0.256'] }, { dns: ['10.0.0.255'] }],
  ['a relative data root', { dataRoot: 'docker' }, { dataRoot: '/docker' }],
  ['a driver of old', { storageDriver: 'aufs' }, { storageDriver: 'overlay2' }],
  [
    'overlay2 with containerd',
    { storageDriver: 'overlay2', containerdSnapshotter: true },
    { storageDriver: 'overlayfs', containerdSnapshotter: true },
  ],
  ['overlayfs without', { storageDriver: 'overlayfs' }, { storageDriver: 'overlay2', containerdSnapshotter: false }],
])('fails for %s, and not for its neighbour', (_, props, neighbour) => {
  accepts(() => new DaemonJson(neighbour));
  expect(codesOf(() => new DaemonJson(props))).toEqual(['FORGE-REG-009']);
});

test('all that is wrong is said at once', () => {
  accepts(
    () =>
      new DaemonJson({ mtu: 1500, maxConcurrentUploads: 1, dns: ['10.0.0.1'], dataRoot: '/x', storageDriver: 'vfs' }),
  );
  expect(
    problemsOf(() => new DaemonJson({ mtu: 1, maxConcurrentUploads: 0, dns: ['x'], dataRoot: '', storageDriver: 'x' })),
  ).toHaveLength(5);
});

test('any settings are refused with a ForgeError, or make strict JSON', () => {
  let taken = 0;
  const mostly = <T, U>(good: fc.Arbitrary<T>, any: fc.Arbitrary<U>) =>
    fc.oneof({ weight: 8, arbitrary: good }, { weight: 1, arbitrary: any });
  const anyProps = fc.record(
    {
      mtu: mostly(fc.integer({ min: 1200, max: 9100 }), fc.oneof(fc.integer(), fc.double())),
      maxConcurrentUploads: mostly(fc.integer({ min: 1, max: 20 }), fc.oneof(fc.integer(), fc.double())),
      maxConcurrentDownloads: mostly(fc.integer({ min: 1, max: 20 }), fc.integer()),
      dns: fc.array(mostly(fc.oneof(fc.ipV4(), fc.ipV6()), fc.string()), { maxLength: 3 }),
      dataRoot: mostly(fc.stringMatching(/^(\/[a-z0-9._-]{1,8}){1,3}$/), fc.string({ unit: 'binary' })),
      storageDriver: mostly(fc.constantFrom('overlay2', 'vfs', 'fuse-overlayfs'), fc.string()),
      containerdSnapshotter: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(anyProps, (props) => {
      const outcome = outcomeOf(() => new DaemonJson(props).render());
      if ('value' in outcome) {
        taken++;
        expect(JSON.stringify(JSON.parse(outcome.value), null, 2) + '\n').toBe(outcome.value);
      }
    }),
    { numRuns: 1000 },
  );
  expect(taken).toBeGreaterThan(200);
  expect(taken).toBeLessThan(950);
});

test('a flag that says what the file says is refused; another is not', () => {
  const daemon = new DaemonJson({ registries: [registry], mtu: 1400, dns: ['10.0.0.1'] });
  for (const flag of ['--insecure-registry=a:1', '--insecure-registry', '--mtu=1400', '--dns=10.0.0.1']) {
    expect(codesOf(() => refuseFlagsThatTheFileSays([flag], daemon))).toEqual(['FORGE-REG-010']);
  }
  expect(() =>
    refuseFlagsThatTheFileSays(
      ['--debug', '--host=unix:///var/run/docker.sock', '--registry-mirror=https://a'],
      daemon,
    ),
  ).not.toThrow();
});

describe('the script that writes config.json', () => {
  const write = (env: Record<string, string>) => {
    const DOCKER_CONFIG = path.join(temporaryFolder(), 'docker');
    return { folder: DOCKER_CONFIG, ...runBash(DockerConfigJson.script, { env: { DOCKER_CONFIG, ...env } }) };
  };

  test('writes one entry for each host, for its owner alone, and prints nothing', () => {
    const { hosts } = DockerConfigJson.of([registry, Registry.oci({ owner: 'a', pull: Endpoint.https('docker.io') })]);
    const { folder, status, stdout, stderr } = write({
      REGISTRY_HOSTS: hosts.join(' '),
      REGISTRY_USER: 'ci',
      REGISTRY_TOKEN: 'a "b" $c \\d',
    });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
    const auth = Buffer.from('ci:a "b" $c \\d').toString('base64');
    expect(JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'))).toEqual({
      auths: {
        'gitea-http.gitea.svc.cluster.local:3000': { auth },
        'git.example.com': { auth },
        'https://index.docker.io/v1/': { auth },
      },
    });
    expect(fs.statSync(path.join(folder, 'config.json')).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(folder)).toEqual(['config.json']);
  });

  test.each<[string, Record<string, string>]>([
    ['no host', { REGISTRY_USER: 'a', REGISTRY_TOKEN: 'b' }],
    ['no user', { REGISTRY_HOSTS: 'a.b', REGISTRY_TOKEN: 'b' }],
    ['no token', { REGISTRY_HOSTS: 'a.b', REGISTRY_USER: 'a' }],
    ['a colon in the user', { REGISTRY_HOSTS: 'a.b', REGISTRY_USER: 'a:b', REGISTRY_TOKEN: 'b' }],
    ['a host that is none', { REGISTRY_HOSTS: 'a"b', REGISTRY_USER: 'a', REGISTRY_TOKEN: 'b' }],
  ])('fails for %s, and leaves no file', (_, env) => {
    const { folder, status } = write(env);
    expect(status).not.toBe(0);
    expect(fs.existsSync(path.join(folder, 'config.json'))).toBe(false);
  });

  test('a long token stays on one line', () => {
    const { folder } = write({ REGISTRY_HOSTS: 'a.b', REGISTRY_USER: 'ci', REGISTRY_TOKEN: 'x'.repeat(500) });
    expect(JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8')).auths['a.b'].auth).toHaveLength(672);
  });
});
