/**
 * The grammar of github.com/Masterminds/semver, which Flux uses and which differs from npm's grammar. Measured cases:
 * test/flux/image/fixtures/semver-ranges.json.
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
 * Returns whether Masterminds/semver accepts a range.
 *
 * @jsii ignore
 */
export function isSemverRange(range: string): boolean {
  if (Buffer.byteLength(range) > LONGEST) {
    return false;
  }
  const groups = groupsOf(range);
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

/** One comparison of a range, such as `>=1.2.0`. */
export interface VersionConstraint {
  /** The operator, or an empty text. */
  readonly operator: string;
  readonly version: string;
}

/** Returns the comparisons of a valid range: alternatives, each of which requires all of its comparisons. */
export function constraintsOf(range: string): VersionConstraint[][] {
  return groupsOf(range).map((group) =>
    [...group.matchAll(PARTS)].map(([, operator, version]) => ({ operator, version })),
  );
}

function groupsOf(range: string): string[] {
  return range.replace(HYPHEN, '>= $1, <= $2 ').split('||');
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
