import { Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Buildkitd,
  BuildkitdConfig,
  BuildkitdProps,
  BuildkitMode,
  BuildkitNetwork,
  BuildkitTls,
  BuildkitTopology,
  BuildkitVersion,
  CertificateIssuer,
  Emulation,
  GarbageCollection,
  Snapshotter,
} from '../../lib/buildkit';
import { Architecture, Storage } from '../../lib/kube';
import { CLIENT, newChart, registry, world } from './world';
import { foundCodes } from '../support/problems';

const GIB = Size.gibibytes(1);

test.each<[string, string, Partial<BuildkitdProps>]>([
  [
    'FORGE-BK-002',
    'a mode that the release cannot run',
    { mode: BuildkitMode.privileged(), version: BuildkitVersion.of('0.27.1') },
  ],
  [
    'FORGE-BK-002',
    'user namespaces before BuildKit knew them',
    { mode: BuildkitMode.userNamespace(), version: BuildkitVersion.of('0.20.2') },
  ],
  [
    'FORGE-BK-002',
    'a key that the release does not know',
    { config: { maxRegistryConcurrency: 8 }, version: BuildkitVersion.of('0.30.0') },
  ],
  [
    'FORGE-BK-002',
    'devices without entitlement before 0.21',
    { config: { cdi: { autoAllowed: ['vendor.com/gpu=0'] } }, version: BuildkitVersion.of('0.20.0') },
  ],
  ['FORGE-BK-003', 'layers on NFS', { storage: Storage.persistent(Size.gibibytes(50), 'nfs-client') }],
  ['FORGE-BK-004', 'a volume that holds no build', { storage: Storage.ephemeral(GIB) }],
  [
    'FORGE-BK-005',
    'more reserved than may be used',
    {
      config: {
        garbageCollection: GarbageCollection.limits({
          reservedSpace: Size.gibibytes(9),
          maxUsedSpace: Size.gibibytes(8),
        }),
      },
    },
  ],
  [
    'FORGE-BK-005',
    'more reserved and free than there is',
    {
      config: {
        garbageCollection: GarbageCollection.limits({
          reservedSpace: Size.gibibytes(30),
          minFreeSpace: Size.gibibytes(30),
        }),
      },
    },
  ],
  ['FORGE-BK-005', 'limits without a limit', { config: { garbageCollection: GarbageCollection.limits({}) } }],
  [
    'FORGE-BK-005',
    'a policy that drops everything',
    { config: { garbageCollection: GarbageCollection.policies([{ everything: true }]) } },
  ],
  ['FORGE-BK-005', 'no policy at all', { config: { garbageCollection: GarbageCollection.policies([]) } }],
  [
    'FORGE-BK-010',
    'fuse-overlayfs outside the rootless image',
    { mode: BuildkitMode.privileged(), config: { snapshotter: Snapshotter.fuseOverlayfs('x.example.com/fuse') } },
  ],
  ['FORGE-BK-011', 'no parallelism', { config: { maxParallelism: 0 } }],
  ['FORGE-BK-011', 'a name server by name', { config: { dns: { nameservers: ['dns.example.com'] } } }],
  ['FORGE-BK-011', 'a platform that is none', { config: { platforms: ['amd64'] } }],
  ['FORGE-BK-011', 'a port that clients use', { metrics: { port: 1234 } }],
  ['FORGE-BK-011', 'a port that is none', { metrics: { port: 70000 } }],
  ['FORGE-BK-011', 'an image with a tag', { image: 'registry.example.com/buildkit:v1' }],
  ['FORGE-BK-011', 'a variable that is none', { environment: { 'A=B': 'x' } }],
  ['FORGE-BK-011', 'an emulator for nothing', { emulation: Emulation.privilegedBinfmt([]) }],
  ['FORGE-BK-011', 'a drain of a month', { drainTimeout: Duration.days(30) }],
  [
    'FORGE-BK-011',
    'a subnet that is none',
    { mode: BuildkitMode.privileged(), config: { network: BuildkitNetwork.bridge('10.0.0.0') } },
  ],
  ['FORGE-BK-011', 'a Kubernetes that is none', { kubernetesVersion: 'latest' }],
  [
    'FORGE-BK-014',
    'user namespaces on an old Kubernetes',
    { mode: BuildkitMode.userNamespace(), kubernetesVersion: '1.30' },
  ],
  [
    'FORGE-BK-015',
    'emulators from inside a user namespace',
    { mode: BuildkitMode.userNamespace(), emulation: Emulation.privilegedBinfmt([Architecture.ARM64]) },
  ],
  ['FORGE-BK-016', 'a limit below the default request', { resources: { memoryLimit: Size.mebibytes(512) } }],
  ['FORGE-BK-016', 'a request above the default limit', { resources: { ephemeralStorageRequest: Size.gibibytes(5) } }],
  ['FORGE-BK-017', 'a bridge without root', { config: { network: BuildkitNetwork.bridge() } }],
  [
    'FORGE-BK-018',
    'metrics for a whole namespace',
    { metrics: { scrapers: [{ labels: {}, namespace: 'monitoring' }] } },
  ],
])('fails with %s: %s', (code, _, props) => {
  expect(foundCodes(() => world(props))).toEqual([code]);
});

