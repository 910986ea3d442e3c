import { ForgeError, quoted } from '../../support';
import { satisfies, versionIn } from './check';
import { constraintsOf, isSemverRange } from './grammar';

/**
 * Checks a version range according to Flux's rules.
 *
 * @throws FORGE-FLUX-006 for a range that Flux would refuse, or that no version satisfies
 * @jsii ignore
 */
export function assertSemverRange(range: string): void {
  const isRange = isSemverRange(range);
  if (isRange && versionIn(range) !== undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-006',
    message: isRange ? `no version satisfies the range ${quoted(range)}` : `${quoted(range)} is not a version range`,
    allowed: "comparisons such as '>=1.2.0 <2.0.0', '^1.2', '~1.2', '1.x', '1.2 - 1.4', alternatives joined by '||'",
    fix: isRange
      ? 'set the range to comparisons that one version can satisfy together'
      : 'set the range in the grammar of Masterminds/semver, which differs from the grammar of npm',
    symptom: isRange
      ? 'unable to determine latest version from provided list'
      : 'ImagePolicy: Stalled, InvalidPolicy, improper constraint',
  });
}

/**
 * Returns a version in a range, for the initial entry in the image lock. The result is the first version that the range
 * names as a lower bound, or the next version in the range.
 *
 * @jsii ignore
 */
export function lowestNamed(range: string): string {
  const named = firstBound(range);
  return satisfies(named, range) ? named : (isSemverRange(range) && versionIn(range)) || named;
}

function firstBound(range: string): string {
  for (const { operator, version } of constraintsOf(range).flat()) {
    if (operator.startsWith('<') || operator === '!=' || operator === '=<') {
      continue;
    }
    const prefix = version.startsWith('v') ? 'v' : '';
    const numbers = version
      .replace(/^v/, '')
      .replace(/[-+].*$/s, '')
      .split('.')
      .map((part) => (/^[0-9]+$/.test(part) ? part : '0'));
    return prefix + [...numbers, '0', '0'].slice(0, 3).join('.');
  }
  return '0.0.0';
}
