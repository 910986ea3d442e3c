import { TagPolicy } from '../../flux';
import { branchInTags, TagForm, Versioning } from '../../recipe';
import { Tag } from './tag';

/** A set of options that all tags accept. */
export interface TagsOptions {
  /**
   * Tags that builds push beside the tag that Flux sorts.
   *
   * @default - none
   */
  readonly also?: Tag[];

  /**
   * The initial tag of the image in the image lock (`images.yaml`), before Flux selects a tag. Set a tag that exists, for
   * example the tag that runs now: pods pull the initial tag until Flux selects another one.
   *
   * @default - a tag of the right form that does not exist
   */
  readonly initialTag?: string;
}

/** A set of options for tags that are versions. */
export interface VersionTagsOptions extends TagsOptions {
  /**
   * Range of the versions that are deployed, for example `1.x`.
   *
   * @default - every release
   */
  readonly range?: string;
}

interface Shape extends TagsOptions {
  readonly form: TagForm;
  readonly versioning?: Versioning;
  readonly range?: string;
}

/**
 * A set of tags that builds push and Flux sorts. One object is both: what the workflow pushes, and the tag policy that
 * selects the newest build.
 *
 * @see https://fluxcd.io/flux/guides/sortable-image-tags/
 *
 * @example
 *
 * Tags.timestamped({ also: [Tag.LATEST_ON_DEFAULT_BRANCH] });
 * Tags.semver(Versioning.fromCommits());
 */
export class Tags {
  /** Creates tags in the form `<branch>-<commit>-<unix time>`. The newest build of the branch is deployed. */
  static timestamped(options: TagsOptions = {}): Tags {
    return new Tags({ ...options, form: TagForm.TIMESTAMP });
  }

  /**
   * Creates tags in the form `<branch>-build.<number>`. The number is the number of the workflow run; a run that is
   * started again has its attempt behind it: `main-build.12.02`. GitHub counts the runs of each workflow file, so the
   * file must keep its name.
   */
  static buildNumber(options: TagsOptions = {}): Tags {
    return new Tags({ ...options, form: TagForm.BUILD_NUMBER });
  }

  /**
   * Creates tags that are versions, without prefix: `1.2.3`. The highest version in the range is deployed.
   *
   * A version that is computed is tagged in the repository after all images are pushed, so that the next run computes
   * the next version.
   *
   * @param versioning the way to find the version, for example `Versioning.fromCommits()`
   * @throws FORGE-FLUX-006 for a range that Flux does not accept
   */
  static semver(versioning: Versioning, options: VersionTagsOptions = {}): Tags {
    return new Tags({ ...options, form: TagForm.VERSION, versioning });
  }

  /**
   * Creates tags that are calendar versions, such as `2026.11.3`: year, month, and the number of the release in the month.
   *
   * @throws FORGE-FLUX-006 for a range that Flux does not accept
   */
  static calver(options: VersionTagsOptions = {}): Tags {
    return new Tags({ range: '>=2000.0.0', ...options, form: TagForm.VERSION, versioning: Versioning.calver() });
  }

  private constructor(private readonly shape: Shape) {
    // What is wrong is reported where the tags are created.
    this.policyFor('main');
  }

  /**
   * Returns the policy that selects the newest of the tags.
   *
   * @param branch the branch whose builds are deployed
   */
  policyFor(branch: string): TagPolicy {
    const { form, range = '>=0.0.0', initialTag } = this.shape;
    const name = branchInTags(branch);
    switch (form) {
      case TagForm.VERSION:
        return TagPolicy.semver(range, initialTag === undefined ? {} : { initialTag });
      case TagForm.BUILD_NUMBER:
        return TagPolicy.numeric({
          pattern: `^${escaped(name)}-build\\.(?P<number>[0-9]+(?:\\.[0-9]{2})?)$`,
          initialTag: initialTag ?? `${name}-build.0`,
        });
      default:
        return TagPolicy.timestamped(name, { initialTag });
    }
  }

  /**
   * Returns what the tags of a branch have in common. Builds whose tags have the same words are one sequence for Flux.
   *
   * @internal
   */
  _sequence(branch: string): string {
    const { form } = this.shape;
    return form === TagForm.VERSION ? form : `${form} ${branchInTags(branch)}`;
  }

  /**
   * Returns tags as a build of the branch pushes them, for checks.
   *
   * @internal
   */
  _examples(branch: string): string[] {
    const { form } = this.shape;
    const name = branchInTags(branch);
    switch (form) {
      case TagForm.VERSION:
        return [TagPolicy.semver(this.shape.range ?? '>=0.0.0').initialTag];
      case TagForm.BUILD_NUMBER:
        return [`${name}-build.12`];
      default:
        return [`${name}-0123abc-1763600000`];
    }
  }

  /**
   * Form of the tag that Flux sorts.
   *
   * @internal
   */
  get _form(): TagForm {
    return this.shape.form;
  }

  /**
   * The way to find the version; undefined if the tags are no versions.
   *
   * @internal
   */
  get _versioning(): Versioning | undefined {
    return this.shape.versioning;
  }

  /**
   * Tags that are pushed beside the tag that Flux sorts.
   *
   * @internal
   */
  get _also(): Tag[] {
    return [...(this.shape.also ?? [])];
  }

  /**
   * Reports whether a build needs the version of the run: one of its tags is the version.
   *
   * @internal
   */
  get _needsVersion(): boolean {
    return this.shape.versioning !== undefined || this._also.some((tag) => tag._needsVersion);
  }

  /**
   * Reports whether runs for Git tags push versions: the tags are no versions, but versions are among the extra tags.
   *
   * @internal
   */
  get _readsGitTags(): boolean {
    return this.shape.form !== TagForm.VERSION && this._also.some((tag) => tag._needsVersion);
  }

  /**
   * Returns the form that Flux sorts as a POSIX regular expression, so that no other tag gets it.
   *
   * @internal
   */
  _sorted(branch: string): string {
    const name = escaped(branchInTags(branch));
    switch (this.shape.form) {
      case TagForm.VERSION:
        return '^v?[0-9]+\\.[0-9]+\\.[0-9]+';
      case TagForm.BUILD_NUMBER:
        return `^${name}-build\\.[0-9]+(\\.[0-9]{2})?$`;
      default:
        return `^${name}-[0-9a-f]{7,40}-[0-9]+$`;
    }
  }
}

function escaped(text: string): string {
  return text.replace(/\./g, '\\.');
}
