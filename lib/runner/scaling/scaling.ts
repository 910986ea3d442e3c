import { Duration } from 'cdk8s';
import { ForgeError, quoted } from '../../support';

/**
 * How many runners are started for one job each, and when.
 */
export interface RunnerScaling {
  /** The most that run at the same time. */
  readonly max: number;

  /**
   * How many are ready beyond those that have jobs; within `max`.
   *
   * @default 0
   */
  readonly min?: number;

  /**
   * How often jobs are counted.
   *
   * @default 30 seconds
   */
  readonly pollingInterval?: Duration;

  /**
   * How long a finished pod and its log are kept.
   *
   * @default 5 minutes
   */
  readonly keepFinished?: Duration;
}

/**
 * Looks at the numbers.
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
 * Looks at one number.
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
 * What is wrong with an identity or its numbers.
 *
 * @jsii ignore
 */
export function badIdentity(message: string, allowed: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RUN-020', message, allowed, fix: 'change the value where the runner is made' });
}
