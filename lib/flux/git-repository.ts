import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as l1 from '../../imports/source.toolkit.fluxcd.io';
import { Repository } from '../forge';
import { SecretSource } from '../secret';
import { fluxDuration } from './duration';

/**
 * A repository that Flux follows.
 */
export interface GitRepositoryProps {
  /** The repository. Flux clones it over the forge's internal URL. */
  readonly repository: Repository;

  /**
   * The branch to follow.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * Credentials to clone with, and to push with when an ImageUpdateAutomation uses this source.
   *
   * @default - none, for a public repository that nothing pushes to
   */
  readonly credentials?: SecretSource;

  /**
   * How often to look for new commits.
   *
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
}

/**
 * Flux's GitRepository.
 *
 * @see https://fluxcd.io/flux/components/source/gitrepositories/
 *
 * @example
 *
 * new GitRepository(chart, 'gitops', { repository: gitea.repository('platform/gitops') });
 */
export class GitRepository extends Construct {
  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  /** The branch that is followed. */
  readonly branch: string;

  constructor(scope: Construct, id: string, props: GitRepositoryProps) {
    super(scope, id);
    this.branch = props.branch ?? 'main';
    const secretName = props.credentials?.provide(this, {
      purpose: `Flux clones ${props.repository.fullName} and pushes new image tags to it`,
      type: 'Opaque',
      keys: ['username', 'password'],
      tokenScope: 'write:repository',
    });
    this.apiObject = new l1.GitRepository(this, 'Resource', {
      metadata: { name: id },
      spec: {
        url: props.repository.internalCloneUrl,
        interval: fluxDuration(props.interval ?? Duration.minutes(1)),
        ref: { branch: this.branch },
        ...(secretName ? { secretRef: { name: secretName } } : {}),
      },
    });
  }
}
