import { TAG } from '../../../output';
import { ForgeError, once, quoted } from '../../../support';
import { TagFilter } from '../../pattern/filter';
import { Language } from '../../pattern/language';
import { parseRe2 } from '../../pattern/re2';
import { satisfies } from '../../semver/check';
import { isVersionTag } from '../../semver/grammar';

/** The digits that a 64-bit floating-point number distinguishes. Flux compares such numbers. */
const MOST_DIGITS = 15;

const language = (pattern: string) => once(() => Language.whole(parseRe2(pattern).root));

const PRERELEASE = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
/** The texts that Flux accepts as a version. Masterminds accepts fewer numbers; Flux requires two dots. */
const VERSION = language(
  `v?[0-9]+(?:\\.[0-9]+\\.[0-9]+(?:-${PRERELEASE})?|\\.[0-9]+-${PRERELEASE}\\.[0-9A-Za-z-]+|-${PRERELEASE}\\.[0-9A-Za-z-]+\\.[0-9A-Za-z-]+)`,
);
const NUMBER = language('-?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)');
const COMMIT = language('(?:[A-Za-z0-9_.-]*-)?[0-9a-f]{7,}');
const LETTERED_COMMIT = language('(?:[A-Za-z0-9_.-]*-)?[0-9a-f]*[a-f][0-9a-f]*[0-9][0-9a-f]*');
/** A time of a fixed length, to the minute or in seconds, before the commit: such texts sort by the time. */
const TIMED_COMMIT = language(
  '(?:[A-Za-z0-9_.-]*[._-])?(?:[0-9]{4}-?[0-9]{2}-?[0-9]{2}[.T-]?[0-9]{2}[.-]?[0-9]{2}(?:[.-]?[0-9]{2})?Z?|[0-9]{10}|[0-9]{13})[._-][0-9a-f]{7,}',
);

/**
 * Checks that a text is a tag.
 *
 * @throws FORGE-FLUX-010
 */
export function checkedTag(tag: string): string {
  if (typeof tag === 'string' && TAG.test(tag)) {
    return tag;
  }
  const bare = /^(?:.*\/)?[^/:@]+:([^:@/]+)(?:@.*)?$/.exec(String(tag))?.[1];
  throw ForgeError.of({
    code: 'FORGE-FLUX-010',
    message: `tag ${quoted(String(tag))} is not the tag of an image`,
    allowed: 'letters, digits, "_", "." and "-", at most 128 characters, the first a letter, a digit or "_"',
    fix:
      bare !== undefined && TAG.test(bare) && !/^sha256:/.test(String(tag))
        ? `set the tag without the image name and the digest: ${quoted(bare)}`
        : 'set a tag; to deploy by digest, set the digest reflection of the ImagePolicy',
  });
}

/**
 * Checks that the initial tag is in the range, if the initial tag is a version.
 *
 * @throws FORGE-FLUX-010
 */
export function checkedInitialVersion(tag: string, range: string): string {
  if (!isVersionTag(checkedTag(tag)) || satisfies(tag, range)) {
    return tag;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-010',
    message: `initialTag ${quoted(tag)} is a version that the range ${quoted(range)} does not contain`,
    allowed: 'a version in the range, or a tag that is no version',
    fix: tag.includes('-')
      ? `set a range that names a prerelease, for example ">=${tag}", or set initialTag to a release`
      : 'set initialTag to a version in the range, or widen the range',
    symptom: 'no error: Flux never selects the tag again, and deploys another version as soon as one is found',
  });
}

/**
 * Checks that what a filter leaves of a tag can be a version.
 *
 * @throws FORGE-FLUX-009
 */
export function assertVersions(filter: TagFilter): void {
  if (filter.keys.intersects(VERSION())) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-009',
    message: `pattern ${quoted(filter.pattern)} never leaves a version of a tag`,
    allowed: 'three numbers with dots, for example 1.2.3, v1.2.3 or 1.2.3-rc.1',
    fix: 'set pattern and extract so that three numbers remain, or sort by TagPolicy.numeric(…) or TagPolicy.alphabetical(…)',
    symptom: 'unable to determine latest version from provided list',
  });
}

/**
 * Checks that what a filter leaves of a tag is always a number that Flux can compare.
 *
 * @throws FORGE-FLUX-009
 */
export function assertNumbers(filter: TagFilter): void {
  const { pattern, keys } = filter;
  const isNumber = keys.isWithin(NUMBER());
  if (isNumber && keys.fewestDigits <= MOST_DIGITS) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-009',
    message: isNumber
      ? `pattern ${quoted(pattern)} leaves numbers of at least ${keys.fewestDigits} digits, and Flux compares ${MOST_DIGITS}`
      : `pattern ${quoted(pattern)} can leave a text that is not a number`,
    allowed: `a number of at most ${MOST_DIGITS} digits, decimals included, for every tag that the pattern selects`,
    fix: isNumber
      ? 'use TagPolicy.alphabetical(…): texts of one length sort like numbers'
      : 'set pattern to ^…(?P<number>[0-9]+)…$; to sort versions, use TagPolicy.semver(…)',
    symptom: isNumber
      ? 'no error: Flux selects one of several equal numbers at random'
      : 'failed to parse invalid numeric value: one such tag stops the whole policy',
  });
}

/**
 * Checks that a filter does not sort by commit.
 *
 * @throws FORGE-FLUX-009
 */
export function assertOrdered(filter: TagFilter): void {
  const { keys, pattern } = filter;
  if (!keys.isWithin(COMMIT()) || !keys.intersects(LETTERED_COMMIT()) || keys.isWithin(TIMED_COMMIT())) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-009',
    message: `pattern ${quoted(pattern)} leaves a commit, and commits have no order`,
    allowed: 'a part that grows with each build: a time, a number, a version',
    fix: 'add the time to the tags, as in main-<commit>-<unix time>, and use TagPolicy.timestamped(); or follow one tag with TagPolicy.newest(…)',
    symptom: 'no error: Flux selects the commit that sorts last, not the newest commit',
  });
}
