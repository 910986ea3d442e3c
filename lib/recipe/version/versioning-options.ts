import { ReadyStepOptions } from '../../workflow';

/** A set of options that every way of versioning accepts. */
export interface VersioningOptions {
  /**
   * Text before the version in a tag. A prefix for each component gives a monorepo one version per image, for example
   * `web/v`. The version of the image has no prefix.
   *
   * @default 'v'
   */
  readonly tagPrefix?: string;
}

/** A set of options that define what a commit message says about the version. */
export interface CommitVersioningOptions extends VersioningOptions {
  /**
   * Beginnings of a commit subject that increase the major version, compared without case. A line that begins with
   * `BREAKING CHANGE` always does.
   *
   * @default ['major:']
   */
  readonly major?: string[];

  /**
   * Beginnings of a commit subject that increase the minor version, compared without case.
   *
   * @default ['minor:', 'feat:', 'feature:']
   */
  readonly minor?: string[];

  /**
   * Whether to read the other forms of Conventional Commits too: a scope (`feat(api):`), and `!` for a breaking change
   * (`fix!:`).
   *
   * @default false
   */
  readonly conventionalCommits?: boolean;

  /**
   * Version of the first release, while there is no tag of the right form.
   *
   * @default '0.1.0'
   */
  readonly initialVersion?: string;

  /**
   * Directories or files of the repository whose commits count. Set the paths of the component in a monorepo.
   *
   * @default - every commit counts
   */
  readonly paths?: string[];
}

/** A set of options that define which versions people can give. */
export interface GivenVersioningOptions extends VersioningOptions {
  /**
   * Whether to accept prereleases, such as `1.2.3-rc.1`.
   *
   * @default false
   */
  readonly prereleases?: boolean;
}

/** A set of options that define how a version is claimed. */
export interface ClaimOptions extends ReadyStepOptions {
  /**
   * Token that can push tags: `Expression.JOB_TOKEN` with `contents: write`, or `Expression.secret('…')`. A tag that the
   * job token pushes starts no other workflow.
   *
   * @default Expression.JOB_TOKEN
   */
  readonly token?: string;

  /**
   * Name of the author of the tag.
   *
   * @default 'release'
   */
  readonly authorName?: string;

  /**
   * Email address of the author of the tag.
   *
   * @default 'release@users.noreply.local'
   */
  readonly authorEmail?: string;
}
