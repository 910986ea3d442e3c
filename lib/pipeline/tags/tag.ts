import { ExtraTag } from '../../recipe';

/**
 * A tag that a build pushes beside the tag that Flux sorts.
 *
 * @example
 *
 * Tags.timestamped({ also: [Tag.LATEST_ON_DEFAULT_BRANCH, Tag.BRANCH_SHA] });
 */
export class Tag {
  /** `latest`, for builds of the branch of the pipeline. */
  static readonly LATEST_ON_DEFAULT_BRANCH = new Tag(ExtraTag.LATEST, false);
  /** Name of the branch, in the form that a tag can have. */
  static readonly BRANCH = new Tag(ExtraTag.BRANCH, false);
  /** Name of the branch and the short commit, such as `main-0123abc`. Flux cannot sort such tags. */
  static readonly BRANCH_SHA = new Tag(ExtraTag.BRANCH_SHA, false);
  /** The version, such as `1.2.3`: the computed version, or the Git tag that started the run. */
  static readonly SEMVER = new Tag(ExtraTag.VERSION, true);
  /** The first two numbers of the version of a release, such as `1.2`. */
  static readonly SEMVER_MINOR = new Tag(ExtraTag.MINOR, true);
  /** The first number of the version of a release, such as `1`. Version 0 has no such tag. */
  static readonly SEMVER_MAJOR = new Tag(ExtraTag.MAJOR, true);

  private constructor(
    private readonly extra: ExtraTag,
    private readonly fromVersion: boolean,
  ) {}

  /**
   * The word of the tag in the script that computes tags.
   *
   * @internal
   */
  get _extra(): ExtraTag {
    return this.extra;
  }

  /**
   * Reports whether the tag needs a version.
   *
   * @internal
   */
  get _needsVersion(): boolean {
    return this.fromVersion;
  }
}
