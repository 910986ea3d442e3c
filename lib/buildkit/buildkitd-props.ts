import { Duration } from 'cdk8s';
import { Egress, Placement, PodGroup, PodOptions, Resources, Storage, WorkloadIdentity } from '../kube';
import { Registry } from '../registry';
import { SecretSource } from '../secret';
import { BuildkitdConfig } from './config/buildkitd-config';
import { Emulation } from './pod/emulation';
import { BuildkitMode } from './pod/mode';
import { BuildkitTls } from './access/tls';
import { BuildkitTopology } from './pod/topology';
import { BuildkitVersion } from './version';

/** A set of options that configures buildkitd's metrics, in the Prometheus format. */
export interface BuildkitMetrics {
  /**
   * TCP port of the metrics. The port also serves Go's profiler.
   *
   * @default 6060
   */
  readonly port?: number;

  /**
   * Whether to create a ServiceMonitor. The cluster must have the Prometheus Operator.
   *
   * @default false
   */
  readonly serviceMonitor?: boolean;

  /**
   * Pods that read the metrics. Without TLS, a NetworkPolicy protects buildkitd, and only these pods can reach the port.
   * A ServiceMonitor then requires at least one.
   *
   * @default - nobody
   */
  readonly scrapers?: PodGroup[];
}

/** A set of options that configures a buildkitd in the cluster. */
export interface BuildkitdProps {
  /** Registries that builds pull from and push to. buildkitd is configured to connect to each registry. */
  readonly registries: Registry[];

  /**
   * Storage for layers and caches. The storage is always a volume, never the container's own file system. Use at least
   * 2 GiB, and never NFS.
   */
  readonly storage: Storage;

  /**
   * Privileges of buildkitd on the node.
   *
   * @default BuildkitMode.rootless()
   */
  readonly mode?: BuildkitMode;

  /**
   * Number of BuildKit daemons, and the selection of the BuildKit daemon for a build.
   *
   * @default BuildkitTopology.single()
   */
  readonly topology?: BuildkitTopology;

  /**
   * Authentication of buildkitd's clients.
   *
   * The default blocks other pods with a NetworkPolicy. The NetworkPolicy does not block the RUN steps of builds. If
   * people that you do not trust write Dockerfiles, use `BuildkitTls.certManager()`.
   *
   * @default BuildkitTls.none()
   */
  readonly tls?: BuildkitTls;

  /**
   * The release of buildkitd and its client.
   *
   * @default BuildkitVersion.LATEST_KNOWN
   */
  readonly version?: BuildkitVersion;

  /**
   * Name of the image without tag, for a copy in your own registry. The copy must have the tags of the original
   * (`v0.32.2`, `v0.32.2-rootless`).
   *
   * @default 'moby/buildkit'
   */
  readonly image?: string;

  /**
   * Additional settings of buildkitd.toml.
   *
   * @default - nothing
   */
  readonly config?: BuildkitdConfig;

  /**
   * Emulation method for steps of other architectures.
   *
   * @default Emulation.bundled()
   */
  readonly emulation?: Emulation;

  /**
   * Resources of each buildkitd. Storage in memory is added to the memory limit; ephemeral storage is added to its
   * request and limit.
   *
   * @default - 0.5 CPU and 1 GiB set aside, at most 4 GiB; 1 GiB of the node's disk set aside, at most 4 GiB
   */
  readonly resources?: Resources;

  /**
   * Placement of the BuildKit daemons on nodes.
   *
   * @default - anywhere; several of them on different nodes where possible
   */
  readonly placement?: Placement;

  /**
   * Maximum time that a stopping buildkitd waits for its builds, during a rollout, a node drain or a scale-down.
   *
   * @default Duration.minutes(20)
   */
  readonly drainTimeout?: Duration;

  /**
   * Metrics settings of buildkitd.
   *
   * @default - none
   */
  readonly metrics?: BuildkitMetrics;

  /**
   * Destinations that buildkitd and the RUN steps of builds can connect to. The registries, and the URLs in
   * `environment`, are always declared.
   *
   * The default blocks private networks: other pods, nodes, the API server and the cloud's metadata service. If the name
   * of a registry resolves to a private address, declare the address:
   * `Egress.internet({ hosts: { 'git.example.com': ['192.168.1.10'] } })`.
   *
   * @default Egress.internet()
   */
  readonly egress?: Egress;

  /**
   * Environment variables of buildkitd, for example `HTTPS_PROXY`, `OTEL_EXPORTER_OTLP_ENDPOINT`,
   * `BUILDKIT_STEP_LOG_MAX_SIZE`. Do not set secrets here. With a proxy, the library adds the hosts that are reached
   * without it to `NO_PROXY`: the cluster, and registries that are not on the internet.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;

  /**
   * Credentials for `BuildCache.s3`, under the keys `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. buildkitd connects
   * to the store, not the client.
   *
   * @default - none; what the node or a service mesh provides
   */
  readonly s3Credentials?: SecretSource;

  /**
   * Kubernetes version of the cluster, `major.minor`. Below 1.30, AppArmor is set by annotation.
   *
   * @default - 1.33 or newer
   */
  readonly kubernetesVersion?: string;

  /**
   * Names and labels of the workload, to take over a buildkitd that runs already.
   *
   * @default - made from the construct ids below the chart
   */
  readonly workload?: WorkloadIdentity;

  /**
   * Additions to the pods: image pull Secrets, a service account, environment, volumes, containers, DNS, security context.
   *
   * @default - none
   */
  readonly pod?: PodOptions;
}
