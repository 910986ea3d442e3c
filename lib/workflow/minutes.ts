import { Duration } from 'cdk8s';
import { ForgeError } from '../support';

/** Returns the whole minutes of a duration. */
export function minutes(duration: Duration, owner: string): number {
  const value = duration.toMinutes({ integral: false });
  if (Number.isInteger(value) && value > 0) {
    return value;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-042',
    message: `the time of ${owner} is ${value} minutes`,
    allowed: 'whole minutes, at least 1',
    fix: 'give Duration.minutes(1) or more',
  });
}
