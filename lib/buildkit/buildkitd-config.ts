import { Duration } from 'cdk8s';
import { GarbageCollection } from './garbage-collection';
import { BuildkitNetwork } from './network';
import { Snapshotter } from './snapshotter';

/** How much the daemon writes to its log. */
export enum BuildkitLogLevel {
  /** Everything, including what clients send. */
  TRACE = 'trace',
  /** Much. */
  DEBUG = 'debug',
  /** What an operator reads. */
  INFO = 'info',
  /** Warnings and errors. */
  WARN = 'warn',
  /** Errors only. */
  ERROR = 'error',
}

/** How log lines look. */
export enum BuildkitLogFormat {
  /** For people. */
  TEXT = 'text',
  /** For log collectors. */
  JSON = 'json',
}

/** What a build may ask for beyond the ordinary; the daemon must allow it before a build can. */
export enum Entitlement {
  /** `RUN --network=host`: the network of the pod. */
  NETWORK_HOST = 'network.host',
  /** `RUN --security=insecure`: no sandbox. */
  SECURITY_INSECURE = 'security.insecure',
  /** `RUN --device`: CDI devices, e.g. GPUs. */
  DEVICE = 'device',
}

/**
 * Name resolution inside RUN steps.
 */
export interface BuildkitDns {
  /**
   * IP addresses of name servers.
   *
   * @default - those of the pod
   */
  readonly nameservers?: string[];

  /**
   * Resolver options, e.g. `ndots:2`.
   *
   * @default - those of the pod
   */
  readonly options?: string[];

  /**
   * Search domains.
   *
   * @default - those of the pod
   */
  readonly searchDomains?: string[];
}

/**
 * How long the daemon remembers builds.
 */
export interface BuildkitHistory {
  /**
   * For how long.
   *
   * @default Duration.hours(48)
   */
  readonly maxAge?: Duration;

  /**
   * How many.
   *
   * @default 50
   */
  readonly maxEntries?: number;
}

/**
 * Devices that builds may use, by the Container Device Interface.
 */
export interface BuildkitCdi {
  /**
   * Whether there are any.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * Where specifications are looked for.
   *
   * @default - /etc/cdi, /var/run/cdi, /etc/buildkit/cdi
   */
  readonly specFolders?: string[];

  /**
   * Devices that a build gets without asking for the entitlement; BuildKit 0.21 and newer.
   *
   * @default - none
   */
  readonly autoAllowed?: string[];
}

/**
 * buildkitd.toml, as far as it is a matter of choice: what follows from mode, storage, TLS and registries is not set here.
 *
 * The daemon's loader ignores keys that it does not know and refuses `10Gi` and `30d`; that cannot be expressed here.
 *
 * @see https://github.com/moby/buildkit/blob/v0.32.2/docs/buildkitd.toml.md
 */
export interface BuildkitdConfig {
  /**
   * How much is logged.
   *
   * @default BuildkitLogLevel.INFO
   */
  readonly logLevel?: BuildkitLogLevel;

  /**
   * How log lines look.
   *
   * @default BuildkitLogFormat.TEXT
   */
  readonly logFormat?: BuildkitLogFormat;

  /**
   * What builds may ask for.
   *
   * @default - nothing
   */
  readonly entitlements?: Entitlement[];

  /**
   * Whether builds reach the network through the daemon's proxy only; BuildKit 0.31 and newer.
   *
   * @default false
   */
  readonly proxyNetwork?: boolean;

  /**
   * Steps that run at the same time, over all builds.
   *
   * @default 4
   */
  readonly maxParallelism?: number;

  /**
   * Connections to one registry at the same time; BuildKit 0.31 and newer.
   *
   * @default - 4, the daemon's own default
   */
  readonly maxRegistryConcurrency?: number;

  /**
   * What is forgotten, and when.
   *
   * @default GarbageCollection.automatic()
   */
  readonly garbageCollection?: GarbageCollection;

  /**
   * How layers are laid on top of each other.
   *
   * @default Snapshotter.OVERLAYFS
   */
  readonly snapshotter?: Snapshotter;

  /**
   * The network of RUN steps.
   *
   * @default BuildkitNetwork.pod()
   */
  readonly network?: BuildkitNetwork;

  /**
   * Name resolution inside RUN steps.
   *
   * @default - that of the pod
   */
  readonly dns?: BuildkitDns;

  /**
   * How long builds are remembered.
   *
   * @default - 48 hours, 50 builds
   */
  readonly history?: BuildkitHistory;

  /**
   * Devices for builds.
   *
   * @default - the daemon's own default: as found on the node
   */
  readonly cdi?: BuildkitCdi;

  /**
   * Repositories whose images may serve as frontends (`# syntax=`).
   *
   * @default - all
   */
  readonly allowedFrontends?: string[];

  /**
   * Platforms that the daemon says it can build, e.g. `linux/amd64`.
   *
   * @default - what the node can run, and what the image can emulate
   */
  readonly platforms?: string[];

  /**
   * How often the supported platforms are looked up anew.
   *
   * @default - once, at start
   */
  readonly platformsCacheMaxAge?: Duration;

  /**
   * AppArmor profile of RUN steps; must be loaded on the node.
   *
   * @default - none
   */
  readonly apparmorProfile?: string;

  /**
   * Whether RUN steps get SELinux labels.
   *
   * @default false
   */
  readonly selinux?: boolean;
}