test.each<[string, Partial<BuildkitdProps>]>([
  ['the first release of a mode', { mode: BuildkitMode.privileged(), version: BuildkitVersion.of('0.28.0') }],
  ['the first with user namespaces', { mode: BuildkitMode.userNamespace(), version: BuildkitVersion.of('0.21.0') }],
  ['the first with a key', { config: { maxRegistryConcurrency: 8 }, version: BuildkitVersion.of('0.31.0') }],
  [
    'the first with devices without entitlement',
    { config: { cdi: { autoAllowed: ['vendor.com/gpu=0'] } }, version: BuildkitVersion.of('0.21.0') },
  ],
  ['layers on block storage', { storage: Storage.persistent(Size.gibibytes(50), 'longhorn') }],
  ['the smallest volume', { storage: Storage.ephemeral(Size.gibibytes(2)) }],
  [
    'as much reserved as may be used',
    {
      config: {
        garbageCollection: GarbageCollection.limits({
          reservedSpace: Size.gibibytes(7),
          maxUsedSpace: Size.gibibytes(8),
        }),
      },
    },
  ],
  [
    'fuse-overlayfs in the rootless image',
    { config: { snapshotter: Snapshotter.fuseOverlayfs('x.example.com/fuse') } },
  ],
  ['one step at a time', { config: { maxParallelism: 1 } }],
  ['a name server by address', { config: { dns: { nameservers: ['10.0.0.1'] } } }],
  ['a platform', { config: { platforms: ['linux/amd64'] } }],
  ['a port beside that of clients', { metrics: { port: 1235 } }],
  ['the highest port', { metrics: { port: 65535 } }],
  ['an image without a tag', { image: 'registry.example.com/buildkit' }],
  ['a variable', { environment: { A_B: 'x' } }],
  ['a drain of a day', { drainTimeout: Duration.days(1) }],
  ['a subnet', { mode: BuildkitMode.privileged(), config: { network: BuildkitNetwork.bridge('10.0.0.0/16') } }],
  ['a Kubernetes', { kubernetesVersion: '1.33' }],
  ['user namespaces on Kubernetes 1.33', { mode: BuildkitMode.userNamespace(), kubernetesVersion: '1.33' }],
  [
    'emulators in the kernel',
    { mode: BuildkitMode.privileged(), emulation: Emulation.privilegedBinfmt([Architecture.ARM64]) },
  ],
  ['a limit above the default request', { resources: { memoryLimit: Size.gibibytes(4) } }],
  ['metrics for pods with a label', { metrics: { scrapers: [{ labels: { app: 'a' }, namespace: 'monitoring' }] } }],
])('takes %s, the nearest neighbour of a refusal', (_, props) => {
  expect(() => world(props)).not.toThrow();
});

