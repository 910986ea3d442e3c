import { ApiObject, App, Chart, Size } from 'cdk8s';
import { Service } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { Buildkitd } from '../../lib/buildkit';
import { Forge, TokenAccess } from '../../lib/forge';
import { setClusterDomain, Storage } from '../../lib/kube';
import {
  buildkitRegistries,
  DaemonJson,
  DockerConfigJson,
  Endpoint,
  fluxRegistryAccess,
  NodeConfig,
  pullSecret,
  Registry,
  Zone,
} from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { Findings } from '../../lib/support';
import { foundCodes } from '../support/problems';

const INTERNAL = 'gitea-http.gitea.svc.cluster.local:3000';
const gitea = (internalUrl = `http://${INTERNAL}`) =>
  Forge.gitea({ version: '1.26', url: 'https://git.example.com', internalUrl });
const hub = (mirrors: Endpoint[] = []) =>
  Registry.oci({ owner: 'acme', pull: Endpoint.https('docker.io', { mirrors }) });
const chart = (namespace = 'ci') => new Chart(new App(), 'chart', { namespace });

describe('a registry of a forge', () => {
  test('takes both endpoints from the forge, and the limit is of the public one', () => {
    const registry = Registry.gitea(gitea(), { owner: 'platform', uploadLimit: Size.mebibytes(100) });
    expect([registry.push.url, registry.pull.url]).toEqual([`http://${INTERNAL}`, 'https://git.example.com']);
    expect([registry.push.uploadLimit, registry.pull.uploadLimit?.toMebibytes()]).toEqual([undefined, 100]);
  });

  test('refuses the limit beside an endpoint that has its own, and accepts it in the endpoint', () => {
    const uploadLimit = Size.mebibytes(100);
    const pull = Endpoint.https('git.example.com');
    expect(foundCodes(() => Registry.gitea(gitea(), { owner: 'a', pull, uploadLimit }))).toEqual(['FORGE-REG-019']);
    const limited = Endpoint.https('git.example.com', { uploadLimit });
    expect(Registry.gitea(gitea(), { owner: 'a', pull: limited }).pull.uploadLimit).toBe(uploadLimit);
  });

  test('refuses jobs that would push through the limit', () => {
    const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
    expect(foundCodes(() => Registry.gitea(forge, { owner: 'a', uploadLimit: Size.mebibytes(1) }))).toEqual([
      'FORGE-REG-007',
    ]);
  });

  test.each([
    [
      'internal URL by HTTP, push by HTTPS',
      () => Registry.gitea(gitea(), { owner: 'a', push: Endpoint.https(INTERNAL) }),
    ],
    [
      'internal URL by HTTPS, push by HTTP',
      () => Registry.gitea(gitea(`https://${INTERNAL}`), { owner: 'a', push: Endpoint.http(INTERNAL) }),
    ],
    [
      'URL by HTTPS, scan by HTTP',
      () => Registry.gitea(gitea(), { owner: 'a', scan: Endpoint.http('git.example.com') }),
    ],
  ])('fails if one host is declared two ways: %s', (_, make) => {
    expect(foundCodes(make)).toEqual(['FORGE-REG-005']);
  });

  test('accepts the same host with the same trust, and another port with another', () => {
    expect(foundCodes(() => Registry.gitea(gitea(), { owner: 'a', push: Endpoint.http(INTERNAL) }))).toEqual([]);
    expect(
      foundCodes(() => Registry.gitea(gitea(), { owner: 'a', scan: Endpoint.http('git.example.com:8080') })),
    ).toEqual([]);
  });
});

describe('a registry without an owner', () => {
  const registry = Registry.oci({ pull: Endpoint.http('192.168.1.10:5000') });

  test('names images right below the host', () => {
    expect([registry.owner, registry.pullName('hello'), registry.pullName('team/hello')]).toEqual([
      undefined,
      '192.168.1.10:5000/hello',
      '192.168.1.10:5000/team/hello',
    ]);
  });

  test('still refuses an owner that is none', () => {
    expect(foundCodes(() => Registry.oci({ owner: '', pull: Endpoint.http('192.168.1.10:5000') }))).toEqual([
      'FORGE-REG-002',
    ]);
  });
});

