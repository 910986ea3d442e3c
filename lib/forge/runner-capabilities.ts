/**
 * A set of capabilities that jobs have on a runner. A capability that is left out is unknown, and counts as available: a
 * runner of your own states only what its jobs lack.
 */
export interface RunnerCapabilities {
  /** Support for `run:` steps on a label of kind host. @default - unknown */
  readonly hostJobs?: boolean;
  /** Support for jobs in their own container: labels with an image, and `container:`. @default - unknown */
  readonly containerJobs?: boolean;
  /** Support for `services:` next to a job. @default - unknown */
  readonly services?: boolean;
  /** Support for container actions: `uses: docker://…`, or a `Dockerfile`. @default - unknown */
  readonly containerActions?: boolean;
  /**
   * Support for JavaScript actions, such as actions/checkout. In containers, the image must contain `node`.
   *
   * @default - unknown
   */
  readonly nodeActions?: boolean;
  /**
   * Availability of `node` and `npm` on the PATH of a step. GitHub's runner has its own Node.js for actions, which
   * steps cannot use. In containers, availability depends on the image.
   *
   * @default - unknown
   */
  readonly nodeInJobs?: boolean;
  /** Availability of `docker` in a step. The job has access to the Docker daemon's socket. @default - unknown */
  readonly dockerInJobs?: boolean;
  /**
   * Access of a step to the builder of the runner: the builder's client is on the PATH, and the builder responds. In
   * containers, the image must contain the client.
   *
   * @default - unknown
   */
  readonly builderInJobs?: boolean;
  /**
   * Support for `apt` and `apk` in a step. The step runs as root, or with a `sudo` that asks for no password. In
   * containers, support depends on the image.
   *
   * @default - unknown
   */
  readonly installsPackages?: boolean;
  /**
   * Support for containers that publish ports below 1024. A rootless Docker daemon does not support such ports.
   *
   * @default - unknown
   */
  readonly lowPorts?: boolean;
  /**
   * Names of the programs on the PATH of a step that the image of the runner binary does not contain, for example
   * `cosign`. In containers, availability depends on the image.
   *
   * @default - unknown
   */
  readonly tools?: string[];
  /**
   * Sharing of one home directory by all jobs outside containers. A job then finds what earlier jobs left there.
   *
   * @default - unknown; counts as not shared
   */
  readonly sharedHome?: boolean;
  /**
   * Version of the runner program, for example `2.1.0`.
   *
   * @default - unknown
   */
  readonly runnerVersion?: string;
}

/** All capabilities, for a runner without restrictions. */
export const EVERY_CAPABILITY: RunnerCapabilities = Object.freeze({
  hostJobs: true,
  containerJobs: true,
  services: true,
  containerActions: true,
  nodeActions: true,
  nodeInJobs: true,
  dockerInJobs: true,
  builderInJobs: true,
  installsPackages: true,
  lowPorts: true,
});