test('says everything that is wrong at once', () => {
  const all = {
    storage: Storage.persistent(GIB, 'nfs'),
    config: { maxParallelism: -1, network: BuildkitNetwork.bridge() },
    kubernetesVersion: 'x',
  };
  expect(foundCodes(() => world(all))).toEqual([
    'FORGE-BK-003',
    'FORGE-BK-004',
    'FORGE-BK-011',
    'FORGE-BK-017',
    'FORGE-BK-011',
  ]);
});

test.each<[string, Partial<BuildkitdConfig>, string, string]>([
  ['gitHubCache', { gitHubCache: { transparencyLogs: 1 } }, '0.26.3', '0.27.0'],
  ['sessionAuthTimeout', { sessionAuthTimeout: Duration.seconds(5) }, '0.33.1', '0.34.0'],
  ['compaction', { compaction: {} }, '0.33.1', '0.34.0'],
])('%s needs the release that introduced it', (_, config, before, since) => {
  const at = (version: string) =>
    foundCodes(() => world({ config, version: BuildkitVersion.of(version), mode: BuildkitMode.rootless() }));
  expect([at(before), at(since)]).toEqual([['FORGE-BK-002'], []]);
});

test.each<[string, Partial<BuildkitdConfig>, Partial<BuildkitdConfig>]>([
  [
    'a share above all',
    { compaction: { minReclaimPercent: 101 } },
    { compaction: { minReclaimPercent: 100, minReclaimPercentFloor: 100 } },
  ],
  [
    'a floor above the share',
    { compaction: { minReclaimPercent: 20, minReclaimPercentFloor: 21 } },
    { compaction: { minReclaimPercent: 20, minReclaimPercentFloor: 20 } },
  ],
  [
    'a floor above the default share',
    { compaction: { minReclaimPercentFloor: 31 } },
    { compaction: { minReclaimPercentFloor: 30 } },
  ],
  [
    'no idle time',
    { compaction: { idleTimeout: Duration.millis(0) } },
    { compaction: { idleTimeout: Duration.seconds(1) } },
  ],
  ['no writes', { compaction: { writesPerCheck: 0 } }, { compaction: { writesPerCheck: 1 } }],
  ['no growth', { compaction: { sizeGrowthPercent: 0 } }, { compaction: { sizeGrowthPercent: 1 } }],
  [
    'no size',
    { compaction: { sizeWatermark: Size.kibibytes(0) } },
    { compaction: { sizeWatermark: Size.kibibytes(1) } },
  ],
  [
    'nothing to reclaim',
    { compaction: { minReclaim: Size.kibibytes(0) } },
    { compaction: { minReclaim: Size.kibibytes(1) } },
  ],
  ['fewer attempts than none', { compaction: { maxRetry: -1 } }, { compaction: { maxRetry: 0 } }],
  [
    'no time for credentials',
    { sessionAuthTimeout: Duration.millis(500) },
    { sessionAuthTimeout: Duration.seconds(1) },
  ],
  ['a command without a program', { gitHubCache: { signCommand: [] } }, { gitHubCache: { signCommand: ['cosign'] } }],
  ['fewer timestamps than none', { gitHubCache: { timestamps: -1 } }, { gitHubCache: { timestamps: 0 } }],
  ['half a log', { gitHubCache: { transparencyLogs: 0.5 } }, { gitHubCache: { transparencyLogs: 0 } }],
  [
    'an issuer of two words',
    { gitHubCache: { certificateIssuer: 'a b' } },
    { gitHubCache: { certificateIssuer: 'a*b' } },
  ],
])('a section of buildkitd.toml with %s is refused, its neighbour is not', (_, refused, accepted) => {
  const of = (config: Partial<BuildkitdConfig>) => foundCodes(() => world({ config }));
  expect([of(refused), of(accepted)]).toEqual([['FORGE-BK-011'], []]);
});