describe('what is said twice is the same', () => {
  const make = (owner = 'platform') => Registry.gitea(gitea(), { owner, uploadLimit: Size.mebibytes(100) });

  test('endpoints and registries are equal by what they say', () => {
    const mirrored = (mirror: string) => Endpoint.https('r.example.com', { mirrors: [Endpoint.http(mirror)] });
    expect(mirrored('a.example.com').isSameAs(mirrored('a.example.com'))).toBe(true);
    expect(mirrored('a.example.com').isSameAs(mirrored('b.example.com'))).toBe(false);
    expect(Endpoint.http('r.example.com').isSameAs(Endpoint.https('r.example.com'))).toBe(false);
    expect(Endpoint.http('r.example.com').isSameAs(Endpoint.http('r.example.com', { zones: [Zone.POD] }))).toBe(false);
    expect([make().isSameAs(make()), make().isSameAs(make('other'))]).toEqual([true, false]);
  });

  test('a builder can use what equals its registries, and no other plain HTTP host', () => {
    const builder = new Buildkitd(chart(), 'buildkitd', {
      registries: [make()],
      storage: Storage.persistent(Size.gibibytes(50)),
    });
    expect([make(), make('other'), Registry.ghcr({ owner: 'a' })].map((one) => builder.canUse(one))).toEqual([
      true,
      true,
      true,
    ]);
    expect(builder.canUse(Registry.oci({ owner: 'a', pull: Endpoint.http('192.168.1.10:5000') }))).toBe(false);
    expect(builder.canUse(Registry.oci({ owner: 'a', pull: Endpoint.https(INTERNAL) }))).toBe(false);
  });
});

describe('mirrors', () => {
  const of = (...mirrors: string[]) =>
    Registry.oci({
      owner: 'a',
      pull: Endpoint.https('r.example.com', { mirrors: mirrors.map((m) => Endpoint.https(m)) }),
    });

  test('of one host in two registries are merged, each once and in order', () => {
    const registries = [of('m1.example.com'), of('m2.example.com', 'm1.example.com')];
    expect(buildkitRegistries(registries, '/ca').registry['r.example.com'].mirrors).toEqual([
      'm1.example.com',
      'm2.example.com',
    ]);
    const { host } = parseToml(new NodeConfig(registries).hostsToml['r.example.com/hosts.toml']) as { host: object };
    expect(Object.keys(host)).toEqual(['https://m1.example.com', 'https://m2.example.com']);
  });

  test('have a path, as proxy projects of Harbor do', () => {
    const harbor = Endpoint.https('harbor.example.com', { path: 'dockerhub' });
    const registries = [hub([harbor])];
    expect(parseToml(new NodeConfig(registries).hostsToml['docker.io/hosts.toml'])).toMatchObject({
      host: { 'https://harbor.example.com/v2/dockerhub': { override_path: true } },
    });
    expect(buildkitRegistries(registries, '/ca').registry['docker.io']).toEqual({
      mirrors: ['harbor.example.com/dockerhub'],
    });
    expect(parseYaml(new NodeConfig(registries).k3sRegistriesYaml).mirrors['docker.io'].endpoint).toEqual([
      'https://harbor.example.com/v2/dockerhub',
      'https://registry-1.docker.io',
    ]);
    expect(foundCodes(() => new DaemonJson({ registries }))).toEqual(['FORGE-REG-009']);
    expect(foundCodes(() => new DaemonJson({ registries: [hub([Endpoint.https('harbor.example.com')])] }))).toEqual([]);
  });

  test('have no mirrors of their own, which no client would use', () => {
    const [inner, plain] = [Endpoint.https('m2.example.com'), Endpoint.https('m1.example.com')];
    const outer = Endpoint.https('m1.example.com', { mirrors: [inner] });
    expect(foundCodes(() => hub([plain, outer]))).toEqual(['FORGE-REG-023']);
    expect(foundCodes(() => new DaemonJson({ dockerHubMirrors: [outer] }))).toEqual(['FORGE-REG-023']);
    // A host may be a registry with mirrors and the mirror of another.
    const registries = [hub([plain]), Registry.oci({ owner: 'acme', pull: outer })];
    const hosts = (file: string) => Object.keys(parseToml(new NodeConfig(registries).hostsToml[file]).host as object);
    expect(hosts('docker.io/hosts.toml')).toEqual(['https://m1.example.com']);
    expect(hosts('m1.example.com/hosts.toml')).toEqual(['https://m2.example.com']);
    expect(foundCodes(() => new DaemonJson({ registries, dockerHubMirrors: [plain] }))).toEqual([]);
  });

  test('that nodes do not reach keep their host, if nodes use it for something else', () => {
    const [far, near] = [Zone.HOST, Zone.NODE].map((zone) => Endpoint.http('r.example.com:5000', { zones: [zone] }));
    const node = new NodeConfig([hub([far]), Registry.oci({ owner: 'acme', pull: Endpoint.https('docker.io') })]);
    expect(node.hostsToml).toEqual({});
    const own = [hub([far]), Registry.oci({ owner: 'acme', pull: near })];
    expect(Object.keys(new NodeConfig(own).hostsToml)).toEqual(['r.example.com_5000_/hosts.toml']);
    const both = [hub([far]), Registry.oci({ owner: 'b', pull: Endpoint.https('b.example.com', { mirrors: [near] }) })];
    expect(Object.keys(new NodeConfig(both).hostsToml).sort()).toEqual([
      'b.example.com/hosts.toml',
      'r.example.com_5000_/hosts.toml',
    ]);
    expect(new DaemonJson({ registries: own })._toJson(Zone.JOB)).toEqual({
      'insecure-registries': ['r.example.com:5000'],
    });
  });

  test('refuses a path of an endpoint that is no mirror, and a path that is none', () => {
    expect(foundCodes(() => Registry.oci({ pull: Endpoint.https('r.example.com', { path: 'team' }) }))).toEqual([
      'FORGE-REG-020',
    ]);
    expect(foundCodes(() => Registry.oci({ owner: 'team', pull: Endpoint.https('r.example.com') }))).toEqual([]);
    expect(foundCodes(() => Endpoint.https('r.example.com', { path: '/team' }))).toEqual(['FORGE-REG-002']);
  });
});

