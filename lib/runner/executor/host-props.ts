import { IBuilder } from '../../buildkit';
import { Storage } from '../../kube';
import { DockerEndpoint } from './docker-endpoint';

/** A program for jobs of the host executor, copied from an image when the pod starts. */
export interface HostTool {
  /**
   * The image that contains the program, with a version tag or a digest. The image must also contain `cp`. Images built
   * from scratch do not contain `cp`.
   */
  readonly image: string;

  /**
   * The path of the program in the image. The program must not need shared libraries, because Gitea's and Forgejo's
   * images are Alpine, and GitHub's image is Ubuntu.
   */
  readonly path: string;
}

/** An image in which jobs of the host executor run. The runner binary is copied into it when the pod starts. */
export interface JobImage {
  /**
   * The image, of any name, with its tag or digest: `registry.example.com/ci/toolchain:2026-11`. It needs `sh`, and `bash` for
   * steps that do not say another shell. GitHub's runner also needs `bash`, and the libraries of .NET, for example `libicu`.
   */
  readonly image: string;

  /** The ID of the image's user, as `docker inspect --format '{{.Config.User}}'` or `id -u` in the image print it. 0 is root. */
  readonly user: number;

  /**
   * The home directory of jobs.
   *
   * @default - that of the image's user
   */
  readonly home?: string;

  /**
   * The directory in which jobs check out, on the storage `work`. GitHub's runner decides the directory itself.
   *
   * @default '/workspace'
   */
  readonly workdir?: string;
}

/**
 * Settings of the host executor.
 */
export interface HostExecutorProps {
  /**
   * The BuildKit daemon that jobs build with. The library adds `buildctl` of the BuildKit daemon's version to the jobs'
   * PATH and sets `BUILDKIT_HOST`. The BuildKit daemon accepts connections from the runner's pods.
   *
   * @default - jobs have no builder
   */
  readonly builder?: IBuilder;

  /**
   * A Docker daemon that jobs control, for example that of the node: `docker` in jobs then works, if the image of the jobs
   * has the program. Jobs run in the runner's container, so `docker run --volume` mounts directories of the daemon's file
   * system, not of the job.
   *
   * @default - jobs have no Docker daemon
   */
  readonly docker?: DockerEndpoint;

  /**
   * Additional programs on the jobs' PATH.
   *
   * @default - none
   */
  readonly tools?: HostTool[];

  /**
   * The image in which jobs run, with the toolchain that they need. The runner binary is copied into it when the pod starts;
   * the image's user, home directory and files stay as they are.
   *
   * @default - the runner's own image
   */
  readonly jobImage?: JobImage;

  /**
   * Whether to treat the runner's image as an image with `node`, so that JavaScript actions such as actions/checkout
   * run. The official images of Gitea and Forgejo do not contain Node.js. Build an image on top of them, and set it in
   * `image` of the runner, or set `jobImage`. GitHub's runner includes its own Node.js.
   *
   * @default false
   */
  readonly imageHasNode?: boolean;

  /**
   * Whether to run jobs as root inside the container, so that jobs can install packages with `apk`. The namespace must
   * then allow the Pod Security level `baseline`. Root has no capabilities: `apt-get` on Debian fails with `setgroups
   * 65534 failed`, unless its sandbox is off (`-o APT::Sandbox::User=root`). GitHub's runner does not run as root; its
   * jobs get a working `sudo` instead.
   *
   * @default false
   */
  readonly jobsRunAsRoot?: boolean;

  /**
   * The storage for the runner's identity.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * The storage for the jobs' home directory, sources and build output.
   *
   * @default - an emptyDir of 10 GiB on the node's disk
   */
  readonly work?: Storage;
}
