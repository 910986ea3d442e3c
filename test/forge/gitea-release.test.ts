import { Chart, Size, Testing } from 'cdk8s';
import { Forge, GiteaRelease, GiteaReleaseProps, SshEndpoint } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { Registry, RegistryRole, Zone } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { adviceAt } from '../../lib/support';
import { accepts, codesOf, problemsOf } from '../support/problems';

const minimal: GiteaReleaseProps = {
  version: '1.26.2',
  storage: Storage.persistent(Size.gibibytes(10), 'local-path'),
  admin: SecretSource.existing('gitea-admin'),
};
const release = (props: Partial<GiteaReleaseProps> = {}) =>
  new GiteaRelease(new Chart(Testing.app(), 'local', { namespace: 'raibid-system' }), 'gitea', {
    ...minimal,
    ...props,
  });
const values = (gitea: GiteaRelease) =>
  Testing.synth(gitea.node.scope as Chart).find(({ kind }) => kind === 'HelmRelease').spec.values;

test('a server with a NodePort is one pod with a claim, and its registry is named localhost:<port> on the machine and on the nodes', () => {
  const gitea = release({ nodePort: 30080 });
  expect(Testing.synth(gitea.node.scope as Chart)).toMatchSnapshot();
  expect([gitea.forge.url, gitea.forge.internalUrl]).toEqual([
    'http://localhost:30080',
    'http://gitea-http.raibid-system.svc.cluster.local:3000',
  ]);
  const registry = Registry.gitea(gitea.forge, { owner: 'raibid-admin' });
  expect([registry.pullName('raibid-server'), registry.pushName('raibid-server')]).toEqual([
    'localhost:30080/raibid-admin/raibid-server',
    'gitea-http.raibid-system.svc.cluster.local:3000/raibid-admin/raibid-server',
  ]);
  expect(() => registry.assertAccess(gitea, RegistryRole.PULL, Zone.NODE)).not.toThrow();
  expect(() => registry.assertAccess(gitea, RegistryRole.PUSH, Zone.JOB)).not.toThrow();
  expect(SecretSource.requirementsAt(gitea)).toMatchObject([
    { secretName: 'gitea-admin', keys: ['username', 'password'] },
  ]);
});

/** The address of the Service of the release. */
const internalUrl = 'http://gitea-http.raibid-system.svc.cluster.local:3000';

test('every setting comes to the chart', () => {
  const ssh = SshEndpoint.of('git.example.com', 30022);
  const all: Required<GiteaReleaseProps> = {
    ...minimal,
    forge: Forge.gitea({ version: '1.26', url: 'https://git.example.com', internalUrl, nodePort: 30081, ssh }),
    nodePort: 30081,
    ssh,
    settings: { layerLimit: Size.gibibytes(5) },
    serviceMonitor: true,
    openRegistration: true,
    requireSignIn: true,
    metricsToken: SecretSource.existing('gitea-metrics', { keys: { token: 'bearer' } }),
    chartVersion: '12.4.0',
    claimLabels: { backup: 'daily' },
    ingress: {
      host: 'git.example.com',
      className: 'traefik',
      clusterIssuer: 'letsencrypt',
      tlsSecret: 'git-cert',
      requestsPerSecond: 50,
      annotations: { 'example.com/a': 'b' },
    },
  };
  const gitea = release(all);
  expect(gitea.forge.url).toBe('https://git.example.com');
  expect(values(gitea)).toMatchObject({
    image: { tag: '1.26.2' },
    persistence: { labels: { backup: 'daily' } },
    service: { http: { type: 'NodePort', nodePort: 30081 } },
    ingress: {
      enabled: true,
      className: 'traefik',
      hosts: [{ host: 'git.example.com', paths: [{ path: '/' }] }],
      tls: [{ secretName: 'git-cert', hosts: ['git.example.com'] }],
      annotations: {
        'nginx.ingress.kubernetes.io/proxy-body-size': '0',
        'nginx.ingress.kubernetes.io/limit-rps': '50',
        'cert-manager.io/cluster-issuer': 'letsencrypt',
        'example.com/a': 'b',
      },
    },
    gitea: {
      metrics: { enabled: true, serviceMonitor: { enabled: true } },
      config: {
        service: { DISABLE_REGISTRATION: 'false', REQUIRE_SIGNIN_VIEW: 'true' },
        server: {
          ROOT_URL: 'https://git.example.com/',
          SSH_DOMAIN: 'git.example.com',
          SSH_PORT: '30022',
          PUBLIC_URL_DETECTION: 'auto',
        },
        packages: { LIMIT_SIZE_CONTAINER: '5242880 KiB' },
        actions: { ENABLED: 'true' },
      },
    },
  });
  expect(
    Testing.synth(gitea.node.scope as Chart).find(({ kind }) => kind === 'HelmRelease').spec.chart.spec.version,
  ).toBe('12.4.0');
});

