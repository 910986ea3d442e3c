import { Storage } from '../../kube';

/** Settings of the executor with an external Docker daemon. */
export interface ExternalDockerExecutorProps {
  /**
   * The storage for the runner's identity.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * Whether to mount the socket into jobs, so that `docker build` works in jobs. Only a daemon of the node has a socket:
   * see `PrivilegedDockerDaemon`. Anyone who has the socket controls the Docker daemon, with the jobs of every runner on it.
   *
   * @default - true for a daemon of the node
   */
  readonly dockerInJobs?: boolean;
}
