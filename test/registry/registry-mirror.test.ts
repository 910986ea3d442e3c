import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Duration, Size, Testing } from 'cdk8s';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd } from '../../lib/buildkit';
import { Forge } from '../../lib/forge';
import { Architecture, Egress, PodGroup, Storage } from '../../lib/kube';
import { DaemonJson, Endpoint, NodeConfig, Registry, RegistryMirror, RegistryMirrorProps } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { adviceAt } from '../../lib/support';
import { CaBundle, Trust } from '../../lib/trust';
import { accepts, codesOf } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';
import { CA_FILE } from './registries';

// A mirror is declared once: its own objects, and what each client of its registry is told.

const storage = Storage.persistent(Size.gibibytes(50));
const minimal: RegistryMirrorProps = { storage };
const chart = () => new Chart(Testing.app(), 'ci', { namespace: 'ci' });
const made = (props: Partial<RegistryMirrorProps> = {}, scope = chart()) =>
  new RegistryMirror(scope, 'hub', { ...minimal, ...props });
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- manifests
type Manifest = any;
const synthesized = (props?: Partial<RegistryMirrorProps>): Manifest[] => {
  const scope = chart();
  made(props, scope);
  return Testing.synth(scope);
};
const object = (kind: string, name: string, props?: Partial<RegistryMirrorProps>): Manifest =>
  synthesized(props).find((one) => one.kind === kind && one.metadata.name === name);
const config = (props?: Partial<RegistryMirrorProps>) =>
  parse(object('ConfigMap', 'hub-config', props).data['config.yml']);
const policy = (props?: Partial<RegistryMirrorProps>) => object('NetworkPolicy', 'hub', props).spec.ingress;

describe('the objects', () => {
  test('are a StatefulSet without privilege, its Service, its configuration, and policies', () => {
    const all = synthesized();
    expect(all.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort()).toEqual([
      'ConfigMap/hub-config',
      'NetworkPolicy/hub',
      'NetworkPolicy/hub-egress',
      'Service/hub',
      'StatefulSet/hub',
    ]);
    expect(all.filter(({ kind }) => kind !== 'ConfigMap')).toMatchSnapshot();
  });

  test('are a cache of Docker Hub at the host that serves it, and start while it is not reachable', () => {
    expect(config()).toMatchObject({
      version: '0.1',
      storage: { filesystem: { rootdirectory: '/var/lib/registry' }, delete: { enabled: true } },
      // Without exec, distribution asks the registry at its start, and ends if there is no answer.
      proxy: {
        remoteurl: 'https://registry-1.docker.io',
        ttl: '604800s',
        exec: { command: '/etc/mirror/credentials.sh' },
      },
    });
  });

  test('keep what is seeded, and delete what expires; nothing can be deleted otherwise', () => {
    const seed = ['docker.io/library/node:22'];
    expect(config({ seed }).proxy.ttl).toBe('0s');
    expect(config({ expireAfter: Duration.millis(90_500) }).proxy.ttl).toBe('90.5s');
    expect(config({ seed }).storage.delete).toBeUndefined();
    const expiring = config({ seed, expireAfter: Duration.days(1) });
    expect([expiring.proxy.ttl, expiring.storage.delete]).toEqual(['86400s', { enabled: true }]);
  });

  test('take every setting', () => {
    const all: Required<RegistryMirrorProps> = {
      of: Endpoint.https('git.home.example:8443', { trust: Trust.privateCa(CaBundle.fromFile(CA_FILE)) }),
      storage: Storage.memory(Size.gibibytes(1)),
      credentials: SecretSource.existing('login', { keys: { username: 'user', password: 'token' } }),
      expireAfter: Duration.hours(12),
      nodePort: 30500,
      nodeNetworks: ['172.18.0.0/16', '192.168.1.10'],
      clients: [PodGroup.of({ app: 'buildkitd' }, 'builds')],
      seed: ['git.home.example:8443/team/base:v1', `git.home.example:8443/team/base@sha256:${'0'.repeat(64)}`],
      seedArchitectures: [Architecture.AMD64, Architecture.ARM64],
      seedSchedule: '@weekly',
      image: 'mirror.example.com/distribution:3.1.2',
      egress: Egress.declared({ hosts: { 'git.home.example': ['192.168.1.20'] } }),
      resources: { memoryRequest: Size.mebibytes(128) },
      workload: { name: 'cache', labels: { team: 'ci' } },
      placement: { nodeSelector: { disk: 'ssd' } },
      pod: { runtimeClassName: 'gvisor' },
    };
    const objects = synthesized(all).filter(({ data = {} }) => !('seed.mjs' in data) && !('ca.crt' in data));
    expect(objects).toMatchSnapshot();
  });
});

