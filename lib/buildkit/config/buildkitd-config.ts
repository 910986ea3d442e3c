import { Duration } from 'cdk8s';
import { BuildkitCompaction } from './compaction';
import { GarbageCollection } from './garbage-collection';
import { BuildkitGitHubCache } from './github-cache';
import { BuildkitNetwork } from './network';
import { Snapshotter } from './snapshotter';

/** The log levels of buildkitd. */
export enum BuildkitLogLevel {
  /** All messages, including the data that clients send. */
  TRACE = 'trace',
  /** Debug messages. */
  DEBUG = 'debug',
  /** Messages for operators. */
  INFO = 'info',
  /** Warnings and errors. */
  WARN = 'warn',
  /** Errors only. */
  ERROR = 'error',
}

/** The formats of log lines. */
export enum BuildkitLogFormat {
  /** Human-readable text. */
  TEXT = 'text',
  /** JSON lines, for log collectors. */
  JSON = 'json',
}

/** The additional permissions that a build can request. buildkitd must allow a permission before a build can use it. */
export enum Entitlement {
  /** Permission for `RUN --network=host`: the network of the pod. */
  NETWORK_HOST = 'network.host',
  /** Permission for `RUN --security=insecure`: no sandbox. */
  SECURITY_INSECURE = 'security.insecure',
  /** Permission for `RUN --device`: CDI devices, for example GPUs. */
  DEVICE = 'device',
}

/** A set of options that configures name resolution in RUN steps. */
export interface BuildkitDns {
  /**
   * IP addresses of name servers.
   *
   * @default - those of the pod
   */
  readonly nameservers?: string[];

  /**
   * Resolver options, for example `ndots:2`.
   *
   * @default - those of the pod
   */
  readonly options?: string[];

  /**
   * DNS search domains.
   *
   * @default - those of the pod
   */
  readonly searchDomains?: string[];
}

/** A set of options that limits buildkitd's build history. */
export interface BuildkitHistory {
  /**
   * Maximum age of a build record.
   *
   * @default Duration.hours(48)
   */
  readonly maxAge?: Duration;

  /**
   * Maximum number of build records.
   *
   * @default 50
   */
  readonly maxEntries?: number;
}

/** A set of options that configures devices for builds through the Container Device Interface (CDI). */
export interface BuildkitCdi {
  /**
   * Whether to enable CDI devices.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * Directories with CDI specifications.
   *
   * @default - /etc/cdi, /var/run/cdi, /etc/buildkit/cdi
   */
  readonly specFolders?: string[];

  /**
   * Devices that a build can use without requesting the entitlement; BuildKit 0.21 and newer.
   *
   * @default - none
   */
  readonly autoAllowed?: string[];
}

/**
 * A set of buildkitd.toml options that you can choose. The mode, storage, TLS and registries determine the other keys,
 * which are not set here.
 *
 * buildkitd's loader ignores unknown keys and rejects `10Gi` and `30d`. Such keys and values are not expressible here.
 *
 * @see https://github.com/moby/buildkit/blob/v0.34.2/docs/buildkitd.toml.md
 */
export interface BuildkitdConfig {
  /**
   * Log level of buildkitd.
   *
   * @default BuildkitLogLevel.INFO
   */
  readonly logLevel?: BuildkitLogLevel;

  /**
   * The formats of log lines.
   *
   * @default BuildkitLogFormat.TEXT
   */
  readonly logFormat?: BuildkitLogFormat;

  /**
   * Additional permissions that builds may request.
   *
   * @default - nothing
   */
  readonly entitlements?: Entitlement[];

  /**
   * Whether to restrict builds to network access through buildkitd's proxy; BuildKit 0.31 and newer.
   *
   * @default false
   */
  readonly proxyNetwork?: boolean;

  /**
   * Maximum number of steps that run at the same time, over all builds.
   *
   * @default 4
   */
  readonly maxParallelism?: number;

  /**
   * Maximum number of simultaneous connections to one registry; BuildKit 0.31 and newer.
   *
   * @default - 4, the daemon's own default
   */
  readonly maxRegistryConcurrency?: number;

  /**
   * Rules for cache garbage collection.
   *
   * @default GarbageCollection.automatic()
   */
  readonly garbageCollection?: GarbageCollection;

  /**
   * The snapshotter, which stacks image layers.
   *
   * @default Snapshotter.OVERLAYFS
   */
  readonly snapshotter?: Snapshotter;

  /**
   * Network mode of RUN steps.
   *
   * @default BuildkitNetwork.pod()
   */
  readonly network?: BuildkitNetwork;

  /**
   * A set of options that configures name resolution in RUN steps.
   *
   * @default - that of the pod
   */
  readonly dns?: BuildkitDns;

  /**
   * Limits of the build history.
   *
   * @default - 48 hours, 50 builds
   */
  readonly history?: BuildkitHistory;

  /**
   * CDI devices for builds.
   *
   * @default - the daemon's own default: as found on the node
   */
  readonly cdi?: BuildkitCdi;

  /**
   * Repositories whose images may be used as frontends (`# syntax=`).
   *
   * @default - all
   */
  readonly allowedFrontends?: string[];

  /**
   * Platforms that buildkitd reports as supported, for example `linux/amd64`.
   *
   * @default - what the node can run, and what the image can emulate
   */
  readonly platforms?: string[];

  /**
   * Interval at which buildkitd detects the supported platforms again.
   *
   * @default - once, at start
   */
  readonly platformsCacheMaxAge?: Duration;

  /**
   * Time that buildkitd waits for the client when it asks for credentials of a registry; BuildKit 0.34 and newer.
   *
   * @default - 60 seconds, the daemon's own default
   */
  readonly sessionAuthTimeout?: Duration;

  /**
   * Compaction of buildkitd's databases; BuildKit 0.34 and newer. `{}` enables compaction with the daemon's own defaults.
   *
   * @default - no compaction
   */
  readonly compaction?: BuildkitCompaction;

  /**
   * Signatures of build caches at GitHub; BuildKit 0.27 and newer.
   *
   * @default - entries are neither signed nor verified
   */
  readonly gitHubCache?: BuildkitGitHubCache;

  /**
   * AppArmor profile of RUN steps. The profile must be loaded on the node.
   *
   * @default - none
   */
  readonly apparmorProfile?: string;

  /**
   * Whether to set SELinux labels on RUN steps.
   *
   * @default false
   */
  readonly selinux?: boolean;
}
