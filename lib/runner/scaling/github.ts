import { Repository } from '../../forge';
import { GitHubCredential } from '../github/credential';
import { RunnerScaling } from './scaling';

/** How often a credential may ask in an hour. */
const HOURLY_LIMIT = 5000;

/**
 * How many pods KEDA starts for GitHub's jobs, and how it counts them.
 *
 * @see https://keda.sh/docs/latest/scalers/github-runner/
 */
export interface GitHubScaling extends RunnerScaling {
  /**
   * Who counts. It needs the repository permission "Actions" (read-only) and nothing else, and stays away from the pods.
   *
   * @default - the runner's own credential, which then needs that permission as well
   */
  readonly credential?: GitHubCredential;

  /**
   * The repositories whose jobs are counted. Each costs two requests at every poll, and one for each run that is not finished.
   *
   * @default - scope repository: that one; scope organization: all of them, which KEDA lists at every poll
   */
  readonly repositories?: Repository[];

  /**
   * Let KEDA ask for changes only: what has not changed does not count against the rate limit. Older versions of KEDA mixed up the
   * answers of several runs of a repository; 2.21 does not.
   *
   * @default false
   */
  readonly conditionalRequests?: boolean;
}

/** What a poll costs. */
export interface PollingCost {
  /** Polls in an hour. */
  readonly polls: number;
  /** How many repositories can be polled within the limit, if nothing runs. */
  readonly affordable: number;
}

/** How many repositories the hourly limit suffices for: two requests each, at every poll. */
export function pollingCost({ pollingInterval }: RunnerScaling): PollingCost {
  const polls = Math.ceil(3600 / (pollingInterval?.toSeconds() ?? 30));
  return { polls, affordable: Math.floor(HOURLY_LIMIT / polls / 2) };
}
