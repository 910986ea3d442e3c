import { Buildkitd } from '../../buildkit';
import { Storage } from '../../kube';

/**
 * A program for jobs of the host executor, copied out of an image at the pod's start.
 */
export interface HostTool {
  /**
   * The image that holds it, with a version as tag, or a digest. It must hold `cp` as well, which images made from scratch do not.
   */
  readonly image: string;

  /** Path of the program in the image. It must need no libraries: Gitea's and Forgejo's images are Alpine, GitHub's is Ubuntu. */
  readonly path: string;
}

/**
 * Settings of the host executor.
 */
export interface HostExecutorProps {
  /**
   * The BuildKit daemon that jobs build with: `buildctl`, of the daemon's version, is put on their PATH, `BUILDKIT_HOST` is set, and the daemon
   * admits the runner's pods.
   *
   * @default - jobs have no builder
   */
  readonly builder?: Buildkitd;

  /**
   * More programs on the jobs' PATH.
   *
   * @default - none
   */
  readonly tools?: HostTool[];

  /**
   * Says that the runner's image holds `node`, so that JavaScript actions such as actions/checkout run. The official images of
   * Gitea and Forgejo do not: build one on them, and name it in the runner's version: `RunnerVersion.gitea('3.3.0', { image: '…' })`.
   * GitHub's runner brings a node of its own.
   *
   * @default false
   */
  readonly imageHasNode?: boolean;

  /**
   * Run jobs as root inside the container, so that they can install packages. The namespace must then allow the Pod Security level
   * `baseline`. GitHub's runner refuses to be root; its jobs get a `sudo` that works instead.
   *
   * @default false
   */
  readonly jobsRunAsRoot?: boolean;

  /**
   * Where the runner's identity is kept.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * Where jobs work: their home folder, sources, what they build.
   *
   * @default - an emptyDir of 10 GiB on the node's disk
   */
  readonly work?: Storage;
}