test('a requirement of a signature requires the signature', () => {
  const cache = (gitHubCache: BuildkitdConfig['gitHubCache']) => world({ config: { gitHubCache } }).toml.cache;
  expect(cache({ signCommand: ['cosign'] })).toEqual({ gha: { sign: { command: ['cosign'] } } });
  expect(cache({ timestamps: 1 })).toEqual({ gha: { verify: { required: true, policy: { timestampThreshold: 1 } } } });
  expect(cache({ timestamps: 1, requireSignature: false })).toMatchObject({ gha: { verify: { required: false } } });
  expect(world({ config: { compaction: {} } }).toml.compaction).toEqual({ enabled: true });
});

test.each(['latest', 'rootless', 'buildx-stable-1', '0.32', '', 'v0.32.2-rootless', '0.32.2\n'])(
  'fails for the version %p',
  (version) => {
    expect(foundCodes(() => BuildkitVersion.of(version))).toEqual(['FORGE-BK-001']);
    expect(() => ['0.32.2', '0.32.0'].map((good) => BuildkitVersion.of(good))).not.toThrow();
  },
);

test('fails for a release whose garbage collection has other keys', () => {
  expect(foundCodes(() => BuildkitVersion.of('0.16.9'))).toEqual(['FORGE-BK-001']);
  expect(BuildkitVersion.of('v0.17.0').toString()).toBe('0.17.0');
});

test.each([0, 1, -1, 1.5, NaN, 101])('fails for a pool of %p', (replicas) => {
  expect(foundCodes(() => BuildkitTopology.pool(replicas))).toEqual(['FORGE-BK-006']);
  expect(foundCodes(() => BuildkitTopology.stablePool(replicas))).toEqual(['FORGE-BK-006']);
  expect(() => [2, 100].map((good) => [BuildkitTopology.pool(good), BuildkitTopology.stablePool(good)])).not.toThrow();
});

describe('clients', () => {
  const daemon = (tls: BuildkitTls) =>
    new Buildkitd(newChart(), 'buildkitd', {
      registries: [registry],
      storage: Storage.ephemeral(Size.gibibytes(9)),
      tls,
    });

  test('fails without TLS when nobody may come in', () => {
    const { chart, daemon: lonely } = world({}, false);
    expect(lonely.node.validate()).toEqual([expect.stringMatching(/^FORGE-BK-009: .*; fix: /)]);
    lonely.connectFrom(new Construct(chart, 'runner'), CLIENT);
    expect(lonely.node.validate()).toEqual([]);
    expect(world({ tls: BuildkitTls.certManager() }, false).daemon.node.validate()).toEqual([]);
  });

  test('fails in another namespace when the issuer is not there', () => {
    const elsewhere = () => new Construct(newChart('elsewhere'), 'runner');
    expect(foundCodes(() => daemon(BuildkitTls.certManager()).connectFrom(elsewhere(), CLIENT))).toEqual([
      'FORGE-BK-008',
    ]);
    expect(
      foundCodes(() =>
        daemon(BuildkitTls.certManager(CertificateIssuer.issuer('ca'))).connectFrom(elsewhere(), CLIENT),
      ),
    ).toEqual(['FORGE-BK-008']);
    expect(
      foundCodes(() =>
        daemon(BuildkitTls.certManager(CertificateIssuer.clusterIssuer('ca'))).connectFrom(elsewhere(), CLIENT),
      ),
    ).toEqual([]);
  });

  test('fails without a label, which would admit the whole namespace', () => {
    expect(foundCodes(() => daemon(BuildkitTls.none()).admit({ labels: {}, namespace: 'ci' }))).toEqual([
      'FORGE-BK-018',
    ]);
  });
});
