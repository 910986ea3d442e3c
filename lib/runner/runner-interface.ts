import { Buildkitd } from '../buildkit';
import { IRunsOn } from '../forge';
import { RunnerLabel } from './runner-label';

/**
 * What runs jobs: a `Runner` or `GitHubRunner` of this program, or a `HostedRunner` of the forge. It can be given to a job: `runsOn: runner`.
 */
export interface IRunner extends IRunsOn {
  /** What jobs can ask for in `runs-on`; `runsOn: runner` asks for the first, of a `GitHubRunner` for all. */
  readonly labels: RunnerLabel[];

  /** The BuildKit daemon that jobs build with; undefined if there is none. */
  readonly builder?: Buildkitd;
}
