/** A tool that a script calls and that not every runner has. */
export enum JobTool {
  /** The `docker` command, with a dockerd that responds. */
  DOCKER = 'docker',
  /** The `buildctl` command, with a BuildKit daemon (buildkitd) that responds. */
  BUILDCTL = 'buildctl',
  /** The `node` and `npm` commands. */
  NODE = 'node',
}
