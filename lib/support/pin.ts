/**
 * A version of somebody else's software that this library names.
 *
 * @jsii ignore
 */
export interface Pin {
  /** Name of the image, action, chart or program, as its source spells it. */
  readonly name: string;
  /** Version that the library names: the tag of an image or action, the version of a chart or program. */
  readonly version: string;
  /** Commit of the version, if the library can name an action by its commit. */
  readonly commit?: string;
  /** Day on which the version was compared with its source, as `YYYY-MM-DD`. */
  readonly checked: string;
  /** Newest version on that day, if the library names an older one. */
  readonly newest?: string;
  /** Page that lists the versions. */
  readonly source: string;
  /** Other software that the version needs, or the reason for an older version. */
  readonly needs?: string;
  /** Part of the output that changes with the version. */
  readonly changes: string;
}
