import { RunnerCapabilities } from '../forge';

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

/** What a tool takes, and how a runner gets it. In a container of the job's own it is the image that must hold some of them. */
export const TOOLS: Record<JobTool, { readonly capability: keyof RunnerCapabilities; readonly inContainer: boolean; readonly fix: string; readonly symptom: string }> = {
  [JobTool.DOCKER]: { capability: 'dockerInJobs', inContainer: false, fix: 'pass a runner whose jobs find a Docker daemon: Executor.docker(), Executor.dockerRootless()', symptom: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' },
  [JobTool.BUILDCTL]: { capability: 'buildctl', inContainer: true, fix: 'give the runner a builder: Executor.host({ builder })', symptom: 'buildctl: command not found' },
  [JobTool.NODE]: { capability: 'nodeActions', inContainer: true, fix: "let the job run in a container that holds it, JobContainer.of('node:…'), or name a runner's image that does: Executor.host({ imageHasNode: true })", symptom: 'npm: command not found' },
};
