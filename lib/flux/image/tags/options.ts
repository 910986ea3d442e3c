/** A criterion that distinguishes tags, and therefore determines the tags that a build must create. */
export enum TagOrder {
  /** The time in a tag in the format `<branch>-<commit>-<unix time>`. */
  TIMESTAMP = 'timestamp',
  /** The version that the tag represents. */
  SEMVER = 'semver',
  /** A number in the tag. */
  NUMERIC = 'numeric',
  /** The text order of the tags, or of a part of the tags. */
  ALPHABETICAL = 'alphabetical',
  /** No tag order: a single tag moves, and the digest distinguishes images. */
  MOVING = 'moving',
  /** No tag order: a single tag that never changes. */
  PINNED = 'pinned',
}

/** A direction in which tags are sorted. Flux selects the last tag. */
export enum SortOrder {
  /** The largest number, or the last text, is selected. */
  ASCENDING = 'asc',
  /** The smallest number, or the first text, is selected. */
  DESCENDING = 'desc',
}

/** A set of options for tags that contain the time of a build. */
export interface TimestampedTagsOptions {
  /**
   * The initial tag of the image in the image lock (`images.yaml`). Set the tag that an existing application runs, so
   * that the first synth does not replace the application.
   *
   * @default '<branch>-0000000-0', which is not an existing tag
   */
  readonly initialTag?: string;
}

/** A selection of the tags that are compared as versions. */
export interface SemverTagsOptions {
  /**
   * A regular expression (Go syntax) that selects tags. Other tags are ignored. What the expression leaves of a tag must
   * be able to be a version.
   *
   * @default - every tag that is a version
   */
  readonly pattern?: string;

  /**
   * The version inside a tag, as a template such as `$version` or `$major.$minor.0`.
   *
   * @default - the named group of the pattern; the whole tag if there is none
   */
  readonly extract?: string;

  /**
   * The initial tag of the image in the image lock (`images.yaml`), before the first build. If the tag is a version, the
   * range must contain the version.
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
   * The number inside a tag, as a template such as `$number`, `$day$run` or `$major.$minor`. The result must always be a
   * number of at most 15 digits, decimals included, because one tag with another result stops the whole policy.
   *
   * @default - the named group of the pattern
   */
  readonly extract?: string;

  /**
   * The direction in which numbers are sorted.
   *
   * @default SortOrder.ASCENDING
   */
  readonly order?: SortOrder;

  /**
   * The initial tag of the image in the image lock (`images.yaml`), before the first build.
   *
   * @default '0'
   */
  readonly initialTag?: string;
}

/** A definition of the tags that are sorted as text. */
export interface AlphabeticalTagsOptions {
  /**
   * A regular expression (Go syntax) that selects tags. Other tags are ignored. Without a selection, Flux would prefer
   * `latest` to most tags.
   */
  readonly pattern: string;

  /**
   * The text to sort by, as a template such as `$date`.
   *
   * @default - the named group of the pattern; the whole tag if there is none
   */
  readonly extract?: string;

  /**
   * The direction in which texts are sorted.
   *
   * @default SortOrder.ASCENDING
   */
  readonly order?: SortOrder;

  /**
   * The initial tag of the image in the image lock (`images.yaml`), before the first build.
   *
   * @default '0'
   */
  readonly initialTag?: string;
}
