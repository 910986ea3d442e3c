import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import {
  BuildkitdConfig,
  BuildkitLogFormat,
  BuildkitLogLevel,
  BuildkitMode,
  BuildkitNetwork,
  BuildkitVersion,
  CacheRecord,
  Entitlement,
  GarbageCollection,
  Snapshotter,
} from '../../lib/buildkit';
import { world } from './world';

const everything: Required<BuildkitdConfig> = {
  logLevel: BuildkitLogLevel.DEBUG,
  logFormat: BuildkitLogFormat.JSON,
  entitlements: [Entitlement.NETWORK_HOST, Entitlement.SECURITY_INSECURE, Entitlement.DEVICE],
  proxyNetwork: true,
  maxParallelism: 8,
  maxRegistryConcurrency: 2,
  garbageCollection: GarbageCollection.policies([
    {
      records: [CacheRecord.LOCAL_SOURCE, CacheRecord.CACHE_MOUNT, CacheRecord.GIT_CHECKOUT],
      keepFor: Duration.hours(48),
      maxUsedSpace: Size.gibibytes(1),
    },
    {
      everything: true,
      maxUsedSpace: Size.gibibytes(30),
      reservedSpace: Size.gibibytes(5),
      minFreeSpace: Size.gibibytes(10),
    },
  ]),
  snapshotter: Snapshotter.NATIVE,
  network: BuildkitNetwork.bridge('10.20.0.0/16'),
  dns: { nameservers: ['10.43.0.10', 'fd00::a'], options: ['ndots:2'], searchDomains: ['svc.cluster.local'] },
  history: { maxAge: Duration.days(7), maxEntries: 200 },
  cdi: { enabled: true, specFolders: ['/etc/cdi'], autoAllowed: ['vendor.com/device=all'] },
  allowedFrontends: ['docker.io/docker/dockerfile'],
  platforms: ['linux/amd64', 'linux/arm/v7'],
  platformsCacheMaxAge: Duration.hours(1),
  sessionAuthTimeout: Duration.minutes(2),
  compaction: {
    idleTimeout: Duration.minutes(5),
    maxRetry: 0,
    writesPerCheck: 500,
    sizeWatermark: Size.mebibytes(64),
    sizeGrowthPercent: 50,
    minReclaim: Size.mebibytes(16),
    minReclaimPercent: 20,
    minReclaimPercentFloor: 20,
  },
  gitHubCache: {
    signCommand: ['cosign', 'sign-blob', '-'],
    requireSignature: true,
    timestamps: 1,
    transparencyLogs: 1,
    certificateIssuer: 'https://token.actions.githubusercontent.com',
    subjectAlternativeName: 'https://github.com/platform/*',
    buildSignerUri: 'https://github.com/platform/hello/.github/workflows/*',
  },
  apparmorProfile: 'buildkit-steps',
  selinux: true,
};

test('every key', () => {
  const { find } = world({ config: everything, mode: BuildkitMode.privileged(), metrics: {} });
  expect(find('ConfigMap').data['buildkitd.toml']).toMatchSnapshot();
});

test('devices can be switched off', () => {
  expect(world({ config: { cdi: { enabled: false } } }).toml.cdi).toEqual({ disabled: true });
});

test('collection can be switched off', () => {
  expect(world({ config: { garbageCollection: GarbageCollection.off() } }).toml.worker.oci).toMatchObject({
    gc: false,
  });
});

test('what the user hands in is copied', () => {
  const nameservers = ['10.43.0.10'];
  const config = { dns: { nameservers } };
  const { toml } = world({ config });
  expect(toml.dns.nameservers).toEqual(['10.43.0.10']);
  expect(config).toEqual({ dns: { nameservers: ['10.43.0.10'] } });
});

test('fuse-overlayfs comes with its device', () => {
  const { toml, pod } = world({ config: { snapshotter: Snapshotter.fuseOverlayfs('smarter-devices/fuse') } });
  expect(toml.worker.oci.snapshotter).toBe('fuse-overlayfs');
  expect(pod.containers[0].resources!.limits).toMatchObject({ 'smarter-devices/fuse': '1' });
});

test('any text that is accepted comes out as it went in', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((s) => s !== '' && !/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(s)),
      (text) => {
        expect(world({ config: { apparmorProfile: text, allowedFrontends: [text] } }).toml).toMatchObject({
          worker: { oci: { 'apparmor-profile': text } },
          frontend: { 'gateway.v0': { allowedRepositories: [text] } },
        });
      },
    ),
    { numRuns: 100 },
  );
});

test('the changes that outputs rely on are recorded, oldest first', () => {
  const since = BuildkitVersion.changes.map((change) => Number(change.since.split('.')[1]));
  expect(since).toEqual([17, 21, 28, 31, 32, 34]);
});
