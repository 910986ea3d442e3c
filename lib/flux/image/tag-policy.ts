import { IConstruct } from 'constructs';
import { TAG } from '../../output';
import { ForgeError, quoted } from '../../support';
import { parseRe2 } from './re2';
import { assertSemverRange, isVersionTag, lowestNamed } from './semver-range';

/**
 * What tells tags apart, and so which tags a build has to make.
 */
export enum TagOrder {
  /** The time in the tag: `<branch>-<commit>-<unix time>`. */
  TIMESTAMP = 'timestamp',
  /** The version that the tag is. */
  SEMVER = 'semver',
  /** A number in the tag. */
  NUMERIC = 'numeric',
  /** Nothing: one tag moves, and the digest tells images apart. */
  MOVING = 'moving',
  /** Nothing: one tag, for good. */
  PINNED = 'pinned',
}

/**
 * Which tags take part in the order of versions.
 */
export interface SemverTagsOptions {
  /**
   * A regular expression (Go's syntax); other tags are left out. With a group, the group must be the version.
   *
   * @default - every tag that is a version
   */
  readonly pattern?: string;

  /**
   * The version inside a tag, as `$group`.
   *
   * @default - the named group of the pattern; the whole tag if there is none
   */
  readonly extract?: string;

  /**
   * The tag that the image enters the lock with, before its first build.
   *
   * @default - the lowest version that the range names
   */
  readonly initialTag?: string;
}

/**
 * Where the number is in a tag.
 */
export interface NumericTagsOptions {
  /**
   * A regular expression (Go's syntax); other tags are left out.
   *
   * @default '^(?P<number>[0-9]+)$'
   */
  readonly pattern?: string;

  /**
   * The number inside a tag, as `$group`; the group may match digits only, because one other tag stops the whole policy.
   *
   * @default - the named group of the pattern
   */
  readonly extract?: string;

  /**
   * The tag that the image enters the lock with, before its first build.
   *
   * @default '0'
   */
  readonly initialTag?: string;
}

interface Shape {
  readonly order: TagOrder;
  readonly initialTag: string;
  readonly spec: object;
  readonly pattern?: string;
  /** A tag in the form that would be sorted, for messages. */
  readonly sortable: string;
}

/** A group that matches digits, at least one, and nothing else: what Flux can read as a number whatever the tag. */
const ONLY_DIGITS = /^(?:(?:\[0-9\]|\\d|\[\[:digit:\]\]|[0-9])(?:\+|\{[1-9][0-9]*(?:,[0-9]*)?\})?)+$/;

/**
 * Which tag of an image is the newest: the order that Flux sorts by, and the form that a build must give its tags.
 *
 * One object for both sides, so that a build cannot push what the policy cannot sort.
 *
 * @see https://fluxcd.io/flux/guides/sortable-image-tags/
 *
 * @example
 *
 * TagPolicy.timestamped();
 * TagPolicy.semver('1.x');
 */
