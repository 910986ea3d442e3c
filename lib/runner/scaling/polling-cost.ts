import { PerJobScalingProps } from './scaling';

/** The maximum number of API requests per hour for a credential. */
const HOURLY_LIMIT = 5000;

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
export function pollingCost({ pollingInterval }: PerJobScalingProps): PollingCost {
  const polls = Math.ceil(3600 / (pollingInterval?.toSeconds({ integral: false }) ?? 30));
  return { polls, affordable: Math.floor(HOURLY_LIMIT / polls / 2) };
}
