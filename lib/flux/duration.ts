import { Duration } from 'cdk8s';

/**
 * A duration as Flux's CRDs take it: hours, minutes and seconds, never days.
 *
 * @jsii ignore
 */
export function fluxDuration(duration: Duration): string {
  const total = duration.toSeconds();
  const parts: [number, string][] = [[Math.floor(total / 3600), 'h'], [Math.floor(total / 60) % 60, 'm'], [total % 60, 's']];
  return parts.filter(([n]) => n > 0).map(([n, unit]) => `${n}${unit}`).join('') || '0s';
}

/**
 * The same without hours, for the `timeout` fields that forbid them.
 *
 * @jsii ignore
 */
export function fluxTimeout(duration: Duration): string {
  const total = duration.toSeconds();
  const parts: [number, string][] = [[Math.floor(total / 60), 'm'], [total % 60, 's']];
  return parts.filter(([n]) => n > 0).map(([n, unit]) => `${n}${unit}`).join('') || '0s';
}
