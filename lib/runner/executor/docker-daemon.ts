import { IBuilder } from '../../buildkit';
import { Storage } from '../../kube';
import { DaemonJsonProps } from '../../registry';

/** Settings of the executor with a Docker daemon in a sidecar next to the runner. */
export interface DockerExecutorProps {
  /**
   * The storage for the runner's identity.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * The Docker daemon's data root, which contains images, image layers, and the jobs' volumes. The data root must be on
   * a local file system such as ext4 or xfs. Overlay mounts do not work on NFS, on another overlay, or on a ZFS
   * dataset.
   *
   * @default - a claim of 20 GiB of the cluster's default class
   */
  readonly layers?: Storage;

  /**
   * Settings of the Docker daemon: registries, concurrency, MTU. `layers` decides `dataRoot`.
   *
   * @default - the daemon's defaults, with containerd's image store
   */
  readonly daemon?: DaemonJsonProps;

  /**
   * Whether to mount the Docker daemon's socket into jobs, so that `docker build` works in jobs. Anyone who has the
   * socket controls the Docker daemon.
   *
   * `false` does not stop jobs of host labels, which run in the runner's container next to the socket. It also does not
   * stop a job from using a vulnerability of the Docker daemon or of the kernel, which all jobs share.
   *
   * @default true
   */
  readonly dockerInJobs?: boolean;

  /**
   * The Docker daemon's image, with a version tag. A version before 24 has no image store of containerd, and gets no setting for it.
   *
   * @default 'docker:29.9.0-dind'
   */
  readonly daemonImage?: string;

  /**
   * The builder whose BuildKit daemon jobs connect to, such as `Builder.buildx({ driver: BuildxDriver.remote(buildkitd) })`.
   * Jobs in containers have no client certificate, so the daemon must have no TLS. The image of the jobs must contain the
   * client of the builder.
   *
   * @default - jobs connect to no BuildKit daemon
   */
  readonly builder?: IBuilder;
}

/**
 * Settings of the executor with a rootless Docker daemon.
 */
export interface RootlessDockerExecutorProps {
  /**
   * The storage for the runner's identity.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * The Docker daemon's data root, `/home/rootless/.local/share/docker`, which contains images, image layers, and the
   * jobs' volumes. The data root must be on a local file system such as ext4 or xfs, not NFS.
   *
   * @default - a claim of 20 GiB of the cluster's default class
   */
  readonly layers?: Storage;

  /**
   * Settings of the Docker daemon: registries, concurrency, MTU. `layers` decides `dataRoot`.
   *
   * @default - the daemon's defaults, with containerd's image store
   */
  readonly daemon?: DaemonJsonProps;

  /**
   * Whether to mount the Docker daemon's socket into jobs, so that `docker build` works in jobs.
   *
   * `false` does not stop jobs of host labels, which run in the runner's container next to the socket. It also does not
   * stop a job from using a vulnerability of the Docker daemon or of the kernel, which all jobs share.
   *
   * @default true
   */
  readonly dockerInJobs?: boolean;

  /**
   * The builder whose BuildKit daemon jobs connect to, such as `Builder.buildx({ driver: BuildxDriver.remote(buildkitd) })`.
   * Jobs in containers have no client certificate, so the daemon must have no TLS. The image of the jobs must contain the
   * client of the builder.
   *
   * @default - jobs connect to no BuildKit daemon
   */
  readonly builder?: IBuilder;
}
