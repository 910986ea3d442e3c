import { Repository } from '../../forge';
import { GitHubCredential } from '../github/credential';
import { RunnerScaling } from './scaling';

/** The maximum number of API requests per hour for a credential. */
const HOURLY_LIMIT = 5000;

/**
 * Settings that decide how many pods KEDA starts for GitHub jobs, and how KEDA counts the jobs.
 *
 * @see https://keda.sh/docs/latest/scalers/github-runner/
 */
export interface GitHubScaling extends RunnerScaling {
  /**
   * The credential that counts jobs. The credential needs only the repository permission "Actions" (read-only), and
   * pods cannot read it.
   *
   * @default - the runner's own credential, which then needs that permission as well
   */
  readonly credential?: GitHubCredential;

  /**
   * The repositories whose jobs are counted. Each repository costs two requests per poll, plus one request for each
   * unfinished run.
   *
   * @default - scope repository: that one; scope organization: all of them, which KEDA lists at every poll
   */
  readonly repositories?: Repository[];

  /**
   * Whether to use conditional requests in KEDA, so that unchanged responses do not count against the rate limit. Older
   * versions of KEDA mixed up the responses of several runs of a repository; KEDA 2.21 does not.
   *
   * @default false
   */
  readonly conditionalRequests?: boolean;
}

/** The API cost of polling. */
export interface PollingCost {
  /** The number of polls per hour. */
  readonly polls: number;
  /** The number of repositories that can be polled within the limit, if there are no unfinished runs. */
  readonly affordable: number;
}

/**
 * Returns the polling cost: the polls per hour, and the number of repositories that the hourly limit allows. Each
 * repository costs two requests per poll.
 */
export function pollingCost({ pollingInterval }: RunnerScaling): PollingCost {
  const polls = Math.ceil(3600 / (pollingInterval?.toSeconds() ?? 30));
  return { polls, affordable: Math.floor(HOURLY_LIMIT / polls / 2) };
}
