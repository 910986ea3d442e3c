import { IBuilder } from '../buildkit';
import { IRunsOn } from '../forge';
import { ConstructKind } from '../support';
import { RunnerLabel } from './runner-label';

/**
 * A runner that runs jobs: a `Runner` or `GitHubRunner` of this cdk8s app, or a `HostedRunner` of the forge. You can
 * pass the runner to a job: `runsOn: runner`.
 */
export interface IRunner extends IRunsOn {
  /**
   * The labels that jobs can request in `runs-on`. `runsOn: runner` requests only the first label of a `Runner`, but
   * all labels of a `GitHubRunner`.
   */
  readonly labels: RunnerLabel[];

  /** The BuildKit daemon that jobs build with; undefined if there is none. */
  readonly builder?: IBuilder | undefined;
}

/**
 * The kind under which the model finds every runner that is a construct. An `IRunner` of your own registers itself:
 * `register(this, RUNNERS)`.
 *
 * @jsii ignore
 */
export const RUNNERS = new ConstructKind<IRunner>('Runner');
