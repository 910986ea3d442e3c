import { ForgeError, quoted } from '../../support';

/**
 * The grammar of github.com/Masterminds/semver, which Flux uses and which differs from npm's grammar. Measured cases:
 * test/flux/fixtures/semver-ranges.json.
 */
const VERSION =
  'v?(?:[0-9|xX*]+)(?:\\.[0-9|xX*]+)?(?:\\.[0-9|xX*]+)?(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?';
const OPERATOR = '(?:!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|)';
const CONSTRAINT = `${OPERATOR}[\\t\\n\\f\\r ]*${VERSION}`;
const SPACE = '[\\t\\n\\f\\r ]';
const GROUP = new RegExp(`^${SPACE}*${CONSTRAINT}${SPACE}*(?:(?:${SPACE}+|,${SPACE}*)${CONSTRAINT}${SPACE}*)*$`);
const HYPHEN = new RegExp(`${SPACE}*(${VERSION})${SPACE}+-${SPACE}+(${VERSION})${SPACE}*`, 'g');
const PARTS = new RegExp(`(${OPERATOR})${SPACE}*(${VERSION})`, 'g');
const LOOSE =
  /^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const LONGEST = 512;
const MOST_GROUPS = 32;
const LONGEST_VERSION = 256;
const LARGEST = 18446744073709551615n;

/**
 * Checks a version range according to Flux's rules.
 *
 * @throws FORGE-FLUX-006 for a range that Flux would refuse
 * @jsii ignore
 */
export function assertSemverRange(range: string): void {
  if (isSemverRange(range)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-006',
    message: `${quoted(range)} is not a version range`,
    allowed: "comparisons such as '>=1.2.0 <2.0.0', '^1.2', '~1.2', '1.x', '1.2 - 1.4', alternatives joined by '||'",
    fix: 'write it in the grammar of Masterminds/semver, which is not quite that of npm',
    symptom: 'ImagePolicy: Stalled, InvalidPolicy, improper constraint',
  });
}

/**
 * Returns whether Masterminds/semver accepts a range.
 *
 * @jsii ignore
 */
export function isSemverRange(range: string): boolean {
  if (Buffer.byteLength(range) > LONGEST) {
    return false;
  }
  const groups = range.replace(HYPHEN, '>= $1, <= $2 ').split('||');
  return (
    groups.length <= MOST_GROUPS &&
    groups.every((group) => GROUP.test(group) && constraintsIn(group).every(isConstraintVersion))
  );
}

/**
 * Returns whether Flux accepts a tag as a version. A version has three parts, with an optional `v` prefix and an
 * optional prerelease suffix.
 *
 * @jsii ignore
 */
export function isVersionTag(tag: string): boolean {
  const match = LOOSE.exec(tag);
  return match !== null && tag.split('.').length >= 3 && isVersion(match);
}

/**
 * Returns a version named in a range, for the initial entry in the image lock. The result is the first version that is
 * not an upper bound.
 *
 * @jsii ignore
 */
export function lowestNamed(range: string): string {
  for (const [, operator, version] of range.matchAll(PARTS)) {
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

function constraintsIn(group: string): string[] {
  return [...group.matchAll(PARTS)].map((match) => match[2]);
}

/**
 * Returns whether a version in a range is valid. The version may omit parts or replace parts with x. The remaining
 * parts must form a version.
 */
function isConstraintVersion(text: string): boolean {
  const [, numbers, rest] = /^v?([^-+]*)(.*)$/s.exec(text)!;
  const prerelease = rest.startsWith('-') ? rest.replace(/\+.*$/s, '') : '';
  const parts = numbers.split('.');
  const open = parts.findIndex((part) => ['x', 'X', '*'].includes(part));
  // A full version is read with its build metadata, an open one without.
  const fixed = open === -1 ? parts : parts.slice(0, open);
  const version = [...fixed, '0', '0', '0'].slice(0, 3).join('.') + (fixed.length === 3 ? rest : prerelease);
  const match = LOOSE.exec(version);
  return version.length <= LONGEST_VERSION && match !== null && isVersion(match);
}

function isVersion(match: RegExpExecArray): boolean {
  const numbers = [match[1], match[2]?.slice(1), match[3]?.slice(1)].filter((part) => part !== undefined);
  const prerelease = match[4] ?? '';
  return (
    numbers.every((part) => BigInt(part) <= LARGEST) && prerelease.split('.').every((part) => !/^0[0-9]+$/.test(part))
  );
}
