import { Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Buildkitd,
  BuildkitPlatforms,
  BuildkitSmokeTest,
  BuildkitTls,
  BuildkitTopology,
  CertificateIssuer,
  Emulation,
} from '../../lib/buildkit';
import { Architecture, Storage } from '../../lib/kube';
import { SecretSource } from '../../lib/secret';
import { CLIENT, newChart, registry, render, world } from './world';
import { foundCodes } from '../support/problems';

const storage = Storage.ephemeral(Size.gibibytes(9));

test('with TLS, all names follow the names of the workloads', () => {
  const scope = newChart();
  const workload = { name: 'builder-amd64', serviceName: 'buildkit' };
  const tls = BuildkitTls.certManager();
  const builder = new Buildkitd(scope, 'x', { registries: [registry], storage, tls, workload });
  new BuildkitSmokeTest(scope, 'y', { builder, workload: { name: 'probe' } });
  const names = render(scope).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names.filter((name) => /^(Certificate|Issuer) /.test(name))).toEqual([
    'Issuer builder-amd64-root',
    'Certificate builder-amd64-ca',
    'Issuer builder-amd64-ca',
    'Certificate builder-amd64-server',
    'Certificate probe-builder-amd64-client',
  ]);
  expect(names.filter((name) => / [xy](-|$)/.test(name))).toEqual([]);
  expect(builder.serverNames).toContain('buildkit.ci.svc.cluster.local');
});

describe('without TLS, the network policy', () => {
  test('admits the declared clients to the one port, each from its own namespace', () => {
    const { daemon, chart } = world({
      metrics: { scrapers: [{ labels: { app: 'prometheus' }, namespace: 'monitoring' }] },
    });
    daemon.admit({ labels: { app: 'tilt' } });
    const policy = chart.toJson().find((o) => o.kind === 'NetworkPolicy');
    expect(policy.spec).toEqual({
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'buildkitd', 'app.kubernetes.io/instance': 'buildkitd' },
      },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            {
              podSelector: { matchLabels: CLIENT },
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ci' } },
            },
            {
              podSelector: { matchLabels: { app: 'tilt' } },
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ci' } },
            },
          ],
          ports: [{ port: 1234, protocol: 'TCP' }],
        },
        {
          from: [
            {
              podSelector: { matchLabels: { app: 'prometheus' } },
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
            },
          ],
          ports: [{ port: 6060, protocol: 'TCP' }],
        },
      ],
    });
  });

  test('has no rule without visitors: an empty list of visitors would admit everybody', () => {
    expect(world({ metrics: {} }, false).find('NetworkPolicy').spec.ingress).toEqual([]);
  });
});

describe('a connection', () => {
  test('without TLS', () => {
    const { connection } = world().daemon;
    expect(connection.environment).toEqual({
      BUILDKIT_HOST: 'tcp://buildkitd.ci.svc.cluster.local:1234',
      BUILDCTL_FLAGS: '--timeout 120 --wait',
    });
    expect([connection._volumes(), connection._volumeMounts(), connection.tlsFolder]).toEqual([[], [], undefined]);
    expect(connection.clientImage).toBe(world().pod.containers[0].image);
  });

  test('with TLS: what is mounted is what buildctl is told to read', () => {
    const { daemon, chart } = world({ tls: BuildkitTls.certManager() }, false);
    const connection = daemon.connectFrom(new Construct(chart, 'runner'), CLIENT);
    const folder = '/var/run/secrets/buildkit/ci/buildkitd';
    expect(connection.globalFlags).toEqual(['--timeout', '120', '--wait', '--tlsdir', folder]);
    expect(connection._volumeMounts()).toEqual([{ name: 'tls-ci-buildkitd', mountPath: folder, readOnly: true }]);
    expect(connection._volumes()).toEqual([
      {
        name: 'tls-ci-buildkitd',
        secret: {
          secretName: 'runner-buildkitd-client',
          defaultMode: 0o444,
          items: [
            { key: 'ca.crt', path: 'ca.pem' },
            { key: 'tls.crt', path: 'cert.pem' },
            { key: 'tls.key', path: 'key.pem' },
          ],
        },
      },
    ]);
    expect(chart.toJson().find((o) => o.metadata.name === 'runner-buildkitd-client').spec).toMatchObject({
      secretName: 'runner-buildkitd-client',
      usages: expect.arrayContaining(['client auth']),
    });
    expect(daemon.connection.globalFlags).toEqual(connection.globalFlags);
    expect(daemon.connection._volumes()).toEqual([]);
  });

  test('with TLS by Secrets that exist: both are needed, each where it is used', () => {
    const { chart, daemon } = world(
      {
        tls: BuildkitTls.existing({
          server: SecretSource.existing('server-tls'),
          client: SecretSource.existing('client-tls'),
          keys: { ca: 'ca.pem', certificate: 'cert.pem', key: 'key.pem' },
        }),
      },
      false,
    );
    const client = new Construct(new Chart(chart.node.scope!, 'apps', { namespace: 'apps' }), 'runner');
    const [volume] = daemon.connectFrom(client, CLIENT)._volumes();
    expect(volume.secret).toMatchObject({
      secretName: 'client-tls',
      items: [
        { key: 'ca.pem', path: 'ca.pem' },
        { key: 'cert.pem', path: 'cert.pem' },
        { key: 'key.pem', path: 'key.pem' },
      ],
    });
    expect(SecretSource.requirementsAt(daemon)).toEqual([
      expect.objectContaining({
        secretName: 'server-tls',
        namespace: 'ci',
        type: 'Opaque',
        keys: ['ca.pem', 'cert.pem', 'key.pem'],
      }),
    ]);
    expect(SecretSource.requirementsAt(client)).toEqual([
      expect.objectContaining({ secretName: 'client-tls', namespace: 'apps', keys: ['ca.pem', 'cert.pem', 'key.pem'] }),
    ]);
  });

  test('a client in another namespace gets its certificate there', () => {
    const { chart, daemon } = world(
      { tls: BuildkitTls.certManager(CertificateIssuer.clusterIssuer('internal')) },
      false,
    );
    const apps = new Chart(chart.node.scope!, 'apps', { namespace: 'apps' });
    const runner = new Construct(apps, 'runner');
    daemon.connectFrom(runner, CLIENT);
    daemon.connectFrom(runner, CLIENT);
    expect(apps.toJson()).toEqual([
      expect.objectContaining({
        kind: 'Certificate',
        metadata: { name: 'runner-buildkitd-client', namespace: 'apps' },
        spec: expect.objectContaining({
          issuerRef: { kind: 'ClusterIssuer', name: 'internal', group: 'cert-manager.io' },
        }),
      }),
    ]);
  });

  test('to a stable pool names every daemon', () => {
    const { connection } = world({ topology: BuildkitTopology.stablePool(2) }).daemon;
    expect(connection.environment.BUILDKIT_HOSTS).toBe(
      'tcp://buildkitd-0.buildkitd.ci.svc.cluster.local:1234 tcp://buildkitd-1.buildkitd.ci.svc.cluster.local:1234',
    );
    expect(world({ topology: BuildkitTopology.pool(2) }).daemon.connection.addresses).toEqual([
      'tcp://buildkitd.ci.svc.cluster.local:1234',
    ]);
  });
});

