import { Duration } from 'cdk8s';

/** The runner binary's own default of 0 cancels jobs immediately. */
export const DEFAULT_SHUTDOWN = Duration.hours(1);

/**
 * A server whose answer comes after the runner binary's own limit of 5 seconds has given a job away that no runner has:
 * the job ends without a log after 10 minutes. Gitea before 1.27.0 (go-gitea/gitea#38343) does not take it back.
 */
export const DEFAULT_FETCH = Duration.seconds(30);