describe('who reaches the mirror', () => {
  const ports = [{ port: 5000, protocol: 'TCP' }];

  test('are the pods of the cluster; with a port of the nodes, everyone; with clients or networks, only they', () => {
    expect(policy()).toEqual([{ from: [{ namespaceSelector: {} }], ports }]);
    expect(policy({ nodePort: 30500 })).toEqual([{ ports }]);
    expect(policy({ nodePort: 30500, nodeNetworks: ['172.18.0.5/16'] })).toEqual([
      { from: [{ namespaceSelector: {} }, { ipBlock: { cidr: '172.18.0.0/16' } }], ports },
    ]);
    const own = { 'kubernetes.io/metadata.name': 'ci' };
    expect(policy({ clients: [PodGroup.of({ app: 'a' })] })).toEqual([
      {
        from: [
          { podSelector: { matchLabels: { app: 'a' } }, namespaceSelector: { matchLabels: own } },
          { podSelector: expect.anything(), namespaceSelector: { matchLabels: own } },
        ],
        ports,
      },
    ]);
  });

  test('have no need of a login: with the login of the mirror, a warning says so until others are kept out', () => {
    const warnings = (props: Partial<RegistryMirrorProps>) => {
      const folder = temporaryFolder();
      const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
      made({ credentials: SecretSource.existing('login'), ...props }, new Chart(app, 'ci', { namespace: 'ci' }));
      app.synth();
      return fs.readFileSync(path.join(folder, 'dist/RUNBOOK.md'), 'utf8');
    };
    const clients = [PodGroup.of({ app: 'a' })];
    expect(warnings({})).toContain('asks no client for a login');
    expect(warnings({ clients })).not.toContain('asks no client for a login');
    expect(warnings({ clients, nodePort: 30500, nodeNetworks: ['10.0.0.0/8'] })).not.toContain('asks no client');
  });
});