describe('platforms', () => {
  const platforms = (tls = BuildkitTls.none()) =>
    new BuildkitPlatforms(newChart(), 'builders', {
      architectures: [Architecture.AMD64, Architecture.ARM64],
      registries: [registry],
      storage,
      tls,
      placement: { nodeSelector: { disk: 'ssd' } },
    });

  test('each has daemons on its own nodes, and builds nothing else', () => {
    const pools = platforms();
    const objects = pools.builders.map((builder) =>
      render(Chart.of(builder)).find((o) => o.kind === 'StatefulSet' && o.metadata.name === builder.name),
    );
    expect(pools.platforms).toEqual(['linux/amd64', 'linux/arm64']);
    expect(objects.map((o) => o.spec.template.spec.nodeSelector)).toEqual([
      { 'kubernetes.io/arch': 'amd64', disk: 'ssd' },
      { 'kubernetes.io/arch': 'arm64', disk: 'ssd' },
    ]);
    expect(pools.builderFor(Architecture.ARM64).name).toBe('builders-arm64');
  });

  test('one client of all of them has a volume for each, and calls the first with its certificate', () => {
    const pools = platforms(BuildkitTls.certManager());
    const connection = pools.connectFrom(new Construct(Chart.of(pools), 'runner'), CLIENT);
    expect(connection._volumes().map(({ name }) => name)).toEqual(['tls-ci-builders-amd64', 'tls-ci-builders-arm64']);
    const [mount] = connection._volumeMounts();
    expect(connection.environment).toEqual({
      BUILDKIT_HOST: 'tcp://builders-amd64.ci.svc.cluster.local:1234',
      BUILDCTL_FLAGS: `--timeout 120 --wait --tlsdir ${mount.mountPath}`,
    });
  });

  test('build each platform on its own daemons, and join them; each with its own certificate', () => {
    const pools = platforms(BuildkitTls.certManager());
    const build = { registry, image: 'hello', context: '.', dockerfile: 'Dockerfile', commit: '0123abc', push: false };
    const { env, tools } = pools.buildScript(build);
    expect(tools).toEqual(['buildctl']);
    expect(env).toMatchObject({
      PLATFORMS: 'linux/amd64,linux/arm64',
      PLATFORM_HOSTS:
        'linux/amd64=tcp://builders-amd64.ci.svc.cluster.local:1234 linux/arm64=tcp://builders-arm64.ci.svc.cluster.local:1234',
      BUILDCTL_FLAGS_linux_arm64: expect.stringMatching(/--tlsdir \S*builders-arm64/),
    });
    expect(pools.buildScript({ ...build, platforms: ['linux/arm64'] }).env!.PLATFORMS).toBe('linux/arm64');
    expect([pools.canUse(registry), pools.canAttest, pools.isForClientsOnly, pools.stateSize!.toGibibytes()]).toEqual([
      true,
      false,
      true,
      storage.size!.toGibibytes(),
    ]);
  });

  test('they join into one buildx builder', () => {
    expect(platforms().buildxCommands('native')).toEqual([
      'docker buildx create --name native --node native-amd64 --driver remote --platform linux/amd64 tcp://builders-amd64.ci.svc.cluster.local:1234',
      'docker buildx create --name native --append --node native-arm64 --driver remote --platform linux/arm64 tcp://builders-arm64.ci.svc.cluster.local:1234',
    ]);
    expect(platforms(BuildkitTls.certManager()).buildxCommands('n')[0]).toContain(
      '--driver-opt cacert=/var/run/secrets/buildkit/ci/builders-amd64/ca.pem,cert=/var/run/secrets/buildkit/ci/builders-amd64/cert.pem,key=',
    );
    expect(foundCodes(() => platforms().buildxCommands('a; rm -rf /'))).toEqual(['FORGE-BK-011']);
  });

  test('fails for none, for one twice, and for one that is not there', () => {
    const make = (architectures: Architecture[]) => () =>
      new BuildkitPlatforms(newChart(), 'b', { architectures, registries: [registry], storage });
    expect(foundCodes(make([]))).toEqual(['FORGE-BK-007']);
    expect(foundCodes(make([Architecture.ARM64, Architecture.ARM64]))).toEqual(['FORGE-BK-007']);
    expect(foundCodes(() => make([Architecture.AMD64])().builderFor(Architecture.ARM64))).toEqual(['FORGE-BK-007']);
  });
});