test('a Forge that the app has already is the server, with its own URL for people', () => {
  const forge = Forge.gitea({ version: '1.26', url: 'http://localhost:3000', internalUrl, nodePort: 30080 });
  const gitea = release({ forge, nodePort: 30080 });
  expect(gitea.forge).toBe(forge);
  expect(values(gitea).gitea.config.server.ROOT_URL).toBe('http://localhost:3000/');
});

test.each<[string, Forge, Partial<GiteaReleaseProps>]>([
  ['another version', Forge.gitea({ version: '1.25', url: 'http://localhost:3000', internalUrl }), {}],
  ['another Service', Forge.gitea({ version: '1.26', url: 'http://localhost:3000' }), {}],
  ['no NodePort', Forge.gitea({ version: '1.26', url: 'http://localhost:3000', internalUrl }), { nodePort: 30080 }],
  [
    'another URL than the ingress',
    Forge.gitea({ version: '1.26', url: 'http://localhost:3000', internalUrl }),
    { ingress: { host: 'git.example.com' } },
  ],
  [
    'another endpoint for SSH',
    Forge.gitea({ version: '1.26', url: 'http://localhost:3000', internalUrl }),
    { ssh: SshEndpoint.of('git.example.com', 22) },
  ],
  ['another product', Forge.forgejo({ version: '12.0', url: 'http://localhost:3000', internalUrl }), {}],
])('fails for a Forge with %s', (_, forge, props) => {
  expect(codesOf(() => release({ ...props, forge }))).toEqual(['FORGE-FRG-010']);
  accepts(() => release({ forge: Forge.gitea({ version: '1.26.2', url: 'http://localhost:3000', internalUrl }) }));
});

test('for a trial there is no claim, and without an address outside the one inside counts', () => {
  const gitea = release({ storage: Storage.ephemeral(Size.gibibytes(1)), ingress: { host: 'git.example.com' } });
  expect(values(gitea).persistence).toEqual({ enabled: false });
  expect(values(gitea).ingress.tls).toEqual([{ secretName: 'git-example-com-tls', hosts: ['git.example.com'] }]);
  expect(release().forge.url).toBe('http://gitea-http.raibid-system.svc.cluster.local:3000');
});

test.each<Partial<GiteaReleaseProps>>([
  { nodePort: 80 },
  { nodePort: 30080.5 },
  { nodePort: 32768 },
  { ingress: { host: 'https://git.example.com' } },
  { ingress: { host: 'git' } },
  { ingress: { host: 'git.example.com', requestsPerSecond: 0 } },
  { storage: Storage.memory(Size.gibibytes(1)) },
])('fails for %j', (props) => {
  expect(codesOf(() => release(props))).toEqual(['FORGE-FRG-010']);
  const good: Partial<GiteaReleaseProps>[] = [
    { nodePort: 30000 },
    { nodePort: 32767 },
    { ingress: { host: 'git.example.com', requestsPerSecond: 1 } },
  ];
  good.forEach((accepted) => expect(() => release(accepted)).not.toThrow());
});

