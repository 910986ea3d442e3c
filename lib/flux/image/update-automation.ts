import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/image.toolkit.fluxcd.io';
import { constructed, ConstructKind, ForgeError, handedOver, namespaceOf, quoted, register } from '../../support';
import { fluxDuration } from '../base/duration';
import { checkedPath } from '../base/source-path';
import { assertFlux, fluxName, IFluxObject, referenceTo } from '../base/flux-object';
import { checkedRef } from '../source/git-reference';
import { GitRepository } from '../source/git-repository';
import { ImagePolicy } from './policy';
import { SigningKey } from '../source/signing-key';
import { GitVerificationMode } from '../source/verification';

const AUTOMATION = Symbol.for('cdk8s-forge.ImageUpdateAutomation');

/**
 * The kind under which the model finds every ImageUpdateAutomation.
 *
 * @jsii ignore
 */
export const IMAGE_UPDATE_AUTOMATIONS = new ConstructKind<ImageUpdateAutomation>('ImageUpdateAutomation');

/** A set of options for Flux's commits of new versions. */
export interface ImageUpdateOptions {
  /**
   * The branch to push to. If this branch differs from the followed branch, each push recreates it from the followed
   * branch and overwrites it (force push). In this case, open a pull request from the branch.
   *
   * @default - the branch that the source follows
   */
  readonly pushBranch?: string;

  /**
   * The interval between checks for changed policies. Flux also reacts to notifications of policy changes.
   *
   * @default Duration.minutes(30)
   */
  readonly interval?: Duration;

  /**
   * The time to wait after a policy has changed, so that changes within this time are one commit. Requires Flux 2.10.
   *
   * @default - no wait
   */
  readonly policyChangeDelay?: Duration;

  /**
   * The name of the commit author.
   *
   * @default 'fluxcdbot'
   */
  readonly authorName?: string;

  /**
   * The email address of the commit author.
   *
   * @default 'fluxcdbot@users.noreply.local'
   */
  readonly authorEmail?: string;

  /**
   * The commit message, as a Go template over `.Changed`, `.AutomationObject` and `.Values`.
   *
   * @default - a title, and a line a change
   */
  readonly messageTemplate?: string;

  /**
   * The key that signs commits.
   *
   * @default - commits are not signed
   */
  readonly signingKey?: SigningKey;

  /**
   * The labels that a policy must have to be included.
   *
   * @default - all policies of the namespace
   */
  readonly policyLabels?: Record<string, string>;

  /**
   * The directory whose files the automation updates, relative to the root of the repository. For a cluster, the directory
   * must contain `images.yaml` and the output.
   *
   * @default './'
   */
  readonly path?: string;

  /**
   * Whether to stop committing.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/** Text in a commit message that makes forges start no workflows for a push. */
const SKIPS = /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]/i;

/** A destination repository for Flux's commits of new versions. */
export interface ImageUpdateAutomationProps extends ImageUpdateOptions {
  /** The repository that contains `images.yaml` and the output. Its credentials must allow pushing. */
  readonly source: GitRepository;
}

/**
 * A Flux ImageUpdateAutomation that commits the tags selected by the policies of its namespace. One commit updates
 * `images.yaml` and the manifests.
 *
 * The automation processes the whole repository, because the image lock (`images.yaml`) is at the repository root.
 *
 * @see https://fluxcd.io/flux/components/image/imageupdateautomations/
 *
 * @example
 *
 * new ImageUpdateAutomation(chart, 'home', { source });
 */
export class ImageUpdateAutomation extends Construct implements IFluxObject {
  /** Returns whether `x` is an ImageUpdateAutomation, including an instance from another copy of this library. */
  static isImageUpdateAutomation(x: unknown): x is ImageUpdateAutomation {
    return x !== null && typeof x === 'object' && AUTOMATION in x;
  }

  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /** The branch that the automation pushes to. */
  readonly pushBranch: string;

  private readonly policyLabels: Record<string, string>;
  private readonly isQuiet: boolean;