describe('what its clients are told', () => {
  const hub = made({ nodePort: 30500 });
  const SERVICE = 'hub.ci.svc.cluster.local:5000';

  test('BuildKit: the Service, over plain HTTP', () => {
    const scope = chart();
    const daemon = new Buildkitd(scope, 'buildkitd', { registries: [hub.registry], storage });
    daemon.admit(PodGroup.of({ app: 'a' }));
    const { data } = Testing.synth(scope).find(({ kind }) => kind === 'ConfigMap')!;
    expect(data['buildkitd.toml']).toContain(`[registry."docker.io"]\nmirrors = [ "${SERVICE}" ]`);
    expect(data['buildkitd.toml']).toContain(`[registry."${SERVICE}"]\nhttp = true`);
  });

  test('nodes: the port of the node, and then the registry itself', () => {
    const nodes = new NodeConfig([hub.registry]);
    expect(Object.keys(nodes.hostsToml)).toEqual(['docker.io/hosts.toml', 'localhost_30500_/hosts.toml']);
    expect(nodes.hostsToml['docker.io/hosts.toml']).toContain('[host."http://localhost:30500"]');
    expect(parse(nodes.k3sRegistriesYaml).mirrors['docker.io']).toEqual({
      endpoint: ['http://localhost:30500', 'https://registry-1.docker.io'],
    });
    expect(new NodeConfig([made().registry]).hostsToml).toEqual({});
  });

  test('a Docker daemon in a pod: the Service, not the port of the node; and its policy lets it go there', () => {
    expect(JSON.parse(new DaemonJson({ registries: [hub.registry] }).render())).toEqual({
      'insecure-registries': [SERVICE],
      'registry-mirrors': [`http://${SERVICE}`],
    });
    const scope = chart();
    new Runner(scope, 'runner', {
      forge: Forge.gitea({ version: '1.26', url: 'https://git.example.com' }),
      scope: RunnerScope.instance(),
      registration: Registration.token(SecretSource.existing('token')),
      executor: Executor.docker({ daemon: { registries: [hub.registry] } }),
      egress: Egress.internet(),
    });
    const objects: Manifest[] = Testing.synth(scope);
    const text = JSON.stringify(objects.filter(({ kind }) => kind === 'ConfigMap'));
    expect(text).toContain(`http://${SERVICE}`);
    expect(text).not.toContain('30500');
    const egress = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && /egress/.test(metadata.name));
    expect(egress.spec.egress).toContainEqual({
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ci' } } }],
    });
  });

  test('a mirror of another registry is no mirror of Docker Hub', () => {
    const quay = made({ of: Endpoint.https('quay.io') });
    expect(JSON.parse(new DaemonJson({ registries: [quay.registry] }).render())['registry-mirrors']).toBeUndefined();
    expect(Registry.oci({ pull: Endpoint.https('quay.io') }).pullName('a')).toBe(quay.registry.pullName('a'));
  });
});

describe('fails', () => {
  const cases: [string, Partial<RegistryMirrorProps>, Partial<RegistryMirrorProps>][] = [
    ['a registry at localhost', { of: Endpoint.http('localhost:5001') }, { of: Endpoint.http('192.168.1.5:5001') }],
    ['a path', { of: Endpoint.https('a.example', { path: 'hub' }) }, { of: Endpoint.https('a.example') }],
    ['a port that is no NodePort', { nodePort: 5000 }, { nodePort: 30000 }],
    [
      'clients without the networks of the nodes',
      { nodePort: 30500, clients: [PodGroup.of({ app: 'a' })] },
      { nodePort: 30500, clients: [PodGroup.of({ app: 'a' })], nodeNetworks: ['10.0.0.0/8'] },
    ],
    ['networks without a port', { nodeNetworks: ['10.0.0.0/8'] }, { nodePort: 30500, nodeNetworks: ['10.0.0.0/8'] }],
    ['a time that expires at once', { expireAfter: Duration.seconds(0) }, { expireAfter: Duration.minutes(1) }],
    ['distribution 2', { image: 'docker.io/library/registry:2.8.3' }, { image: 'docker.io/library/registry:3' }],
    ['an image without a version', { image: 'docker.io/library/registry' }, { image: 'docker.io/library/registry:3' }],
    ['a seed of another registry', { seed: ['quay.io/a/b:1'] }, { seed: ['index.docker.io/a/b:1'] }],
    ['a seed without a tag', { seed: ['docker.io/library/node'] }, { seed: ['docker.io/library/node:22'] }],
    [
      'a seed twice',
      { seed: ['docker.io/a/b:1', 'index.docker.io/a/b:1'] },
      { seed: ['docker.io/a/b:1', 'docker.io/a/b:2'] },
    ],
    [
      'a seed twice, with and without the word that clients of Docker Hub add',
      { seed: ['docker.io/node:22', 'docker.io/library/node:22'] },
      { seed: ['docker.io/node:22', 'docker.io/other/node:22'] },
    ],
    ['a schedule of nothing', { seedSchedule: '@daily' }, { seed: ['docker.io/a/b:1'], seedSchedule: '@daily' }],
    [
      'a schedule that is none',
      { seed: ['docker.io/a/b:1'], seedSchedule: '99 99 * * *' },
      { seed: ['docker.io/a/b:1'], seedSchedule: '59 23 * * *' },
    ],
    ['networks that admit no node', { nodePort: 30500, nodeNetworks: [] }, { nodePort: 30500 }],
    ['clients that are no one', { clients: [] }, { clients: [], nodePort: 30500, nodeNetworks: ['10.0.0.0/8'] }],
    ['no architecture', { seed: ['docker.io/a/b:1'], seedArchitectures: [] }, { seed: ['docker.io/a/b:1'] }],
  ];

  test.each(cases)('%s: FORGE-REG-022', (_, wrong, right) => {
    expect(codesOf(() => made(wrong))).toEqual(['FORGE-REG-022']);
    accepts(() => made(right));
  });

  test('a network that is none, and a name of an image that is none', () => {
    expect(codesOf(() => made({ nodePort: 30500, nodeNetworks: ['node-1'] }))).toEqual(['FORGE-KUBE-010']);
    expect(codesOf(() => made({ seed: ['node:22'] }))).toEqual(['FORGE-REG-004']);
    accepts(
      () => made({ nodePort: 30500, nodeNetworks: ['10.0.0.0/24'] }),
      () => made({ seed: ['docker.io/library/node:22'] }),
    );
  });
});

