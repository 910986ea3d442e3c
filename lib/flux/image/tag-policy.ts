import { IConstruct } from 'constructs';
import { TAG } from '../../output';
import { ForgeError, quoted } from '../../support';
import { parseRe2 } from './re2';
import { assertSemverRange, isVersionTag, lowestNamed } from './semver-range';

/** A criterion that distinguishes tags, and therefore determines the tags that a build must create. */
export enum TagOrder {
  /** The time in a tag in the format `<branch>-<commit>-<unix time>`. */
  TIMESTAMP = 'timestamp',
  /** The version that the tag represents. */
  SEMVER = 'semver',
  /** A number in the tag. */
  NUMERIC = 'numeric',
  /** No tag order: a single tag moves, and the digest distinguishes images. */
  MOVING = 'moving',
  /** No tag order: a single tag that never changes. */
  PINNED = 'pinned',
}

/** A selection of the tags that are compared as versions. */
export interface SemverTagsOptions {
  /**
   * A regular expression (Go syntax) that selects tags. Other tags are ignored. If the expression has a group, the
   * group must match the version.
   *
   * @default - every tag that is a version
   */
  readonly pattern?: string;

  /**
   * The version inside a tag, in the format `$group`.
   *
   * @default - the named group of the pattern; the whole tag if there is none
   */
  readonly extract?: string;

  /**
   * The initial tag of the image in the image lock (`images.yaml`), before the first build.
   *
   * @default - the lowest version that the range names
   */
  readonly initialTag?: string;
}

/** A definition of the position of the number in a tag. */
export interface NumericTagsOptions {
  /**
   * A regular expression (Go syntax) that selects tags. Other tags are ignored.
   *
   * @default '^(?P<number>[0-9]+)$'
   */
  readonly pattern?: string;

  /**
   * The number inside a tag, in the format `$group`. The group must match digits only, because a single tag with other
   * characters stops the whole policy.
   *
   * @default - the named group of the pattern
   */
  readonly extract?: string;

  /**
   * The initial tag of the image in the image lock (`images.yaml`), before the first build.
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
  /** A tag in the format that the policy sorts, for messages. */
  readonly sortable: string;
}

/** A group that matches only digits, and at least one digit. Flux can read such a group as a number for every tag. */
const ONLY_DIGITS = /^(?:(?:\[0-9\]|\\d|\[\[:digit:\]\]|[0-9])(?:\+|\{[1-9][0-9]*(?:,[0-9]*)?\})?)+$/;

/**
 * A tag policy that defines the sort order of an image's tags and their required format. Flux uses the order to find
 * the newest tag. A build must use the format for its tags.
 *
 * The build and the image policy share one object, so that a build cannot push tags that the image policy cannot sort.
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
   * Creates a policy for tags in the format `<branch>-<commit>-<unix time>`. The latest build of the branch is
   * selected.
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
   * Creates a policy for tags that are versions. The highest version in the range is selected.
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
   * Creates a policy for tags that contain a number. The tag with the highest number is selected.
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
   * Creates a policy for a single tag that moves, such as `latest`. The policy selects the newest image of the tag,
   * identified by its digest. Its image policy reflects digests.
   *
   * @param tag the tag that every build pushes again
   * @throws FORGE-FLUX-010 if it is not a tag
   */
  static newest(tag: string): TagPolicy {
    return TagPolicy.single(tag, TagOrder.MOVING);
  }

  /**
   * Creates a policy for exactly one tag, to keep a version or to roll back to a version. The tag is not expected to
   * move.
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

  /** The criterion that distinguishes tags. */
  get order(): TagOrder {
    return this.shape.order;
  }

  /** The initial tag of an image in the image lock (`images.yaml`), before the first build. */
  get initialTag(): string {
    return this.shape.initialTag;
  }

  /** The format of the tags that the policy sorts, for display to people. */
  get sortableForm(): string {
    return this.shape.sortable;
  }

  /** Returns whether the policy includes a tag. */
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
   * Checks that a build pushes at least one tag that the policy can sort.
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
   * Returns the corresponding part of an ImagePolicy's spec.
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

/**
 * Returns the `extract` value of a filter, always in the format `$group`. Flux's own variable substitution would
 * replace `${group}`.
 */
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
