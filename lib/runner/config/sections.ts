import { Duration, Size } from 'cdk8s';
import { SecretSource } from '../../secret';
import { IRunnerCache } from './cache-interface';

/**
 * Copies of job logs on the runner's disk. Gitea's runner from 3.3.0 on.
 */
export interface JobLogConfig {
  /** The directory of the copies, inside the runner's container. */
  readonly dir: string;

  /** The age at which a copy is deleted. @default 7 days */
  readonly retention?: Duration;

  /** The maximum total size of all copies. @default - 1 GB */
  readonly maxSize?: Size;
}

/**
 * The server behind `actions/cache`.
 */
export interface RunnerCacheConfig {
  /** Whether to enable the cache server. Gitea, Forgejo. @default true */
  readonly enabled?: boolean;

  /**
   * The cache directory, inside the runner's container. A directory below `/data` outlives the pod. Gitea, Forgejo.
   *
   * @default - in the home directory, deleted with the pod
   */
  readonly dir?: string;

  /**
   * The address at which job containers reach the runner; not `0.0.0.0`. Gitea, Forgejo.
   *
   * @default - the pod's own address, which containers of a Docker daemon in the same pod reach
   */
  readonly host?: string;

  /** The port of the cache server. Gitea, Forgejo. @default - a free port */
  readonly port?: number;

  /**
   * The cache server of this cdk8s app, which several runners share. The server sets address and secret, and admits the pods of
   * the runner. Gitea from 2.3.0 on, Forgejo.
   *
   * @default - the runner's own server
   */
  readonly server?: IRunnerCache;

  /**
   * The URL of a separate cache server, shared by several runners; ends with "/". Gitea, Forgejo.
   *
   * @default - the runner's own server
   */
  readonly externalServer?: string;

  /**
   * The secret that runners and external server share, under the key `secret`. Gitea 2.3.0 (older versions need the
   * secret in the file itself, which is in Git), Forgejo.
   *
   * @default - none; Gitea's runner requires the secret with `externalServer` from 0.6.0 on
   */
  readonly externalSecret?: SecretSource;

  /**
   * Whether to reuse an action that was fetched before, without checking for a newer commit. Gitea 1.0.5.
   *
   * @default false
   */
  readonly offlineMode?: boolean;

  /**
   * Whether to use version 2 of the cache protocol, which `actions/cache` needs from version 4 on. Gitea 3.0.0.
   *
   * @default true
   */
  readonly v2?: boolean;

  /** The age at which a cache item is deleted. Gitea 3.2.0. @default 7 days */
  readonly retention?: Duration;

  /** The maximum cache size per repository. Gitea 3.2.0. @default - 10 GB */
  readonly repositorySizeLimit?: Size;

  /** The maximum total cache size of all repositories. Gitea 3.2.0. @default - no limit */
  readonly sizeLimit?: Size;

  /** The interval at which expired cache items are deleted. Gitea 3.2.0. @default 1 hour */
  readonly sweepInterval?: Duration;

  /** The port of the proxy between jobs and the cache. Forgejo only. @default - a free port */
  readonly proxyPort?: number;

  /** The value of `ACTIONS_CACHE_URL` in jobs. Forgejo only. @default - the proxy's address */
  readonly cacheUrlOverride?: string;
}

/** Settings of the containers that jobs run in. */
export interface ContainerConfig {
  /**
   * The network of job containers: `host`, `bridge`, or the name of a network. Gitea, Forgejo.
   *
   * @default - a separate network for each job
   */
  readonly network?: string;

  /** Whether to enable IPv4 on the network of a job. Gitea 2.0.0. @default - Docker's default: enabled */
  readonly enableIpv4?: boolean;

  /** Whether to enable IPv6 on the network of a job. Gitea 2.0.0, Forgejo. @default - Docker's default: disabled */
  readonly enableIpv6?: boolean;

  /**
   * Whether to start job containers as privileged, which makes every job root on the node. Gitea, Forgejo.
   *
   * @default false
   */
  readonly privileged?: boolean;

  /**
   * Options in the format of `docker create`, for example `--add-host=git.example.com:10.0.0.1`. Gitea, Forgejo.
   *
   * @default - none
   */
  readonly options?: string;

  /**
   * The directory inside job containers in which repositories are checked out, without a leading slash. Gitea, Forgejo.
   *
   * @default 'workspace'
   */
  readonly workdirParent?: string;

  /** Patterns of the volumes and paths that workflows may mount; `**` allows all. Gitea, Forgejo. @default - none */
  readonly validVolumes?: string[];

  /** Whether to pull images even if they exist locally. Gitea, Forgejo. @default false */
  readonly forcePull?: boolean;

  /** Whether to rebuild the images of container actions even if they exist locally. Gitea, Forgejo. @default false */
  readonly forceRebuild?: boolean;

  /**
   * Whether to keep the working directory on a path that the Docker daemon can also access. `docker compose` in a job
   * can then mount the directory. Gitea 0.3.1.
   *
   * @default false
   */
  readonly bindWorkdir?: boolean;

  /** The maximum time that a job waits for its services. Gitea 3.1.0. @default 5 minutes */
  readonly serviceReadyTimeout?: Duration;
}

/** A health check that decides when a runner stops accepting jobs. Gitea's runner from 2.2.0 on. */
export interface HealthCheckConfig {
  /** The minimum free space on the runner's disk. @default - 1024 MiB */
  readonly minFreeDiskSpace?: Size;

  /**
   * The path of an executable inside the runner's container. The runner pauses while the executable fails.
   *
   * @default - none
   */
  readonly script?: string;

  /** The interval between two health checks. @default 30 seconds */
  readonly interval?: Duration;

  /** The maximum run time of the script. @default 10 seconds */
  readonly timeout?: Duration;
}
