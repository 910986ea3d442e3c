import { Duration, Size } from 'cdk8s';
import { Forge } from '../../forge';
import { Placement, PodOptions, Resources, Storage, WorkloadIdentity } from '../../kube';
import { SecretSource } from '../../secret';
import { RunnerVersion } from '../runner-version';

/** Settings of a cache server that several runners share. */
export interface RunnerCacheServerProps {
  /** The forge of the runners: Gitea or Forgejo. The cache server is a part of its runner binary. */
  readonly forge: Forge;

  /** The secret that the server and its runners share, under the key `secret`. Every namespace with a runner needs it. */
  readonly secret: SecretSource;

  /**
   * The storage of the cache. Storage that is deleted with the pod makes an empty cache of every restart.
   *
   * @default - a claim of 20 GiB of the cluster's default class
   */
  readonly storage?: Storage;

  /**
   * The directory of the storage in which the cache is, for the storage of a server that runs already.
   *
   * @default - the root of the storage
   */
  readonly directory?: string;

  /**
   * The port of the server.
   *
   * @default 8088
   */
  readonly port?: number;

  /**
   * The version of the runner binary. The runners should have the same.
   *
   * @default RunnerVersion.LATEST_KNOWN
   */
  readonly version?: RunnerVersion;

  /**
   * The name of the runner's image, without tag.
   *
   * @default - the official image
   */
  readonly image?: string;

  /**
   * The digest of the image, `sha256:…`.
   *
   * @default - the tag decides
   */
  readonly imageDigest?: string;

  /** The age at which a cache item is deleted. Gitea 3.2.0. @default 7 days */
  readonly retention?: Duration;

  /** The maximum cache size per repository. Gitea 3.2.0. @default - 10 GB */
  readonly repositorySizeLimit?: Size;

  /** The maximum total cache size of all repositories. Gitea 3.2.0. @default - no limit */
  readonly sizeLimit?: Size;

  /**
   * The resource requests and limits of the server.
   *
   * @default - 50m CPU and 64 MiB of memory are requested, 512 MiB of memory at most
   */
  readonly resources?: Resources;

  /**
   * The node placement of the pod.
   *
   * @default - anywhere
   */
  readonly placement?: Placement;

  /**
   * The names and labels of the server's workload, to take over one that runs already.
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
