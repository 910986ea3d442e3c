import { constraintsOf, isVersionTag, VersionConstraint } from './grammar';

/** A version, split as Masterminds/semver splits a version. */
interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: string;
}

type Check = (version: Version, constraint: Known) => boolean;

/** A constraint with its version and the number of parts that the constraint leaves open. */
interface Known extends Version {
  readonly operator: string;
  /** The number of numbers that the range gives: 0 for `*`, 1 for `1.x`, 3 for a full version. */
  readonly given: number;
}

/**
 * Returns whether Flux selects a version for a range. This is the check of github.com/Masterminds/semver, which differs
 * from npm's. Measured cases: test/flux/image/fixtures/semver-ranges.json.
 *
 * @jsii ignore
 */
export function satisfies(version: string, range: string): boolean {
  if (!isVersionTag(version)) {
    return false;
  }
  const parsed = versionOf(version);
  return constraintsOf(range).some((group) => {
    const known = group.map(knownOf);
    // A prerelease is considered only if the group itself names a prerelease.
    const considered = parsed.prerelease === '' || known.some(({ prerelease }) => prerelease !== '');
    return considered && known.every((constraint) => CHECKS[constraint.operator](parsed, constraint));
  });
}

/**
 * Compares two versions as Masterminds/semver does. Returns 0 for two spellings of one version.
 *
 * @jsii ignore
 */
export function compareVersions(a: string, b: string): number {
  return compare(versionOf(a), versionOf(b));
}

/**
 * Returns a version in the range, or undefined if the range contains no version. Every bound of a range, and the next
 * versions after the bound, are tried.
 *
 * @jsii ignore
 */
export function versionIn(range: string): string | undefined {
  const known = constraintsOf(range).flat().map(knownOf);
  const steps = [0n, ...known.map((_, i) => BigInt(i + 1))];
  const candidates = [{ numbers: [0n, 0n, 0n], prerelease: '' } as Version, ...known].flatMap(
    ({ numbers, prerelease }) => {
      const [major, minor, patch] = numbers;
      const releases = steps.flatMap((n) => [
        `${major}.${minor}.${patch + n}`,
        `${major}.${minor + n}.0`,
        `${major + n}.0.0`,
      ]);
      const pre = prerelease === '' ? ['0'] : [prerelease, `${prerelease}.0`, '0'];
      return [...releases, ...pre.flatMap((text) => releases.map((release) => `${release}-${text}`))];
    },
  );
  return candidates.find((candidate) => satisfies(candidate, range));
}

function versionOf(text: string): Version {
  const [, numbers, prerelease = ''] = /^v?([0-9.]+)(?:-([0-9A-Za-z.-]+))?/.exec(text)!;
  const [major = '0', minor = '0', patch = '0'] = numbers.split('.');
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], prerelease };
}

function knownOf({ operator, version }: VersionConstraint): Known {
  const [, numbers, prerelease = ''] = /^v?([^-+]*)(?:-([0-9A-Za-z.-]+))?/.exec(version)!;
  const parts = numbers.split('.');
  const open = parts.findIndex((part) => ['x', 'X', '*'].includes(part));
  const given = open === -1 ? parts : parts.slice(0, open);
  const [major, minor, patch] = [...given, '0', '0', '0'].map(BigInt);
  return { operator, given: given.length, numbers: [major, minor, patch], prerelease };
}

function compare(a: Version, b: Version): number {
  for (const i of [0, 1, 2]) {
    if (a.numbers[i] !== b.numbers[i]) {
      return a.numbers[i] < b.numbers[i] ? -1 : 1;
    }
  }
  if (a.prerelease === b.prerelease) {
    return 0;
  }
  if (a.prerelease === '' || b.prerelease === '') {
    return a.prerelease === '' ? 1 : -1;
  }
  return comparePrereleases(a.prerelease.split('.'), b.prerelease.split('.'));
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] === b[i]) {
      continue;
    }
    if (a[i] === undefined || b[i] === undefined) {
      return a[i] === undefined ? -1 : 1;
    }
    const [first, second] = [a[i], b[i]].map((part) => (/^[0-9]+$/.test(part) ? BigInt(part) : undefined));
    if (first !== undefined && second !== undefined) {
      if (first !== second) {
        return first < second ? -1 : 1;
      }
    } else if (first !== undefined || second !== undefined) {
      return first !== undefined ? -1 : 1;
    } else {
      return a[i] < b[i] ? -1 : 1;
    }
  }
  return 0;
}

const isFull = ({ given }: Known) => given >= 3;

const tilde: Check = (version, constraint) => {
  const { numbers, given } = constraint;
  if (compare(version, constraint) < 0) {
    return false;
  }
  // ~0.0.0 and ~* accept everything.
  if (numbers.every((n) => n === 0n) && given !== 1 && given !== 2) {
    return true;
  }
  return version.numbers[0] === numbers[0] && (given < 2 || version.numbers[1] === numbers[1]);
};

const caret: Check = (version, constraint) => {
  const { numbers, given } = constraint;
  const [major, minor, patch] = version.numbers;
  if (compare(version, constraint) < 0) {
    return false;
  }
  if (numbers[0] > 0n || given === 1) {
    return major === numbers[0];
  }
  if (major > 0n) {
    return false;
  }
  if (numbers[1] > 0n || given === 2) {
    return minor === numbers[1];
  }
  return minor === 0n && patch === numbers[2];
};

const notEqual: Check = (version, constraint) => {
  const { numbers, given } = constraint;
  if (isFull(constraint)) {
    return compare(version, constraint) !== 0;
  }
  const [major, minor] = version.numbers;
  if (major !== numbers[0]) {
    return true;
  }
  if (given === 1) {
    return false;
  }
  if (minor !== numbers[1]) {
    return true;
  }
  if (given === 0) {
    return compare(version, constraint) !== 0;
  }
  return version.prerelease !== constraint.prerelease;
};

const greater: Check = (version, constraint) => {
  const { numbers, given } = constraint;
  const [major, minor] = version.numbers;
  if (isFull(constraint) || given === 0) {
    return compare(version, constraint) > 0;
  }
  return major !== numbers[0] ? major > numbers[0] : given === 2 && minor > numbers[1];
};

const atMost: Check = (version, constraint) => {
  const { numbers, given } = constraint;
  const [major, minor] = version.numbers;
  if (isFull(constraint)) {
    return compare(version, constraint) <= 0;
  }
  return major < numbers[0] || (major === numbers[0] && (minor <= numbers[1] || given === 1));
};

const equal: Check = (version, constraint) =>
  isFull(constraint) ? compare(version, constraint) === 0 : tilde(version, constraint);
const atLeast: Check = (version, constraint) => compare(version, constraint) >= 0;
const less: Check = (version, constraint) => compare(version, constraint) < 0;

const CHECKS: Record<string, Check> = {
  '': equal,
  '=': equal,
  '!=': notEqual,
  '>': greater,
  '<': less,
  '>=': atLeast,
  '=>': atLeast,
  '<=': atMost,
  '=<': atMost,
  '~': tilde,
  '~>': tilde,
  '^': caret,
};
