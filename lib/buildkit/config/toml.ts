import { Duration, Size } from 'cdk8s';
import { stringify } from 'smol-toml';
import { BuildkitdConfig, BuildkitLogFormat } from './buildkitd-config';
import { compactionSection } from './compaction';
import { GarbageCollection } from './garbage-collection';
import { gitHubCacheSection } from './github-cache';
import { BuildkitMode } from '../pod/mode';
import { BuildkitNetwork } from './network';
import { Snapshotter } from './snapshotter';

type Values = Record<string, unknown>;

/**
 * A set of inputs for buildkitd's configuration: the choices, and the values derived from other settings of buildkitd.
 *
 * @internal
 */
export interface TomlInput {
  readonly mode: BuildkitMode;
  readonly config: BuildkitdConfig;
  readonly registries: Values;
  readonly volume: Size;
  readonly port: number;
  readonly tlsFolder?: string;
  readonly debugPort?: number;
}

/**
 * Returns the text of buildkitd.toml. buildkitd's loader ignores unknown keys, so only this function writes the keys.
 * Sizes are absolute numbers of bytes: percentages would refer to the node's disk, and `10Gi` is rejected.
 *
 * @see https://github.com/moby/buildkit/blob/v0.34.2/cmd/buildkitd/config/config.go
 *
 * @internal
 */
export function buildkitdToml(input: TomlInput): string {
  const { config, registries } = input;
  const sections = filled({
    root: input.mode.rootDirectory,
    'insecure-entitlements': config.entitlements,
    proxyNetwork: config.proxyNetwork,
    log: { level: config.logLevel, format: config.logFormat ?? BuildkitLogFormat.TEXT },
    grpc: grpc(input),
    cdi: cdi(config),
    worker: { containerd: { enabled: false }, oci: worker(input) },
    registry: registries,
    dns: { ...config.dns },
    history: history(config),
    frontend: { 'gateway.v0': { allowedRepositories: config.allowedFrontends } },
    system: {
      platformsCacheMaxAge:
        config.platformsCacheMaxAge && `${config.platformsCacheMaxAge.toSeconds({ integral: false })}s`,
      maxRegistryConcurrency: config.maxRegistryConcurrency,
      sessionAuthTimeout: config.sessionAuthTimeout && `${config.sessionAuthTimeout.toSeconds({ integral: false })}s`,
    },
    cache: { gha: gitHubCacheSection(config.gitHubCache) },
    compaction: compactionSection(config.compaction),
  });
  return stringify(sections).trimEnd() + '\n';
}

/**
 * Returns the text of a buildkitd.toml that only tells how registries are reached; empty if BuildKit's defaults do.
 *
 * @internal
 */
export function registriesToml(registry: Values): string {
  return Object.keys(registry).length === 0 ? '' : stringify({ registry }).trimEnd();
}

/**
 * Returns the limits of the build history. If one limit is given, BuildKit reads the other one as 0, and since 0.34 no
 * entries mean no history. For this reason, the other limit is written with its default.
 */
function history({ history: given }: BuildkitdConfig): Values {
  if (given?.maxAge === undefined && given?.maxEntries === undefined) {
    return {};
  }
  const { maxAge = Duration.hours(48), maxEntries = 50 } = given;
  return { maxAge: `${maxAge.toSeconds({ integral: false })}s`, maxEntries };
}

/** Returns the gRPC settings: a Unix socket for the probes, and TCP for clients. TLS applies to TCP only. */
function grpc({ mode, port, tlsFolder, debugPort }: TomlInput): Values {
  return {
    address: [mode.socket, `tcp://0.0.0.0:${port}`],
    debugAddress: debugPort && `0.0.0.0:${debugPort}`,
    tls: tlsFolder && { cert: `${tlsFolder}/cert.pem`, key: `${tlsFolder}/key.pem`, ca: `${tlsFolder}/ca.pem` },
  };
}

function cdi({ cdi: given }: BuildkitdConfig): Values {
  return {
    disabled: given?.enabled === undefined ? undefined : !given.enabled,
    specDirs: given?.specFolders,
    autoAllowed: given?.autoAllowed,
  };
}

function worker({ mode, config, volume }: TomlInput): Values {
  const network = config.network ?? BuildkitNetwork.pod();
  return {
    enabled: true,
    rootless: mode.isRootlessWorker,
    // Without it, steps of a rootless daemon could not mount /proc; with root of any kind it is an error.
    noProcessSandbox: mode.isRootless ? true : undefined,
    snapshotter: (config.snapshotter ?? Snapshotter.OVERLAYFS).name,
    'max-parallelism': config.maxParallelism ?? 4,
    networkMode: network.mode,
    bridgeSubnet: network.subnet,
    platforms: config.platforms,
    'apparmor-profile': config.apparmorProfile,
    selinux: config.selinux,
    ...(config.garbageCollection ?? GarbageCollection.automatic())._render(volume),
  };
}

/** Returns the values without undefined entries, and without sections that are then empty. */
function filled(values: Values): Values {
  const kept: Values = {};
  for (const [key, value] of Object.entries(values)) {
    const rendered = isSection(value) ? filled(value) : copied(value);
    if (rendered === undefined || (isSection(rendered) && Object.keys(rendered).length === 0)) {
      continue;
    }
    kept[key] = rendered;
  }
  return kept;
}

function copied(value: unknown): unknown {
  return Array.isArray(value) ? [...value] : value;
}

function isSection(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