export class TagPolicy {
  /**
   * Tags of the form `<branch>-<commit>-<unix time>`; the latest build of the branch wins.
   *
   * @param branch the branch whose builds are deployed
   * @throws FORGE-FLUX-001 if a tag cannot begin with the branch's name
   */
  static timestamped(branch: string = 'main'): TagPolicy {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(branch)) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-001',
        message: `a tag cannot begin with the branch name ${quoted(branch)}`,
        allowed: 'letters, digits, "_", "." and "-", at most 100 characters, the first a letter, a digit or "_"',
        fix: 'deploy from a branch with such a name',
      });
    }
    const pattern = `^${escaped(branch)}-[0-9a-f]{7,40}-(?P<ts>[0-9]+)$`;
    return new TagPolicy({
      order: TagOrder.TIMESTAMP,
      initialTag: `${branch}-0000000-0`,
      spec: { filterTags: { pattern, extract: '$ts' }, policy: { numerical: { order: 'asc' } } },
      pattern,
      sortable: `${branch}-<commit>-<unix time>`,
    });
  }

  /**
   * Tags that are versions; the highest in the range wins.
   *
   * @param range in the grammar of Masterminds/semver: `1.x`, `>=1.2.0 <2.0.0`, `^1.2 || ^3`; `>=1.0.0-0` takes prereleases in
   * @throws FORGE-FLUX-006 for a range, FORGE-FLUX-007 or 008 for a pattern that Flux would refuse
   */
  static semver(range: string, options: SemverTagsOptions = {}): TagPolicy {
    assertSemverRange(range);
    const { pattern } = options;
    const filterTags = pattern === undefined ? undefined : { pattern, extract: extraction(pattern, options.extract) };
    if (pattern === undefined && options.extract !== undefined) {
      throw noGroup('', options.extract);
    }
    return new TagPolicy({
      order: TagOrder.SEMVER,
      initialTag: checkedTag(options.initialTag ?? lowestNamed(range)),
      spec: { ...(filterTags ? { filterTags: withoutEmpty(filterTags) } : {}), policy: { semver: { range } } },
      pattern,
      sortable: pattern ?? `a version in ${range}`,
    });
  }

  /**
   * Tags with a number in them; the highest wins.
   *
   * @throws FORGE-FLUX-007 or 008 for a pattern that Flux would refuse, FORGE-FLUX-009 if it lets through more than numbers
   */
  static numeric(options: NumericTagsOptions = {}): TagPolicy {
    const pattern = options.pattern ?? '^(?P<number>[0-9]+)$';
    const extract = extraction(pattern, options.extract);
    assertNumber(pattern, extract);
    return new TagPolicy({
      order: TagOrder.NUMERIC,
      initialTag: checkedTag(options.initialTag ?? '0'),
      spec: { filterTags: withoutEmpty({ pattern, extract }), policy: { numerical: { order: 'asc' } } },
      pattern,
      sortable: pattern,
    });
  }

  /**
   * One tag that moves, such as `latest`: the newest image behind it, told apart by its digest. Its policy reflects digests.
   *
   * @param tag the tag that every build pushes again
   * @throws FORGE-FLUX-010 if it is not a tag
   */
  static newest(tag: string): TagPolicy {
    return TagPolicy.single(tag, TagOrder.MOVING);
  }

  /**
   * One tag and no other: to hold a version, or to go back to one. The tag is not expected to move.
   *
   * @param tag the tag to deploy
   * @throws FORGE-FLUX-010 if it is not a tag
   */
  static pinned(tag: string): TagPolicy {
    return TagPolicy.single(tag, TagOrder.PINNED);
  }

  private static single(tag: string, order: TagOrder): TagPolicy {
    const pattern = `^${escaped(checkedTag(tag))}$`;
    return new TagPolicy({
      order,
      initialTag: tag,
      spec: { filterTags: { pattern }, policy: { alphabetical: { order: 'asc' } } },
      pattern,
      sortable: tag,
    });
  }

  private constructor(private readonly shape: Shape) {}

  /** What tells tags apart. */
  get order(): TagOrder {
    return this.shape.order;
  }

  /** The tag that an image enters the lock with, before its first build. */
  get initialTag(): string {
    return this.shape.initialTag;
  }

  /** The form of the tags it sorts, for people. */
  get sortableForm(): string {
    return this.shape.sortable;
  }

  /** Whether the policy takes a tag into account. */
  sorts(tag: string): boolean {
    const { order, pattern } = this.shape;
    if (pattern === undefined) {
      return isVersionTag(tag);
    }
    try {
      const match = new RegExp(pattern.replace(/\(\?P</g, '(?<'), 'u').exec(tag);
      return (
        match !== null &&
        (order !== TagOrder.SEMVER || isVersionTag(Object.values(match.groups ?? {})[0] ?? match[1] ?? tag))
      );
    } catch {
      // Go takes it, JavaScript does not: then only Flux can tell.
      return true;
    }
  }

  /**
   * Checks that among the tags that a build pushes is one that the policy can sort.
   *
   * @param construct where to report it
   * @param tags tags as the build would push them, e.g. `main-0123abc`
   * @throws FORGE-FLUX-010 if there is none
   */
  assertSorts(construct: IConstruct, tags: string[]): void {
    if (tags.some((tag) => this.sorts(tag))) {
      return;
    }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-010',
      message: `the build pushes ${tags.map(quoted).join(', ') || 'no tag'}, and the policy sorts none of them`,
      allowed: `tags of the form ${this.sortableForm}`,
      fix: tags.some((tag) => /^[A-Za-z0-9_.-]+-[0-9a-f]{7,40}$/.test(tag))
        ? 'a commit says nothing about order: add the time, as in main-<commit>-<unix time>, and use TagPolicy.timestamped()'
        : `push a tag of that form as well, or follow the tag that moves: TagPolicy.newest(${quoted(tags[0] ?? 'latest')})`,
      symptom: 'version list argument cannot be empty; no image is ever selected',
    });
  }

  /**
   * The part of an ImagePolicy's spec that this stands for.
   *
   * @internal
   */
  _render(): object {
    return structuredClone(this.shape.spec);
  }
}