  /**
   * @throws FORGE-FLUX-021 for a path that is none, FORGE-FLUX-014 for a source without a branch and no branch to push to, FORGE-FLUX-015 for a message that Flux no longer takes,
   * FORGE-FLUX-046 for an option that the cluster's Flux does not have, FORGE-FLUX-049 for unsigned commits to a verified branch
   */
  constructor(scope: Construct, id: string, props: ImageUpdateAutomationProps) {
    const made = constructed(ImageUpdateAutomation, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const { source } = props;
    this.policyLabels = { ...props.policyLabels };
    this.pushBranch = this.pushBranchOf(props);
    this.checkSignatures(props);
    this.isQuiet = props.suspend === true || SKIPS.test(props.messageTemplate ?? '');
    const labels =
      Object.keys(this.policyLabels).length > 0 ? { policySelector: { matchLabels: this.policyLabels } } : {};
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'image.toolkit.fluxcd.io/v1',
      kind: 'ImageUpdateAutomation',
      metadata: { name: fluxName(this) },
      spec: {
        interval: fluxDuration(props.interval ?? Duration.minutes(30)),
        ...this.delay(props.policyChangeDelay),
        sourceRef: { kind: 'GitRepository' as l1.ImageUpdateAutomationSpecSourceRefKind, ...referenceTo(source, this) },
        git: {
          checkout: { ref: source.reference._render() },
          commit: this.commit(props),
          push: { branch: this.pushBranch },
        },
        update: {
          path: checkedPath(this, props.path ?? './'),
          strategy: 'Setters' as l1.ImageUpdateAutomationSpecUpdateStrategy,
        },
        ...labels,
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.ImageUpdateAutomationSpec,
    });
    Object.defineProperty(this, AUTOMATION, { value: true });
    register(this, IMAGE_UPDATE_AUTOMATIONS);
  }

  /**
   * Reports whether the commits start no workflows: the automation is suspended, or its message asks to skip them.
   *
   * @internal
   */
  get _startsNothing(): boolean {
    return this.isQuiet;
  }

  /**
   * Returns whether this automation applies the updates of a policy.
   *
   * @internal
   */
  _sees(policy: ImagePolicy): boolean {
    const labels = policy.apiObject.metadata.toJson()?.labels ?? {};
    return (
      namespaceOf(this) === namespaceOf(policy) &&
      Object.entries(this.policyLabels).every(([key, value]) => labels[key] === value)
    );
  }

  private pushBranchOf({ source, pushBranch }: ImageUpdateAutomationProps): string {
    if (pushBranch !== undefined) {
      return checkedRef(pushBranch, 'branch');
    }
    if (source.reference.pushBranch !== undefined) {
      return source.reference.pushBranch;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-014',
      message: `GitRepository ${quoted(source.node.id)} follows no branch, so there is none to push to`,
      fix: "name one: pushBranch: 'main', or let the source follow a branch",
      symptom: 'push spec not provided, and cannot be inferred from .spec.git.checkout.ref or GitRepository .spec.ref',
    });
  }

  private commit(props: ImageUpdateAutomationProps): l1.ImageUpdateAutomationSpecGitCommit {
    return {
      author: {
        name: props.authorName ?? 'fluxcdbot',
        email: props.authorEmail ?? 'fluxcdbot@users.noreply.local',
      },
      messageTemplate: this.checkedMessage(props.messageTemplate ?? MESSAGE),
      ...(props.signingKey
        ? { signingKey: props.signingKey._render(this) as l1.ImageUpdateAutomationSpecGitCommitSigningKey }
        : {}),
    };
  }

  private delay(delay: Duration | undefined): Partial<l1.ImageUpdateAutomationSpec> {
    if (delay === undefined) {
      return {};
    }
    assertFlux(this, '2.10', '`policyChangeDelay`');
    return { policyChangeDelay: fluxDuration(delay) };
  }

  private checkSignatures({ source, signingKey }: ImageUpdateAutomationProps): void {
    const isVerified = source.verify !== undefined && source.verify.mode !== GitVerificationMode.TAG;
    if (isVerified && signingKey === undefined && this.pushBranch === source.reference.pushBranch) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-049',
        message: `Flux would push unsigned commits to ${quoted(this.pushBranch)}, and GitRepository ${quoted(source.node.id)} accepts signed commits only`,
        fix: 'set signingKey, and add its public key to the Secret of `verify`; or set pushBranch to another branch',
        symptom: 'no error at the push: from the first image update on, the source has SourceVerified False',
      });
    }
  }

  private checkedMessage(template: string): string {
    if (/\.Changed\.Summary\b/.test(template)) {
      assertFlux(this, '2.10', '`.Changed.Summary` in messageTemplate');
    }
    const removed = /\.Updated\b|\.Changed\.ImageResult\b/.exec(template)?.[0];
    const unclosed = (template.match(/\{\{/g) ?? []).length !== (template.match(/\}\}/g) ?? []).length;
    if (removed === undefined && !unclosed) {
      return template;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-015',
      message: removed
        ? `the message template uses ${quoted(removed)}, which Flux has removed`
        : 'the message template has a {{ without }}',
      allowed:
        '.AutomationObject, .Values, and .Changed with FileChanges, Objects, Changes (OldValue, NewValue, Setter) and, from Flux 2.10 on, Summary',
      fix: 'write {{ range .Changed.Changes }}{{ .OldValue }} -> {{ .NewValue }}{{ end }}',
      symptom: removed ? 'Stalled: RemovedTemplateField' : 'unable to create commit message template from spec',
    });
  }
}

const MESSAGE = [
  'Move images to their newest tags',
  '',
  '{{ range .Changed.Changes -}}',
  '- {{ .OldValue }} -> {{ .NewValue }}',
  '{{ end -}}',
  '',
].join('\n');
