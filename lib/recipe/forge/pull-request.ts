import { Construct } from 'constructs';
import { IRunsOn, Repository } from '../../forge';
import { Registry, RegistryKind } from '../../registry';
import { ForgeError, quoted } from '../../support';
import { Access, Expression, ReadyStepOptions, Step, Trigger, Workflow } from '../../workflow';
import { assertLogin } from '../registry/registry-access';
import { scriptOf } from '../scripts';
import { apiOf } from './api';

/** A set of properties that define a comment on a pull request. */
export interface PullRequestCommentProps extends ReadyStepOptions {
  /** Text of the comment, in Markdown. The text may contain outputs of steps and jobs. */
  readonly text: string;

  /**
   * Word that tells this comment from others. A later run changes the comment with the same word.
   *
   * @default 'build'
   */
  readonly mark?: string;

  /**
   * Token that can write comments.
   *
   * @default Expression.JOB_TOKEN - with the permissions `issues: write` and `pull-requests: write`
   */
  readonly token?: string;
}

/** A set of properties that define what is removed when a pull request closes. */
export interface PullRequestCleanupProps {
  /** The repository that contains the workflow. */
  readonly repository: Repository;

  /** The registry of a Gitea or Forgejo server. */
  readonly registry: Registry;

  /** Names of the images and caches in the registry, without host and owner. */
  readonly images: string[];

  /** The runner that runs the workflow. */
  readonly runsOn: IRunsOn;

  /**
   * Tags to delete. `{number}` is the number of the pull request.
   *
   * @default ['pr-{number}']
   */
  readonly tags?: string[];

  /**
   * Token that can delete packages.
   *
   * @default Expression.secret('REGISTRY_TOKEN')
   */
  readonly token?: string;
}

/**
 * A collection of recipes for pull requests.
 *
 * @example
 *
 * const comment = PullRequests.comment({ text: 'Built `web`.' });
 */
export class PullRequests {
  /**
   * Creates a step that comments on the pull request of the run, and changes its comment in later runs. The step needs
   * curl and jq, and never fails the job: a pull request of a fork has no token that can write.
   *
   * @throws FORGE-RECIPE-013 for a token in plain text, FORGE-RECIPE-017 for an empty text or an invalid mark
   */
  static comment(props: PullRequestCommentProps): Step {
    const { text, mark = 'build', token = Expression.JOB_TOKEN, ...options } = props;
    if (text.trim() === '' || !/^[A-Za-z0-9-]{1,40}$/.test(mark)) {
      throw refused(
        `the comment has the text ${quoted(text)} and the mark ${quoted(mark)}`,
        'set text, and set mark to letters, digits and "-"',
      );
    }
    return Step._ready(
      {
        name: 'Comment on the pull request',
        script: scriptOf('work', 'json', 'forge-api', 'pull-request-comment'),
        env: {
          NUMBER: Expression.event('pull_request.number'),
          MARK: `cdk8s-forge-${mark}`,
          TEXT: text,
          TOKEN: assertLogin(token),
        },
      },
      options,
      ({ repository }) => ({ API: apiOf(repository) }),
    );
  }

  /**
   * Creates a workflow that deletes the tags of a pull request from the registry when the pull request is closed.
   *
   * @throws FORGE-RECIPE-013 for a token in plain text, FORGE-RECIPE-017 for a registry without an API for packages, no
   * images, or a tag without `{number}`
   */
  static cleanup(scope: Construct, id: string, props: PullRequestCleanupProps): Workflow {
    const {
      repository,
      registry,
      images,
      runsOn,
      tags = ['pr-{number}'],
      token = Expression.secret('REGISTRY_TOKEN'),
    } = props;
    const { forge, owner } = registry;
    if (registry.kind !== RegistryKind.GITEA || forge === undefined || images.length === 0) {
      throw refused(
        'the tags of pull requests cannot be deleted from this registry, or there is no image',
        'use the registry of a Gitea or Forgejo server, and set images',
      );
    }
    const fixed = tags.find((tag) => !/^[A-Za-z0-9_.-]*\{number\}[A-Za-z0-9_.-]*$/.test(tag));
    if (fixed !== undefined || tags.length === 0) {
      throw refused(
        `the tag ${quoted(fixed ?? '')} is not of one pull request`,
        "set tags to such as 'pr-{number}': other tags may be deployed",
      );
    }
    images.forEach((image) => registry.pushName(image));
    const workflow = new Workflow(scope, id, { repository, triggers: [Trigger.pullRequest({ types: ['closed'] })] });
    const step = Step._ready(
      {
        name: 'Delete the images of the pull request',
        script: scriptOf('work', 'forge-api', 'pull-request-cleanup'),
        env: {
          API: forge.product.apiUrl(forge.internalUrl, '').replace(/\/$/, ''),
          OWNER: owner ?? '',
          IMAGES: images.join('\n'),
          TAGS: tags.join('\n'),
          NUMBER: Expression.event('pull_request.number'),
          TOKEN: assertLogin(token),
        },
      },
      {},
    );
    workflow.addJob('cleanup', { runsOn, permissions: { contents: Access.NONE }, steps: [step] });
    return workflow;
  }

  private constructor() {}
}

function refused(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-017', message, fix });
}