function escaped(text: string): string {
  return text.replace(/\./g, '\\.');
}

function checkedTag(tag: string): string {
  if (TAG.test(tag)) {
    return tag;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-010',
    message: `${quoted(tag)} is not a tag of an image`,
    allowed: 'letters, digits, "_", "." and "-", at most 128 characters, the first a letter, a digit or "_"',
    fix: 'give the tag alone, without the name of the image and without a digest',
  });
}

/** The `extract` of a filter, always written `$group`: Flux's own substitution would see `${group}`. */
function extraction(pattern: string, extract: string | undefined): string {
  const { groups } = parseRe2(pattern);
  const named = groups.filter((name) => name !== '');
  if (extract === undefined) {
    return named.length === 1 ? `$${named[0]}` : '';
  }
  const group = /^\$([A-Za-z_][A-Za-z0-9_]*|[1-9][0-9]*)$/.exec(extract)?.[1];
  if (group === undefined) {
    throw noGroup(pattern, extract);
  }
  if (!(/^[0-9]+$/.test(group) ? Number(group) <= groups.length : named.includes(group))) {
    throw noGroup(pattern, extract);
  }
  return extract;
}

function noGroup(pattern: string, extract: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FLUX-008',
    message: `${quoted(extract)} names no group of the pattern ${quoted(pattern)}`,
    allowed: '$name of a group (?P<name>…), or $1, $2 …, and nothing else',
    fix: 'name the group that holds what to sort by, e.g. ^main-(?P<n>[0-9]+)$ and $n',
    symptom: 'version list argument cannot be empty: every tag is cut down to nothing',
  });
}

function assertNumber(pattern: string, extract: string): void {
  const { groups, bodies } = parseRe2(pattern);
  const key = extract.slice(1);
  const index = /^[0-9]+$/.test(key) ? Number(key) - 1 : groups.indexOf(key);
  const whole = /^\^(.*)\$$/s.exec(pattern)?.[1] ?? '';
  if (ONLY_DIGITS.test(extract === '' ? whole : bodies[index])) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-009',
    message: `what ${quoted(pattern)} leaves of a tag need not be a number`,
    allowed: 'a group of digits alone, [0-9]+, and an extract that names it',
    fix: 'write ^…(?P<number>[0-9]+)…$; to sort versions, use TagPolicy.semver(…)',
    symptom: 'failed to parse invalid numeric value: one such tag stops the whole policy',
  });
}

function withoutEmpty(filter: { pattern: string; extract: string }): object {
  return filter.extract === '' ? { pattern: filter.pattern } : filter;
}
