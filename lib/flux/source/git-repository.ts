import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/source.toolkit.fluxcd.io';
import { Repository, TokenAccess, TokenResource } from '../../forge';
import { refuseShortNames } from '../../registry';
import { SecretSource } from '../../secret';
import { constructed, ForgeError, handedOver, namespaceOf, quoted } from '../../support';
import { fluxDuration, fluxTimeout } from '../base/duration';
import { fluxName, IFluxObject } from '../base/flux-object';
import { checkedObjectName, ExistingObject, existingObject, SourceKind } from './existing-source';
import { GitReference } from './git-reference';
import { checkedDirectories } from './sparse-checkout';
import { GitVerification } from './verification';

/**
 * A repository that Flux follows.
 */
export interface GitRepositoryProps {
  /** The repository to clone. Flux clones the repository over the forge's internal URL. */
  readonly repository: Repository;

  /**
   * An alternative clone URL, for example `ssh://git@git.example.com:22/platform/gitops.git`.
   *
   * @default - the forge's internal URL for the repository
   */
  readonly url?: string;

  /**
   * The branch to follow. Set either `branch` or `reference`.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * The Git reference to follow, if not the head of a branch.
   *
   * @default - the branch
   */
  readonly reference?: GitReference;

  /**
   * The credentials for cloning, and for pushing if an ImageUpdateAutomation uses this source. HTTP(S) requires
   * `username` and `password`. SSH requires `identity` and `known_hosts`.
   *
   * @default - none, for a public repository that nothing pushes to
   */
  readonly credentials?: SecretSource;

  /**
   * The interval between checks for new commits.
   *
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;

  /**
   * The maximum duration of a clone.
   *
   * @default - Flux's own: a minute
   */
  readonly timeout?: Duration;

  /**
   * Whether to clone submodules also.
   *
   * @default false
   */
  readonly recurseSubmodules?: boolean;

  /**
   * The directories to check out, relative to the root of the repository. Flux sees no other files.
   *
   * @default - the whole repository
   */
  readonly sparseCheckout?: string[];

  /**
   * The verification of the signatures of commits and tags.
   *
   * @default - signatures are not verified
   */
  readonly verify?: GitVerification;

  /**
   * Whether to stop following the repository.
   *
   * @default false
   */
  readonly suspend?: boolean;

  /**
   * The object in the cluster, if it exists, for example the one that `flux bootstrap` creates. Nothing is emitted then: the
   * other properties say what the object has.
   *
   * @default - the object is emitted
   */
  readonly existing?: ExistingObject;
}

/**
 * A Flux GitRepository that makes a repository available as a source.
 *
 * @see https://fluxcd.io/flux/components/source/gitrepositories/
 *
 * @example
 *
 * new GitRepository(chart, 'gitops', { repository: gitea.repository('platform/gitops') });
 */
export class GitRepository extends Construct implements IFluxObject {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /** Whether to expect the object in the cluster, and to emit none. */
  readonly exists: boolean;

  /** The repository that Flux follows. */
  readonly repository: Repository;

  /** The Git reference that Flux follows. */
  readonly reference: GitReference;

  /** The directories that Flux checks out; empty for the whole repository. */
  readonly sparseCheckout: string[];

  /** The verification of signatures, or undefined if Flux verifies none. */
  readonly verify?: GitVerification;

  /**
   * @throws FORGE-FLUX-017 for a URL that Flux does not take, FORGE-FLUX-018 for a reference that git does not take,
   * FORGE-FLUX-004 for the name of an existing object that is none, FORGE-FLUX-048 for a directory that is none, FORGE-FLUX-049 for a verification of tags without a tag
   */
  constructor(scope: Construct, id: string, props: GitRepositoryProps) {
    const made = constructed(GitRepository, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    assertOneReference(this, props);
    this.repository = props.repository;
    this.sparseCheckout = checkedDirectories(this, props.sparseCheckout ?? []);
    this.verify = props.verify;
    this.reference = props.reference ?? GitReference.branch(props.branch ?? 'main');
    this.exists = props.existing !== undefined;
    this.apiObject = props.existing ? this.existing(props.existing) : this.make(props);
  }

  /** The branch that Flux follows, or an empty string if Flux follows a tag or a version range. */
  get branch(): string {
    return this.reference.pushBranch ?? '';
  }

  private existing({ name, namespace }: ExistingObject): ApiObject {
    checkedObjectName(name);
    return existingObject(SourceKind.GIT_REPOSITORY, { name, namespace: namespace ?? namespaceOf(this) });
  }

  private make(props: GitRepositoryProps): ApiObject {
    const url = this.checkedUrl(props.url ?? props.repository.internalCloneUrl);
    refuseShortNames(this, [new URL(url).host]);
    const secretName = props.credentials?.provide(this, {
      purpose: `Flux clones ${props.repository.fullName} and pushes new image tags to it`,
      type: 'Opaque',
      keys: url.startsWith('ssh:') ? ['identity', 'known_hosts'] : ['username', 'password'],
      tokenScope: props.repository.forge.product.tokenScope(TokenResource.REPOSITORY, TokenAccess.WRITE),
      forgeUrl: props.repository.forge.url,
    });
    return new ApiObject(this, 'Resource', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: fluxName(this) },
      spec: {
        url,
        interval: fluxDuration(props.interval ?? Duration.minutes(1)),
        ...(props.timeout ? { timeout: fluxTimeout(props.timeout) } : {}),
        ref: this.reference._render(),
        ...(secretName ? { secretRef: { name: secretName } } : {}),
        ...(props.recurseSubmodules ? { recurseSubmodules: true } : {}),
        ...this.selection(),
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.GitRepositorySpec,
    });
  }

  private selection(): Partial<l1.GitRepositorySpec> {
    const { tag, semver } = this.reference._render();
    const verify = this.verify?._render(this, (tag ?? semver) !== undefined) as l1.GitRepositorySpecVerify | undefined;
    return {
      ...(this.sparseCheckout.length > 0 ? { sparseCheckout: this.sparseCheckout } : {}),
      ...(verify ? { verify } : {}),
    };
  }

  private checkedUrl(url: string): string {
    const scp = /^(?:([^@/]+)@)?([^:/]+):(?!\/\/)(.+)$/.exec(url);
    if (!scp && /^(https?|ssh):\/\/[^/]+\/.+$/.test(url) && !/^https?:\/\/[^/]*@/.test(url) && !/\s/.test(url)) {
      return url;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-017',
      message: `${/:\/\/[^/]*@/.test(url) && !url.startsWith('ssh:') ? '(URL with credentials, not shown)' : quoted(url)} is no URL that Flux clones from`,
      allowed: 'http://, https:// or ssh://, a host and a path; credentials come by `credentials`',
      fix: scp
        ? `write ${quoted(`ssh://${scp[1] ?? 'git'}@${scp[2]}/${scp[3]}`)}`
        : 'leave it out to use the URL of the forge',
      symptom: 'spec.url in body should match ^(http|https|ssh)://.*$',
    });
  }
}

function assertOneReference(construct: Construct, { branch, reference }: GitRepositoryProps): void {
  if (branch !== undefined && reference !== undefined) {
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-018',
      message: 'both a branch and a reference are given',
      fix: 'give one of them: reference: GitReference.branch(…)',
    });
  }
}
