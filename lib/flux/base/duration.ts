import { Duration } from 'cdk8s';
import { ForgeError, quoted } from '../../support';

/**
 * Converts a duration to the format of Flux's CRDs: hours, minutes and seconds, never days.
 *
 * @throws FORGE-FLUX-005 for a duration that is not a whole number of seconds, or zero
 * @jsii ignore
 */
export function fluxDuration(duration: Duration): string {
  const total = seconds(duration);
  return joined([
    [Math.floor(total / 3600), 'h'],
    [Math.floor(total / 60) % 60, 'm'],
    [total % 60, 's'],
  ]);
}

/**
 * Converts a duration to the format without hours, for the `timeout` fields that do not allow hours.
 *
 * @throws FORGE-FLUX-005 for a duration that is not a whole number of seconds, or zero
 * @jsii ignore
 */
export function fluxTimeout(duration: Duration): string {
  const total = seconds(duration);
  return joined([
    [Math.floor(total / 60), 'm'],
    [total % 60, 's'],
  ]);
}

function joined(parts: [number, string][]): string {
  return parts
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join('');
}

function seconds(duration: Duration): number {
  const total = duration.toMilliseconds() / 1000;
  if (Number.isInteger(total) && total >= 1) {
    return total;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-005',
    message: `${quoted(duration.toHumanString())} is no duration for Flux`,
    allowed: 'a whole number of seconds, at least one',
    fix: 'use Duration.seconds(…), Duration.minutes(…) or Duration.hours(…)',
  });
}