test('fails for a version that is none, and says all that is wrong at once', () => {
  expect(codesOf(() => release({ version: 'latest' }))).toEqual(['FORGE-FRG-001']);
  expect(problemsOf(() => release({ nodePort: 1, ingress: { host: '' } }))).toHaveLength(2);
  accepts(
    () => release({ version: '1.26' }),
    () => release({ nodePort: 30000 }),
    () => release({ nodePort: 32767 }),
    () => release({ ingress: { host: 'git.example.com' } }),
  );
});

test('strangers get no account and no metrics', () => {
  const ingress = { host: 'git.example.com' };
  expect(values(release({ ingress })).gitea.config.service).toEqual({
    DISABLE_REGISTRATION: 'true',
    REQUIRE_SIGNIN_VIEW: 'false',
  });
  const open = problemsOf(() => release({ ingress, serviceMonitor: true }));
  expect(open).toMatchObject([{ code: 'FORGE-FRG-010', fix: expect.stringContaining('metricsToken') }]);
  expect(() => release({ nodePort: 30080, serviceMonitor: true })).not.toThrow();
  const gitea = release({ ingress, serviceMonitor: true, metricsToken: SecretSource.existing('gitea-metrics') });
  const { spec } = Testing.synth(gitea.node.scope as Chart).find(({ kind }) => kind === 'HelmRelease');
  expect(spec.valuesFrom).toEqual([
    { kind: 'Secret', name: 'gitea-metrics', valuesKey: 'token', targetPath: 'gitea.metrics.token' },
  ]);
  expect(SecretSource.requirementsAt(gitea).map(({ secretName }) => secretName)).toEqual([
    'gitea-admin',
    'gitea-metrics',
  ]);
});

test('warns of a version with known vulnerabilities, and not of another', () => {
  const warnings = (version: string) => adviceAt(release({ version })).flatMap((advice) => advice.warnings ?? []);
  expect(warnings('1.26.2').join()).toContain('CVE-2026-60004');
  expect(warnings('28.3.0')).toEqual([]);
});

test.each<Record<string, string>>([
  { 'a b': 'x y' },
  { ok: 'é' },
  { ok: 'x\ny' },
  { '-a': 'b' },
  { ok: 'a'.repeat(64) },
])('a claim has the labels that Kubernetes accepts, not %j', (claimLabels) => {
  expect(codesOf(() => release({ claimLabels }))).toEqual(['FORGE-FRG-010']);
  accepts(() => release({ claimLabels: { 'example.com/a_b': 'x.y', ok: 'a'.repeat(63), none: '' } }));
});

test('labels are of a claim that the release creates', () => {
  const claimLabels = { backup: 'daily' };
  for (const storage of [Storage.existingClaim('gitea'), Storage.ephemeral(Size.gibibytes(1))]) {
    expect(codesOf(() => release({ claimLabels, storage }))).toEqual(['FORGE-FRG-010']);
    accepts(() => release({ storage }));
  }
});

test('a port that only one of forge and release has is named on the right side', () => {
  const internalUrl = 'http://gitea-http.raibid-system.svc.cluster.local:3000';
  const forge = (nodePort?: number) =>
    Forge.gitea({ version: '1.26', url: 'http://localhost:3000', internalUrl, nodePort });
  expect(problemsOf(() => release({ forge: forge(30080) }))).toMatchObject([
    {
      message: 'forge has nodePort "30080", and the release has no nodePort',
      fix: 'set nodePort of the release to 30080, or remove nodePort of the Forge',
    },
  ]);
  expect(problemsOf(() => release({ forge: forge(), nodePort: 30080 }))).toMatchObject([
    {
      message: 'forge has no nodePort, and the release has nodePort "30080"',
      fix: 'set nodePort of the Forge to "30080"',
    },
  ]);
  accepts(() => release({ forge: forge(30080), nodePort: 30080 }));
});
