import { Duration, Size } from 'cdk8s';
import { SecretSource } from '../../secret';

/**
 * Copies of job logs on the runner's disk. Gitea's runner from 3.3.0 on.
 */
export interface JobLogConfig {
  /** The folder, inside the runner's container. */
  readonly dir: string;

  /** After how long a copy is removed. @default 7 days */
  readonly retention?: Duration;

  /** How much all of them may take. @default - 1 GB */
  readonly maxSize?: Size;
}

/**
 * The server behind `actions/cache`.
 */
export interface RunnerCacheConfig {
  /** Whether there is one. Gitea, Forgejo. @default true */
  readonly enabled?: boolean;

  /** The folder, inside the runner's container. Below `/data` it survives the pod. Gitea, Forgejo. @default - in the home folder, gone with the pod */
  readonly dir?: string;

  /** The address that job containers reach the runner at; not `0.0.0.0`. Gitea, Forgejo. @default - the pod's own address, which containers of a daemon in the same pod reach */
  readonly host?: string;

  /** Its port. Gitea, Forgejo. @default - a free one */
  readonly port?: number;

  /** A cache server of its own, shared by several runners; ends with "/". Gitea, Forgejo. @default - the runner's own server */
  readonly externalServer?: string;

  /** The secret that runners and external server share, under the key `secret`. Gitea 2.3.0 (older ones want it in the file itself, which is in Git), Forgejo. @default - none; Gitea's runner demands it with `externalServer` from 0.6.0 on */
  readonly externalSecret?: SecretSource;

  /** Reuse an action that was fetched before without asking for a newer commit. Gitea 1.0.5. @default false */
  readonly offlineMode?: boolean;

  /** Speak the second version of the cache protocol, which `actions/cache` needs from version 4 on. Gitea 3.0.0. @default true */
  readonly v2?: boolean;

  /** After how long an entry is removed. Gitea 3.2.0. @default 7 days */
  readonly retention?: Duration;

  /** How much one repository may store. Gitea 3.2.0. @default - 10 GB */
  readonly repositorySizeLimit?: Size;

  /** How much all of them may store. Gitea 3.2.0. @default - no limit */
  readonly sizeLimit?: Size;

  /** How often entries are removed. Gitea 3.2.0. @default 1 hour */
  readonly sweepInterval?: Duration;

  /** Port of the proxy between jobs and the cache. Forgejo only. @default - a free one */
  readonly proxyPort?: number;

  /** What jobs get as `ACTIONS_CACHE_URL`. Forgejo only. @default - the proxy's address */
  readonly cacheUrlOverride?: string;
}

/**
 * The containers that jobs run in.
 */
export interface ContainerConfig {
  /** The network that they join: `host`, `bridge`, or the name of one. Gitea, Forgejo. @default - one for each job */
  readonly network?: string;

  /** Whether the network of a job has IPv4. Gitea 2.0.0. @default - Docker's default: it has */
  readonly enableIpv4?: boolean;

  /** Whether the network of a job has IPv6. Gitea 2.0.0, Forgejo. @default - Docker's default: it has not */
  readonly enableIpv6?: boolean;

  /** Start job containers privileged: every job is then root on the node. Gitea, Forgejo. @default false */
  readonly privileged?: boolean;

  /** Options as for `docker create`, e.g. `--add-host=git.example.com:10.0.0.1`. Gitea, Forgejo. @default - none */
  readonly options?: string;

  /** The folder inside job containers in which repositories are checked out; no slash in front. Gitea, Forgejo. @default 'workspace' */
  readonly workdirParent?: string;

  /** Patterns of the volumes and paths that workflows may mount; `**` allows all. Gitea, Forgejo. @default - none */
  readonly validVolumes?: string[];

  /** Pull images even if they are there. Gitea, Forgejo. @default false */
  readonly forcePull?: boolean;

  /** Rebuild the images of container actions even if they are there. Gitea, Forgejo. @default false */
  readonly forceRebuild?: boolean;

  /** Keep the working folder on a path that the daemon sees too, so that `docker compose` in a job can mount it. Gitea 0.3.1. @default false */
  readonly bindWorkdir?: boolean;

  /** How long a job waits for its services. Gitea 3.1.0. @default 5 minutes */
  readonly serviceReadyTimeout?: Duration;
}

/**
 * When a runner stops taking jobs by itself. Gitea's runner from 2.2.0 on.
 */
export interface HealthCheckConfig {
  /** The space that must be free on its disk. @default - 1024 MiB */
  readonly minFreeDiskSpace?: Size;

  /** An executable inside the runner's container; the runner pauses while it fails. @default - none */
  readonly script?: string;

  /** How often it looks. @default 30 seconds */
  readonly interval?: Duration;

  /** How long the script may take. @default 10 seconds */
  readonly timeout?: Duration;
}