/** The names of Docker Hub. BuildKit looks up the login of Docker Hub for `registry-1.docker.io` too. */
const HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry-1.docker.io:443', 'docker.io:443'];

describe('Docker Hub', () => {
  const mirror = Endpoint.http('192.168.7.45:5000');

  test.each(HUB)('is served by registry-1.docker.io, when it is called %s', (host) => {
    const registry = Registry.oci({ owner: 'a', pull: Endpoint.https(host, { mirrors: [mirror] }) });
    const text = new NodeConfig([registry]).hostsToml['docker.io/hosts.toml'];
    expect(parseToml(text)).toMatchObject({ server: 'https://registry-1.docker.io' });
    expect(registry.pullName('web')).toBe('docker.io/a/web');
  });

  test('gets the mirrors of a registry at docker.io in daemon.json, beside those of the daemon', () => {
    const daemon = (dockerHubMirrors?: Endpoint[]) =>
      JSON.parse(new DaemonJson({ registries: [hub([mirror])], dockerHubMirrors }).render())['registry-mirrors'];
    expect(daemon()).toEqual(['http://192.168.7.45:5000']);
    expect(daemon([mirror, Endpoint.https('m.example.com')])).toEqual([
      'http://192.168.7.45:5000',
      'https://m.example.com',
    ]);
  });

  test.each(HUB)('has one key in every docker configuration, for nodes, Flux and jobs, as %s', (host) => {
    const registry = Registry.oci({
      owner: 'acme',
      pull: Endpoint.https(host),
      credentials: SecretSource.existing('hub'),
    });
    const scope = chart('flux-system');
    fluxRegistryAccess(scope, registry);
    pullSecret(scope, registry);
    const keys = SecretSource.requirementsAt(scope).map(({ registryHosts }) => registryHosts);
    expect(keys).toEqual([['https://index.docker.io/v1/'], ['https://index.docker.io/v1/']]);
    expect(DockerConfigJson.of([registry]).hosts).toEqual(['https://index.docker.io/v1/']);
    expect(Object.keys(buildkitRegistries([hub([mirror]), registry], '/ca').registry)).toContain('docker.io');
  });

  test.each(['registry.docker.io', 'registry-1.docker.io:5000', 'registry-1.docker.io.example.com'])(
    '%s is a host of its own',
    (host) => {
      const registry = Registry.oci({ owner: 'acme', pull: Endpoint.https(host) });
      expect([registry.pull.host, DockerConfigJson.of([registry]).hosts]).toEqual([host, [host]]);
    },
  );
});

