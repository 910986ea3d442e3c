/**
 * Writes the buildkitd.toml of many daemons for the Go tests in conformance/buildkit:
 *
 *   node --import tsx scripts/conformance-buildkit.ts <outdir>
 *
 * <outdir>/<name>.toml is the file, <outdir>/volumes.json says how many bytes the volume of each has.
 */
import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { Duration, Size } from 'cdk8s';
import {
  BuildkitdProps,
  BuildkitLogFormat,
  BuildkitLogLevel,
  BuildkitMode,
  BuildkitNetwork,
  CacheRecord,
  Entitlement,
  GarbageCollection,
  Snapshotter,
} from '../lib/buildkit';
import { Storage } from '../lib/kube';
import { Endpoint, Registry } from '../lib/registry';
import { CaBundle, Trust } from '../lib/trust';
import { COMBINATIONS, registry, world } from '../test/buildkit/world';

const privateCa = Trust.privateCa(CaBundle.fromConfigMap('home-ca'));
const harbor = Registry.oci({ owner: 'team', pull: Endpoint.https('harbor.example.com', { trust: privateCa }) });

const SPECIAL: Record<string, Partial<BuildkitdProps>> = {
  'every key': {
    mode: BuildkitMode.privileged(),
    registries: [registry, harbor],
    metrics: {},
    config: {
      logLevel: BuildkitLogLevel.TRACE,
      logFormat: BuildkitLogFormat.JSON,
      entitlements: [Entitlement.NETWORK_HOST, Entitlement.SECURITY_INSECURE, Entitlement.DEVICE],
      proxyNetwork: true,
      maxParallelism: 8,
      maxRegistryConcurrency: 2,
      snapshotter: Snapshotter.NATIVE,
      network: BuildkitNetwork.bridge('10.20.0.0/16'),
      garbageCollection: GarbageCollection.policies([
        { records: Object.values(CacheRecord), keepFor: Duration.days(30), maxUsedSpace: Size.gibibytes(1) },
        {
          everything: true,
          reservedSpace: Size.mebibytes(1),
          maxUsedSpace: Size.gibibytes(30),
          minFreeSpace: Size.gibibytes(2),
        },
      ]),
      dns: { nameservers: ['10.43.0.10', 'fd00::a'], options: ['ndots:2'], searchDomains: ['svc.cluster.local'] },
      history: { maxAge: Duration.days(30), maxEntries: 200 },
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
      apparmorProfile: 'quote"and\\backslash=[x]#',
      selinux: true,
    },
  },
  'a terabyte': { storage: Storage.persistent(Size.tebibytes(1)) },
  'the smallest volume': { storage: Storage.ephemeral(Size.gibibytes(2)) },
  'no collection': { config: { garbageCollection: GarbageCollection.off() } },
  'sections of their own': { config: { compaction: {}, gitHubCache: { transparencyLogs: 1 } } },
  limits: { config: { garbageCollection: GarbageCollection.limits({ maxUsedSpace: Size.gibibytes(30) }) } },
  'no devices, fuse': {
    config: { cdi: { enabled: false }, snapshotter: Snapshotter.fuseOverlayfs('smarter-devices/fuse') },
  },
};

function main([outdir]: string[]): void {
  if (!outdir) {
    throw new Error('usage: conformance-buildkit.ts <outdir>');
  }
  mkdirSync(outdir, { recursive: true });
  const volumes: Record<string, number> = {};
  const all: [string, Partial<BuildkitdProps>][] = [
    ...COMBINATIONS.map(({ name, ...props }): [string, Partial<BuildkitdProps>] => [name, props]),
    ...Object.entries(SPECIAL),
  ];
  for (const [name, props] of all) {
    const file = `${name.replace(/[^A-Za-z0-9]+/g, '-')}.toml`;
    writeFileSync(join(outdir, file), world(props).find('ConfigMap', 'buildkitd-config').data['buildkitd.toml']);
    volumes[file] = (props.storage?.size ?? Size.gibibytes(50)).toKibibytes() * 1024;
  }
  writeFileSync(join(outdir, 'volumes.json'), JSON.stringify(volumes));
  console.log(`${all.length} configurations`);
}

main(process.argv.slice(2));
