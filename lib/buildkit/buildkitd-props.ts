import { Duration } from 'cdk8s';
import { Placement, PodGroup, Resources, Storage } from '../kube';
import { Registry } from '../registry';
import { SecretSource } from '../secret';
import { BuildkitdConfig } from './buildkitd-config';
import { Emulation } from './emulation';
import { BuildkitMode } from './mode';
import { BuildkitTls } from './tls';
import { BuildkitTopology } from './topology';
import { BuildkitVersion } from './version';

/**
 * Metrics of a daemon, in Prometheus's format.
 */
export interface BuildkitMetrics {
  /**
   * The port; it also serves Go's profiler.
   *
   * @default 6060
   */
  readonly port?: number;

  /**
   * Whether a ServiceMonitor is made; the cluster must have the Prometheus Operator.
   *
   * @default false
   */
  readonly serviceMonitor?: boolean;

  /**
   * The pods that read the metrics; only they reach the port where a NetworkPolicy guards the daemon.
   *
   * @default - nobody
   */
  readonly scrapers?: PodGroup[];
}

/**
 * A BuildKit daemon in the cluster.
 */
export interface BuildkitdProps {
  /** The registries that builds pull from and push to; the daemon is told how to talk to each. */
  readonly registries: Registry[];

  /** Where layers and caches are kept: always a volume, never the container's own file system. At least 2 GiB, never NFS. */
  readonly storage: Storage;

  /**
   * How much of the node it is given.
   *
   * @default BuildkitMode.rootless()
   */
  readonly mode?: BuildkitMode;

  /**
   * How many daemons there are, and which of them a build is sent to.
   *
   * @default BuildkitTopology.single()
   */
  readonly topology?: BuildkitTopology;

  /**
   * How it knows its clients.
   *
   * The default keeps other pods out, by a NetworkPolicy; it does not keep out the RUN steps of builds. Where people that you do not
   * trust write Dockerfiles, use `BuildkitTls.certManager()`.
   *
   * @default BuildkitTls.none()
   */
  readonly tls?: BuildkitTls;

  /**
   * The release of daemon and client.
   *
   * @default BuildkitVersion.newest
   */
  readonly version?: BuildkitVersion;

  /**
   * The image without tag, for a copy of it in a registry of your own; it must have the tags of the original (`v0.32.2`, `v0.32.2-rootless`).
   *
   * @default 'moby/buildkit'
   */
  readonly image?: string;

  /**
   * What else is set in buildkitd.toml.
   *
   * @default - nothing
   */
  readonly config?: BuildkitdConfig;

  /**
   * How it runs steps for other architectures.
   *
   * @default Emulation.bundled()
   */
  readonly emulation?: Emulation;

  /**
   * What each daemon is given. Storage in memory is added to the memory limit, ephemeral storage to request and limit.
   *
   * @default - 0.5 CPU and 1 GiB set aside, at most 4 GiB; 1 GiB of the node's disk set aside, at most 4 GiB
   */
  readonly resources?: Resources;

  /**
   * Where the daemons run.
   *
   * @default - anywhere; several of them on different nodes where possible
   */
  readonly placement?: Placement;

  /**
   * How long a daemon that is being stopped waits for its builds: at a rollout, a drain of the node, a scale-down.
   *
   * @default Duration.minutes(20)
   */
  readonly drainTimeout?: Duration;

  /**
   * Metrics.
   *
   * @default - none
   */
  readonly metrics?: BuildkitMetrics;

  /**
   * Variables of the daemon's environment, e.g. `HTTPS_PROXY`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `BUILDKIT_STEP_LOG_MAX_SIZE`; no secrets.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;

  /**
   * Credentials for `BuildCache.s3`, under the keys `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`: the daemon talks to the store, not
   * the client.
   *
   * @default - none; what the node or a service mesh provides
   */
  readonly s3Credentials?: SecretSource;

  /**
   * The cluster's Kubernetes, `major.minor`. Below 1.30, AppArmor is set by annotation.
   *
   * @default - 1.33 or newer
   */
  readonly kubernetesVersion?: string;
}