test('token scopes are in the words of the product', () => {
  const scopes = (registry: Registry) => [
    registry._tokenScope(TokenAccess.READ),
    registry._tokenScope(TokenAccess.WRITE),
  ];
  expect(scopes(Registry.gitea(gitea(), { owner: 'a' }))).toEqual(['read:package', 'write:package']);
  expect(scopes(Registry.ghcr({ owner: 'a' }))).toEqual(['read:packages', 'write:packages']);
  expect(scopes(hub())).toEqual([undefined, undefined]);
});

describe('an endpoint at a Service', () => {
  test.each([
    [
      'of cdk8s-plus',
      (scope: Chart) => new Service(scope, 'zot', { ports: [{ port: 5000 }], metadata: { name: 'zot' } }),
    ],
    [
      'as an ApiObject',
      (scope: Chart) => new ApiObject(scope, 'zot', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'zot' } }),
    ],
  ])('%s has its full name, with the domain of the cluster', (_, make) => {
    const cluster = new Construct(new App(), 'home');
    setClusterDomain(cluster, 'k8s.example.org');
    const endpoint = Endpoint.ofService(make(new Chart(cluster, 'zot', { namespace: 'zot' })), { port: 5000 });
    expect([endpoint.url, endpoint.zones]).toEqual(['http://zot.zot.svc.k8s.example.org:5000', [Zone.JOB, Zone.POD]]);
    expect(Endpoint.ofService(make(chart('zot')), { port: 80 }).host).toBe('zot.zot.svc.cluster.local:80');
  });

  test('fails for what is no Service, and without a namespace', () => {
    const bare = new Chart(new App(), 'bare');
    const service = new ApiObject(bare, 'svc', { apiVersion: 'v1', kind: 'Service' });
    expect(foundCodes(() => Endpoint.ofService(bare, { port: 1 }))).toEqual(['FORGE-REG-018']);
    expect(foundCodes(() => Endpoint.ofService(service, { port: 1 }))).toEqual(['FORGE-REG-018']);
  });

  test('fails at synth for a port that the Service does not have; ports may be added until then', () => {
    const service = new Service(chart('zot'), 'zot', { ports: [{ port: 5000 }] });
    Endpoint.ofService(service, { port: 5000 });
    Endpoint.ofService(service, { port: 5001 });
    expect(ApiObject.of(service).node.validate()).toEqual([expect.stringMatching(/^FORGE-REG-018: .* port 5001 /)]);
    service.bind(5001, { name: 'second' });
    expect(ApiObject.of(service).node.validate()).toEqual([]);
  });

  test('fails for a cluster domain that is none', () => {
    expect(foundCodes(() => setClusterDomain(new App(), 'Cluster_Local'))).toEqual(['FORGE-KUBE-014']);
  });
});

describe('a short name', () => {
  const registry = Registry.oci({ owner: 'a', pull: Endpoint.http('zot:5000') });
  const problems = (scope: Chart) => scope.node.validate().join('\n');
  const service = (scope: Construct) =>
    new ApiObject(scope, 'zot', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'zot' } });

  test('fails for pods of another namespace than the Service', () => {
    const app = new App();
    service(new Chart(app, 'zot', { namespace: 'zot' }));
    const flux = new Chart(app, 'flux', { namespace: 'flux-system' });
    fluxRegistryAccess(flux, registry);
    expect(problems(flux)).toMatch(/FORGE-REG-017.*zot:5000.*flux-system/);
  });

  test('works in the namespace of the Service, whichever is created first', () => {
    const own = chart('zot');
    fluxRegistryAccess(own, registry);
    service(own);
    expect(problems(own)).toBe('');
  });

  test('is accepted with a reason, and a full name needs none', () => {
    const accepted = chart('ci');
    Findings.of(accepted).acknowledge('FORGE-REG-017', 'the DNS of the house knows zot');
    fluxRegistryAccess(accepted, registry);
    const full = chart('ci');
    fluxRegistryAccess(full, Registry.oci({ owner: 'a', pull: Endpoint.http('zot.zot.svc.cluster.local:5000') }));
    expect([problems(accepted), problems(full)]).toEqual(['', '']);
  });
});
