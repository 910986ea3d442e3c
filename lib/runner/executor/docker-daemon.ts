import { Storage } from '../../kube';
import { DaemonJsonProps } from '../../registry';

/**
 * Settings of the executor with a Docker daemon beside the runner.
 */
export interface DockerExecutorProps {
  /**
   * Where the runner's identity is kept.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * The daemon's data root: images, layers, the jobs' volumes. It must be a local file system such as ext4 or xfs: overlay mounts
   * work neither on NFS, nor on another overlay, nor on a ZFS dataset.
   *
   * @default - a claim of 20 GiB of the cluster's default class
   */
  readonly layers?: Storage;

  /**
   * Settings of the daemon: its registries, what it does at a time, its MTU. `dataRoot` is decided by `layers`.
   *
   * @default - the daemon's defaults, with containerd's image store
   */
  readonly daemon?: DaemonJsonProps;

  /**
   * Whether jobs find the daemon's socket, so that `docker build` works in them. Whoever has the socket owns the daemon.
   *
   * @default true
   */
  readonly dockerInJobs?: boolean;

  /**
   * The daemon's image, with a version as tag.
   *
   * @default 'docker:29.7.1-dind'
   */
  readonly daemonImage?: string;
}

/**
 * Settings of the executor with a rootless Docker daemon.
 */
export interface RootlessDockerExecutorProps {
  /**
   * Where the runner's identity is kept.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * The daemon's data root, `/home/rootless/.local/share/docker`: images, layers, the jobs' volumes. It must be a local file system
   * such as ext4 or xfs, not NFS.
   *
   * @default - a claim of 20 GiB of the cluster's default class
   */
  readonly layers?: Storage;

  /**
   * Settings of the daemon: its registries, what it does at a time, its MTU. `dataRoot` is decided by `layers`.
   *
   * @default - the daemon's defaults, with containerd's image store
   */
  readonly daemon?: DaemonJsonProps;

  /**
   * Whether jobs find the daemon's socket, so that `docker build` works in them.
   *
   * @default true
   */
  readonly dockerInJobs?: boolean;
}