test('every prop of a daemon reaches its objects', () => {
  const props: Required<
    Pick<
      import('../../lib/buildkit').BuildkitdProps,
      'image' | 'emulation' | 'placement' | 'metrics' | 'environment' | 's3Credentials' | 'resources'
    >
  > = {
    image: 'registry.example.com/mirror/buildkit',
    emulation: Emulation.privilegedBinfmt([Architecture.ARM64]),
    placement: {
      architecture: Architecture.AMD64,
      tolerations: [{ key: 'builds' }],
      priorityClassName: 'low',
      awayFrom: [{ labels: { app: 'gitea' } }],
    },
    metrics: { port: 9000, serviceMonitor: true, scrapers: [{ labels: { app: 'prometheus' } }] },
    environment: { HTTPS_PROXY: 'http://proxy:3128', BUILDKIT_HOST: 'ours wins' },
    s3Credentials: SecretSource.existing('minio'),
    resources: {
      cpuRequestMillis: 2000,
      cpuLimitMillis: 4000,
      memoryRequest: Size.gibibytes(2),
      memoryLimit: Size.gibibytes(8),
    },
  };
  const { pod, find, toml, daemon } = world(props);
  const [container] = pod.containers;
  expect(container.image).toBe('registry.example.com/mirror/buildkit:v0.34.2-rootless');
  expect(pod.initContainers).toEqual([
    expect.objectContaining({
      args: ['--install', 'arm64'],
      securityContext: { privileged: true, runAsUser: 0, runAsNonRoot: false },
    }),
  ]);
  expect(pod).toMatchObject({
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
    priorityClassName: 'low',
    tolerations: [{ key: 'builds', operator: 'Exists' }],
  });
  expect(pod.affinity!.podAntiAffinity!.preferredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
  expect(toml.grpc.debugAddress).toBe('0.0.0.0:9000');
  expect(find('ServiceMonitor').spec).toEqual({
    selector: { matchLabels: daemon.labels },
    endpoints: [{ port: 'metrics', path: '/metrics' }],
  });
  expect(find('Service').spec.ports).toContainEqual({ name: 'metrics', port: 9000, targetPort: 'metrics' });
  expect(container.env!.filter(({ name }) => name === 'BUILDKIT_HOST')).toEqual([
    { name: 'BUILDKIT_HOST', value: 'unix:///run/user/1000/buildkit/buildkitd.sock' },
  ]);
  expect(container.env).toContainEqual({ name: 'HTTPS_PROXY', value: 'http://proxy:3128' });
  expect(container.env).toContainEqual({
    name: 'AWS_SECRET_ACCESS_KEY',
    valueFrom: { secretKeyRef: { name: 'minio', key: 'AWS_SECRET_ACCESS_KEY' } },
  });
  expect(container.resources).toMatchObject({
    requests: { cpu: '2', memory: '2Gi' },
    limits: { cpu: '4', memory: '8Gi' },
  });
});

test('several daemons are spread over nodes', () => {
  const { pod, daemon } = world({ topology: BuildkitTopology.pool(2) });
  expect(
    pod.affinity!.podAntiAffinity!.preferredDuringSchedulingIgnoredDuringExecution![0].podAffinityTerm.labelSelector,
  ).toEqual({ matchLabels: daemon.labels });
});

test('its own default child is the workload', () => {
  expect((world().daemon as Buildkitd).node.defaultChild).toMatchObject({ kind: 'StatefulSet' });
});
