import { IConstruct } from 'constructs';
import { advise, ForgeError, once, quoted } from '../../support';
import { TagFilter } from '../pattern/filter';
import { Language } from '../pattern/language';
import { parseRe2 } from '../pattern/re2';
import { compareVersions, satisfies } from '../semver/check';
import { isVersionTag } from '../semver/grammar';
import { assertSemverRange, lowestNamed } from '../semver/range';
import { assertNumbers, assertOrdered, assertVersions, checkedInitialVersion, checkedTag } from './tags/checks';
import {
  AlphabeticalTagsOptions,
  NumericTagsOptions,
  SemverTagsOptions,
  SortOrder,
  TagOrder,
  TimestampedTagsOptions,
} from './tags/options';

const LOWER_CASE = once(() => Language.whole(parseRe2('[a-z0-9_.-]+').root));

interface Shape {
  readonly order: TagOrder;
  readonly initialTag: string;
  readonly policy: object;
  readonly filter?: TagFilter;
  readonly range?: string;
  /** A tag in the format that the policy sorts, for messages. */
  readonly sortable: string;
}

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
   * @throws FORGE-FLUX-001 if a tag cannot begin with the branch's name, FORGE-FLUX-010 for an initial tag that is none
   */
  static timestamped(branch: string = 'main', options: TimestampedTagsOptions = {}): TagPolicy {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(branch)) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-001',
        message: `branch ${quoted(branch)} cannot be the beginning of a tag`,
        allowed: 'letters, digits, "_", "." and "-", at most 100 characters, the first a letter, a digit or "_"',
        fix: 'set branch to a branch with such a name',
      });
    }
    return new TagPolicy({
      order: TagOrder.TIMESTAMP,
      initialTag: checkedTag(options.initialTag ?? `${branch}-0000000-0`),
      policy: { numerical: { order: 'asc' } },
      filter: TagFilter.of(`^${escaped(branch)}-[0-9a-f]{7,40}-(?P<ts>[0-9]+)$`),
      sortable: `${branch}-<commit>-<unix time>`,
    });
  }

  /**
   * Creates a policy for tags that are versions. The highest version in the range is selected.
   *
   * @param range in the grammar of Masterminds/semver: `1.x`, `>=1.2.0 <2.0.0`, `^1.2 || ^3`; `>=1.0.0-0` takes prereleases in
   * @throws FORGE-FLUX-006 for a range, FORGE-FLUX-007 or 008 for a pattern that Flux would refuse, FORGE-FLUX-009 for a pattern that
   * never leaves a version, FORGE-FLUX-010 for an initial tag outside the range
   */
  static semver(range: string, options: SemverTagsOptions = {}): TagPolicy {
    assertSemverRange(range);
    const { pattern, extract } = options;
    const filter = pattern === undefined && extract === undefined ? undefined : TagFilter.of(pattern ?? '', extract);
    if (filter) {
      assertVersions(filter);
    }
    return new TagPolicy({
      order: TagOrder.SEMVER,
      initialTag: checkedInitialVersion(options.initialTag ?? lowestNamed(range), range),
      policy: { semver: { range } },
      filter,
      range,
      sortable: pattern ?? `a version in ${range}`,
    });
  }

  /**
   * Creates a policy for tags that contain a number. The tag with the highest number is selected.
   *
   * @throws FORGE-FLUX-007 or 008 for a pattern that Flux would refuse, FORGE-FLUX-009 if it lets through more than numbers
   */
  static numeric(options: NumericTagsOptions = {}): TagPolicy {
    const filter = TagFilter.of(options.pattern ?? '^(?P<number>[0-9]+)$', options.extract);
    assertNumbers(filter);
    return new TagPolicy({
      order: TagOrder.NUMERIC,
      initialTag: checkedTag(options.initialTag ?? '0'),
      policy: { numerical: { order: options.order ?? SortOrder.ASCENDING } },
      filter,
      sortable: filter.pattern,
    });
  }

  /**
   * Creates a policy for tags that sort as text, for example dates in the format `2026-11-28`. The last tag is selected.
   *
   * @throws FORGE-FLUX-007 or 008 for a pattern that Flux would refuse, FORGE-FLUX-009 if it sorts by commit
   */
  static alphabetical(options: AlphabeticalTagsOptions): TagPolicy {
    const filter = TagFilter.of(options.pattern, options.extract);
    assertOrdered(filter);
    return new TagPolicy({
      order: TagOrder.ALPHABETICAL,
      initialTag: checkedTag(options.initialTag ?? '0'),
      policy: { alphabetical: { order: options.order ?? SortOrder.ASCENDING } },
      filter,
      sortable: filter.pattern,
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
    return new TagPolicy({
      order,
      initialTag: checkedTag(tag),
      policy: { alphabetical: { order: 'asc' } },
      filter: TagFilter.of(`^${escaped(tag)}$`),
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

  /**
   * Reports whether a tag in lower case can match. Gitea and Forgejo store tags in lower case.
   *
   * @internal
   */
  get _allowsLowerCase(): boolean {
    const { filter, initialTag } = this.shape;
    // A tag that the policy is known to select answers most often, and spares the comparison of languages.
    const isExample = initialTag === initialTag.toLowerCase() && filter?.keyOf(initialTag) !== undefined;
    return isExample || (filter?.tags.intersects(LOWER_CASE()) ?? true);
  }

  /** Returns whether the policy can select a tag: the pattern selects the tag, and the range contains its version. */
  canSort(tag: string): boolean {
    const key = this.keyOf(tag);
    return key !== undefined && (this.shape.range === undefined || satisfies(key, this.shape.range));
  }

  /**
   * Checks that a build pushes at least one tag that the policy can sort. A pinned tag passes, because the tag already
   * exists.
   *
   * @param construct where to report it
   * @param tags tags as the build would push them, e.g. `main-0123abc`
   * @throws FORGE-FLUX-010 if there is none
   */
  assertSorts(construct: IConstruct, tags: string[]): void {
    const sorted = tags.filter((tag) => this.canSort(tag));
    if (sorted.length > 0 || this.order === TagOrder.PINNED) {
      this.warnOfTwins(construct, sorted);
      return;
    }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-010',
      message: `the build pushes ${tags.map(quoted).join(', ') || 'no tag'}, and the policy sorts none of them`,
      allowed: `tags of the form ${this.sortableForm}`,
      fix: this.fixFor(tags),
      symptom: 'version list argument cannot be empty; no image is ever selected',
    });
  }

  /**
   * Returns the corresponding part of an ImagePolicy's spec.
   *
   * @internal
   */
  _render(): object {
    const { filter, policy } = this.shape;
    return { ...(filter ? { filterTags: filter.render() } : {}), policy: structuredClone(policy) };
  }

  private keyOf(tag: string): string | undefined {
    return this.shape.filter ? this.shape.filter.keyOf(tag) : tag;
  }

  private fixFor(tags: string[]): string {
    const { range } = this.shape;
    const versions = range === undefined ? [] : tags.filter((tag) => isVersionTag(this.keyOf(tag) ?? ''));
    if (versions.some((tag) => this.keyOf(tag)!.includes('-'))) {
      return `set a range that names a prerelease, for example ">=${this.keyOf(versions[0])}": ${quoted(range!)} contains releases only`;
    }
    if (versions.length > 0) {
      return `set a range that contains ${quoted(this.keyOf(versions[0])!)}, or push a version in ${quoted(range!)}`;
    }
    return tags.some((tag) => /^[A-Za-z0-9_.-]+-[0-9a-f]{7,40}$/.test(tag))
      ? 'add the time to the tags, as in main-<commit>-<unix time>, and use TagPolicy.timestamped(): a commit has no order'
      : `push a tag of that form too, or follow a tag that moves: TagPolicy.newest(${quoted(tags[0] ?? 'latest')})`;
  }

  /** Warns about two tags that Flux cannot tell apart, such as `1.2.3` and `v1.2.3`. */
  private warnOfTwins(construct: IConstruct, tags: string[]): void {
    const twin = tags.flatMap((a, i) => tags.slice(i + 1).map((b) => [a, b])).find(([a, b]) => this.areTwins(a, b));
    if (twin) {
      advise(construct, () => ({
        warnings: [
          `The build pushes \`${twin[0]}\` and \`${twin[1]}\`, which are equal for Flux. Flux selects one of the two at random and may alternate. Push one of the two, or set \`pattern\` at the tag policy.`,
        ],
      }));
    }
  }

  private areTwins(a: string, b: string): boolean {
    const [first, second] = [this.keyOf(a)!, this.keyOf(b)!];
    if (a === b) {
      return false;
    }
    switch (this.order) {
      case TagOrder.SEMVER:
        return compareVersions(first, second) === 0;
      case TagOrder.NUMERIC:
      case TagOrder.TIMESTAMP:
        return Number(first) === Number(second);
      default:
        return first === second;
    }
  }
}

function escaped(text: string): string {
  return text.replace(/\./g, '\\.');
}
