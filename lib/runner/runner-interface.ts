import { Buildkitd } from '../buildkit';
import { Repository } from '../forge';
import { ExecutorCapabilities } from './executor-capabilities';
import { RunnerLabel } from './runner-label';

/**
 * What runs jobs: a `Runner` of this program, or a `HostedRunner` of the forge.
 */
export interface IRunner {
  /** What jobs ask for in `runs-on`. */
  readonly labels: RunnerLabel[];

  /** What its jobs can do. */
  readonly capabilities: ExecutorCapabilities;

  /** The BuildKit daemon that jobs build with; undefined if there is none. */
  readonly builder?: Buildkitd;

  /**
   * Whether a job of this repository that asks for these labels may land here.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  accepts(repository: Repository, runsOn: string[]): boolean;
}
