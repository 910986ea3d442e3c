import { Expression, ReadyStepOptions, Step } from '../../workflow';
import { apiOf } from '../forge/api';
import { assertAuthor } from '../credential';
import { scriptOf } from '../scripts';
import { assertToken, refused } from './version-checks';
import { ClaimOptions } from './versioning-options';

/** A set of properties that define the tag of a release. */
export interface ReleaseTagProps extends ClaimOptions {
  /** Name of the tag with its prefix: the output `tag` of a versioning step. */
  readonly tag: string;

  /**
   * Message of the annotated tag.
   *
   * @default - 'Release ' and the tag
   */
  readonly message?: string;

  /**
   * The commit to tag.
   *
   * @default Expression.SHA
   */
  readonly commit?: string;
}

/** A set of properties that define the entry of a release at the forge. */
export interface ReleaseEntryProps extends ReadyStepOptions {
  /** Name of the tag with its prefix. */
  readonly tag: string;

  /**
   * Name of the tag of the version before, with its prefix.
   *
   * @default - none: the notes list the last 200 commits
   */
  readonly previous?: string;

  /**
   * Title of the release.
   *
   * @default - the tag
   */
  readonly title?: string;

  /**
   * The commit of the release.
   *
   * @default Expression.SHA
   */
  readonly commit?: string;

  /**
   * Token that can write releases.
   *
   * @default Expression.JOB_TOKEN - with the permission `contents: write`
   */
  readonly token?: string;
}

/**
 * A collection of steps that publish a release in the repository.
 *
 * @example
 *
 * const version = Versioning.fromCommits().compute();
 * const tag = Release.tag({ tag: version.output('tag') });
 */
export class Release {
  /**
   * Creates a step that tags the commit, after the images were built. The same tag on the same commit is accepted, so
   * that a run can be started again. The same tag on another commit is an error: a version never moves.
   *
   * The step works in a Git repository of its own. Hooks and configuration that other jobs left behind are not read.
   * Put the step into a job of its own: code of the repository that runs before it in the same job can change its programs.
   *
   * @throws FORGE-RECIPE-010 for an empty tag, FORGE-RECIPE-002 for a token in plain text
   */
  static tag(props: ReleaseTagProps): Step {
    const {
      tag,
      message = `Release ${props.tag}`,
      commit = Expression.SHA,
      token,
      authorName = 'release',
      authorEmail = 'release@users.noreply.local',
      ...step
    } = props;
    if (typeof tag !== 'string' || tag.trim() === '') {
      throw refused('the tag of the release is empty', "pass the output of a versioning step: version.output('tag')");
    }
    return Step._ready(
      {
        name: 'Tag the release',
        needsOwnJob: true,
        script: scriptOf('fail', 'isolated-git', 'private-git', 'release-tag'),
        env: {
          TAG: tag,
          MESSAGE: message,
          COMMIT: commit,
          AUTHOR_NAME: assertAuthor(authorName),
          AUTHOR_EMAIL: authorEmail,
          TOKEN: assertToken(token ?? Expression.JOB_TOKEN),
        },
      },
      step,
      (job) => ({ REPOSITORY_URL: job.repository.internalCloneUrl }),
    );
  }

  /**
   * Creates a step that publishes the release of a tag at the forge, after `Release.tag`. The notes are the subjects of the
   * commits since the version before, as plain text. A release that exists stays as it is.
   *
   * @throws FORGE-RECIPE-010 for an empty tag, FORGE-RECIPE-002 for a token in plain text
   */
  static entry(props: ReleaseEntryProps): Step {
    const { tag, previous = '', title = props.tag, commit = Expression.SHA, token, ...step } = props;
    if (typeof tag !== 'string' || tag.trim() === '') {
      throw refused('the tag of the release is empty', "pass the output of a versioning step: version.output('tag')");
    }
    return Step._ready(
      {
        name: 'Publish the release',
        needsOwnJob: true,
        script: scriptOf('fail', 'isolated-git', 'json', 'release-git', 'forge-api', 'release-entry'),
        env: {
          TAG: tag,
          PREVIOUS: previous,
          TITLE: title,
          COMMIT: commit,
          TOKEN: assertToken(token ?? Expression.JOB_TOKEN),
        },
      },
      step,
      ({ repository }) => ({
        REPOSITORY_URL: repository.internalCloneUrl,
        API: apiOf(repository),
      }),
    );
  }

  private constructor() {}
}
