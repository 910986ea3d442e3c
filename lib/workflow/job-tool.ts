/**
 * A program that a script calls and that not every runner has.
 */
export enum JobTool {
  /** `docker`, and a daemon that answers it. */
  DOCKER = 'docker',
  /** `buildctl`, and a BuildKit daemon that answers it. */
  BUILDCTL = 'buildctl',
  /** `node`, `npm`. */
  NODE = 'node',
}
