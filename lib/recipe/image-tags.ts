import { ForgeError, quoted } from '../support';
import { Expression, ReadyStepOptions, Step } from '../workflow';
import { scriptOf } from './scripts';

/** The forms of the tag that Flux sorts. */
export enum TagForm {
  /** Tags in the form `<branch>-<commit>-<unix time>`. */
  TIMESTAMP = 'timestamp',
  /** Tags in the form `<branch>-build.<number of the run>`. */
  BUILD_NUMBER = 'build-number',
  /** Tags that are versions, such as `1.2.3`. */
  VERSION = 'version',
}

/** The tags that a build pushes beside the tag that Flux sorts. */
export enum ExtraTag {
  /** `latest`, for builds of the deployed branch. */
  LATEST = 'latest',
  /** Name of the branch. */
  BRANCH = 'branch',
  /** Name of the branch and the short commit: `main-0123abc`. Flux cannot sort such tags. */
  BRANCH_SHA = 'branch-sha',
  /** The version: `1.2.3`. */
  VERSION = 'version',
  /** The first two numbers of the version of a release: `1.2`. */
  MINOR = 'minor',
  /** The first number of the version of a release: `1`. Version 0 has no such tag. */
  MAJOR = 'major',
}

/** A set of properties that define the tags of an image. */
export interface ImageTagsProps extends ReadyStepOptions {
  /**
   * Form of the tag that Flux sorts.
   *
   * @default TagForm.TIMESTAMP
   */
  readonly form?: TagForm;

  /**
   * Tags that are pushed too.
   *
   * @default - none
   */
  readonly also?: ExtraTag[];

  /** The branch that is deployed. */
  readonly branch: string;

  /**
   * The version, for example the output `version` of a versioning step.
   *
   * @default - the name of the tag that started the run, if it is a version with the prefix
   */
  readonly version?: string;

  /**
   * Text before the version in the name of a Git tag.
   *
   * @default 'v'
   */
  readonly tagPrefix?: string;

  /**
   * A regular expression (POSIX extended) for the tags that Flux sorts. No other tag may match it.
   *
   * @default - not checked
   */
  readonly sorted?: string;
}

/**
 * A step that computes the tags of an image.
 *
 * Branches are mapped to text that a tag can hold, in lower case: `release/1.x` becomes `release-1.x`. A branch that is
 * mapped to the name of the deployed branch fails.
 *
 * @example
 *
 * const tags = ImageTags.step({ branch: 'main', also: [ExtraTag.LATEST] });
 */
export class ImageTags {
  /**
   * Creates the step. Outputs: `tags` (separated by spaces), `tag` (the first), `version`.
   *
   * @throws FORGE-RECIPE-012 for an empty branch
   */
  static step(props: ImageTagsProps): Step {
    const { form, also, branch, version, tagPrefix, sorted, ...options } = props;
    return Step._ready(
      {
        name: 'Compute the tags',
        script: scriptOf('image-tags'),
        outputs: ['tags', 'tag', 'version'],
        env: tagEnvironment({ form, also, branch, version, tagPrefix, sorted }),
      },
      options,
    );
  }

  private constructor() {}
}

/**
 * Returns the environment of the script that computes tags.
 *
 * @throws FORGE-RECIPE-012 for an empty branch
 *
 * @jsii ignore
 */
export function tagEnvironment(props: ImageTagsProps): Record<string, string> {
  const { form = TagForm.TIMESTAMP, also = [], branch, version, tagPrefix = 'v', sorted } = props;
  if (typeof branch !== 'string' || branch.trim() === '') {
    throw ForgeError.of({
      code: 'FORGE-RECIPE-012',
      message: `the deployed branch of the tags is ${quoted(branch)}`,
      allowed: 'the name of a branch',
      fix: "set branch to the branch that is deployed, for example 'main'",
    });
  }
  return {
    FORM: form,
    ...(also.length > 0 ? { ALSO: [...new Set(also)].join(' ') } : {}),
    DEPLOYED: branch,
    ...(sorted === undefined ? {} : { SORTED: sorted }),
    REF: Expression.REF,
    COMMIT: Expression.SHA,
    ...(form === TagForm.BUILD_NUMBER
      ? { RUN_NUMBER: Expression.RUN_NUMBER, RUN_ATTEMPT: Expression.RUN_ATTEMPT }
      : {}),
    ...(version === undefined ? { TAG_PREFIX: tagPrefix } : { VERSION: version }),
  };
}

/**
 * Returns a branch as the beginning of a tag, as the script of `ImageTags` maps it.
 *
 * @jsii ignore
 */
export function branchInTags(branch: string): string {
  const text = branch.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const bytes = [...Buffer.from(text, 'utf8')].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9_.-]/.test(character) ? character : '-';
  });
  return (
    bytes
      .join('')
      .replace(/^[.-]+/, '')
      .slice(0, 80) || 'branch'
  );
}
