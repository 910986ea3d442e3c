import { Duration } from 'cdk8s';
import { ForgeError, quoted } from '../../support';

/** Settings that decide how many single-job runners are started, and when. */
export interface RunnerScaling {
  /** The maximum number of runners that run at the same time. */
  readonly max: number;

  /**
   * The number of idle runners that are ready in addition to the busy runners; within `max`.
   *
   * @default 0
   */
  readonly min?: number;

  /**
   * The interval at which jobs are counted.
   *
   * @default 30 seconds
   */
  readonly pollingInterval?: Duration;

  /**
   * The time that a finished pod and its log are kept.
   *
   * @default 5 minutes
   */
  readonly keepFinished?: Duration;
}

/**
 * Checks the scaling settings.
 *
 * @throws FORGE-RUN-020 for numbers or times that are not such
 *
 * @jsii ignore
 */
export function checkScaling(scaling: RunnerScaling): void {
  checkCount('max', scaling.max, [1, 1000]);
  checkCount('min', scaling.min ?? 0, [0, scaling.max]);
  for (const [name, value] of Object.entries({
    pollingInterval: scaling.pollingInterval,
    keepFinished: scaling.keepFinished,
  })) {
    if (value !== undefined) {
      checkCount(`${name} in seconds`, value.toMilliseconds() / 1000, [1, 86_400]);
    }
  }
}

/**
 * Checks one number.
 *
 * @throws FORGE-RUN-020 if it is not a whole one in the range
 *
 * @jsii ignore
 */
export function checkCount(name: string, value: number, [least, most]: [number, number]): void {
  if (Number.isInteger(value) && value >= least && value <= most) {
    return;
  }
  throw badIdentity(`${name} is ${quoted(value)}`, `a whole number from ${least} to ${most}`);
}

/**
 * Returns the error for an invalid identity or scaling value.
 *
 * @jsii ignore
 */
export function badIdentity(message: string, allowed: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RUN-020', message, allowed, fix: 'change the value where the runner is made' });
}
