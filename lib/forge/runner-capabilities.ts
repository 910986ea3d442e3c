/**
 * What jobs can do on a runner.
 */
export interface RunnerCapabilities {
  /** `run:` steps on a label of kind host. */
  readonly hostJobs: boolean;
  /** Jobs in a container of their own: labels with an image, and `container:`. */
  readonly containerJobs: boolean;
  /** `services:` beside a job. */
  readonly services: boolean;
  /** Actions that are a container: `uses: docker://…`, or a `Dockerfile`. */
  readonly containerActions: boolean;
  /** Actions written in JavaScript, such as actions/checkout. In containers it is the image that must hold `node`. */
  readonly nodeActions: boolean;
  /** `node` and `npm` in a step: they are on its PATH. GitHub's runner has a node of its own for actions, which steps do not find. In containers it is the image that decides. */
  readonly nodeInJobs: boolean;
  /** `docker` in a step: the job finds the daemon's socket. */
  readonly dockerInJobs: boolean;
  /** `buildctl` in a step: it is there, and a BuildKit daemon answers. In containers it is the image that must hold it. */
  readonly buildctl: boolean;
  /** `apt`, `apk` in a step: it runs as root, or with a `sudo` that asks for no password. In containers it is the image that decides. */
  readonly installsPackages: boolean;
  /** Containers that publish ports below 1024: a daemon without root cannot. */
  readonly lowPorts: boolean;
}

/** What can be done where nothing is in the way. */
export const EVERY_CAPABILITY: RunnerCapabilities = {
  hostJobs: true,
  containerJobs: true,
  services: true,
  containerActions: true,
  nodeActions: true,
  nodeInJobs: true,
  dockerInJobs: true,
  buildctl: true,
  installsPackages: true,
  lowPorts: true,
};