test('a seed of one word is in library/ at Docker Hub only', () => {
  const seeded = (of: string, seed: string) => {
    const { data } = object('ConfigMap', 'hub-seed-config', { of: Endpoint.https(of), seed: [seed] });
    return JSON.parse(data['seed.json']).images[0].name;
  };
  expect(seeded('docker.io', 'docker.io/node:22')).toBe('library/node');
  expect(seeded('docker.io', 'index.docker.io/library/node:22')).toBe('library/node');
  expect(seeded('docker.io', 'docker.io/moby/buildkit:v1')).toBe('moby/buildkit');
  expect(seeded('quay.io', 'quay.io/node:22')).toBe('node');
});

test('images that a restart deletes are a warning', () => {
  const warnings = (props: Partial<RegistryMirrorProps>) =>
    adviceAt(made(props)).flatMap(({ warnings: texts = [] }) => texts);
  const seed = ['docker.io/library/node:22'];
  const memory = Storage.memory(Size.gibibytes(2));
  expect(warnings({ storage: memory })).toEqual([
    expect.stringMatching(
      /loses all images when its pod restarts\. The images use up to 2Gi of the memory of the node/,
    ),
  ]);
  expect(warnings({ storage: memory, seed })[0]).toContain('also those of `seed`');
  expect(warnings({ storage: Storage.ephemeral(Size.gibibytes(2)), seed })).toHaveLength(1);
  expect(warnings({ storage: Storage.ephemeral(Size.gibibytes(2)) })).toEqual([]);
  expect(warnings({ seed })).toEqual([]);
});

describe('the command of the login', () => {
  const script = path.join(__dirname, '../../lib/registry/mirror/scripts/credentials.sh');
  const run = (login?: { username: string; password: string }) => {
    const folder = temporaryFolder();
    writeTree(folder, { ...login });
    const env = { PATH: process.env.PATH, ...(login ? { LOGIN_FOLDER: folder } : {}) };
    return spawnSync('sh', [script, 'get'], { env, input: 'https://auth.example.com', encoding: 'utf8' });
  };

  test('prints what a credential helper of Docker prints, also without a login', () => {
    expect(JSON.parse(run().stdout)).toEqual({ Username: '', Secret: '' });
    expect(JSON.parse(run({ username: 'bot', password: 'a\n' }).stdout)).toEqual({ Username: 'bot', Secret: 'a' });
  });

  test('fails without a key of the Secret', () => {
    const folder = temporaryFolder();
    writeTree(folder, { username: 'bot' });
    expect(spawnSync('sh', [script], { env: { PATH: process.env.PATH, LOGIN_FOLDER: folder } }).status).not.toBe(0);
  });

  test('keeps every printable password as it is', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab1 "\\\t$`\'{}:#&*!%é/'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(word, (password) => {
        expect(JSON.parse(run({ username: 'bot', password }).stdout).Secret).toBe(password);
      }),
      { numRuns: 25 },
    );
  });
});
