import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/image.toolkit.fluxcd.io';
import { assertLabels } from '../../kube';
import { ManagedImage } from '../../output';
import {
  advise,
  command,
  Command,
  constructed,
  ConstructKind,
  ForgeError,
  handedOver,
  namespaceOf,
  needsEngine,
  quoted,
  register,
} from '../../support';
import { DeployedImage } from './deployed-image';
import { DigestReflection } from './digest-reflection';
import { policyAdvice } from './advice';
import { fluxName, IFluxObject, referenceTo } from '../base/flux-object';
import { imageShard } from '../base/shard';
import { ImageRepository } from './repository';
import { TagPolicy } from './tag-policy';
import { TagOrder } from './tags/options';

const IMAGE_POLICY = Symbol.for('cdk8s-forge.ImagePolicy');

/**
 * The kind under which the model finds every ImagePolicy.
 *
 * @jsii ignore
 */
export const IMAGE_POLICIES = new ConstructKind<ImagePolicy>('ImagePolicy');

/** A selection of the image tag to deploy. */
export interface ImagePolicyProps {
  /** The image repository whose tags the policy evaluates. */
  readonly repository: ImageRepository;

  /** The tag policy that decides which tag is the newest. */
  readonly tags: TagPolicy;

  /**
   * The digest reflection policy, which decides whether references contain the digest next to the tag.
   *
   * @default - DigestReflection.always() for a tag that moves, otherwise DigestReflection.NEVER
   */
  readonly digest?: DigestReflection;

  /**
   * The labels of the policy, for automations that select only some policies.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;

  /**
   * Whether to keep the most recently selected tag. The automation continues to write this tag. To go back to an older
   * tag, use `TagPolicy.pinned`.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A Flux ImagePolicy that selects one tag. The selected tag is stored in `images.yaml` and appears wherever `image` is
 * used.
 *
 * @see https://fluxcd.io/flux/components/image/imagepolicies/
 *
 * @example
 *
 * const repository = new ImageRepository(chart, 'hello-app', { registry, image: 'hello-app' });
 * const policy = new ImagePolicy(chart, 'hello-app', { repository, tags: TagPolicy.timestamped() });
 */
export class ImagePolicy extends Construct implements IFluxObject {
  /** Returns whether `x` is an ImagePolicy, including an instance from another copy of this library. */
  static isImagePolicy(x: unknown): x is ImagePolicy {
    return x !== null && typeof x === 'object' && IMAGE_POLICY in x;
  }

  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /** The image for use in workload manifests. */
  readonly image: DeployedImage;

  /** The tag policy that decides which tag is the newest. The build must push tags that match this policy. */
  readonly tags: TagPolicy;

  /**
   * The web page that shows the image and its tags, if the page is known.
   *
   * @internal
   */
  readonly _page?: string;

  /**
   * The properties, for the policy of another cluster that uses the image.
   *
   * @internal
   */
  readonly _props: ImagePolicyProps;

  private readonly managed: ManagedImage;
  private readonly follows: boolean;

  /**
   * @throws FORGE-FLUX-011 for a moving tag without digests, FORGE-FLUX-012 for a repository of a namespace that does not share it,
   * FORGE-FLUX-038 for digests that Flux cannot look up, FORGE-FLUX-040 for tags that the registry stores in lower case,
   * FORGE-KUBE-028 for labels that Kubernetes does not allow
   */
  constructor(scope: Construct, id: string, props: ImagePolicyProps) {
    const made = constructed(ImagePolicy, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    assertLabels(this, props.labels);
    const policy = `${namespaceOf(this)}:${fluxName(this)}`;
    const digest = this.digestOf(props);
    this.follows = digest.follows;
    props.repository._assertUsableFrom(this);
    this.assertStored(props);
    this._props = { ...props };
    this.tags = props.tags;
    this._page = props.repository._page;
    const { imageName, scannedName } = props.repository;
    this.image = DeployedImage._of(this, {
      policy,
      registry: props.repository._registry,
      reflectsDigest: digest.reflects,
      scannedAs: scannedName === imageName ? undefined : scannedName,
    });
    this.managed = { policy, name: imageName, initialTag: props.tags.initialTag, reflectsDigest: digest.reflects };
    const labels = { ...props.labels, ...imageShard(props.repository, fluxName(props.repository)) };
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'image.toolkit.fluxcd.io/v1',
      kind: 'ImagePolicy',
      metadata: { name: id, ...(Object.keys(labels).length > 0 ? { labels } : {}) },
      spec: {
        imageRepositoryRef: referenceTo(props.repository, this),
        ...props.tags._render(),
        ...digest._render(),
        ...(props.suspend ? { suspend: true } : {}),
      } as l1.ImagePolicySpec,
    });
    advise(this, () => policyAdvice(namespaceOf(this)));
    Object.defineProperty(this, IMAGE_POLICY, { value: true });
    register(this, IMAGE_POLICIES);
    needsEngine(this, 'an ImagePolicy');
  }

  /**
   * The image data that the image lock requires.
   *
   * @internal
   */
  get _managedImage(): ManagedImage {
    return this.managed;
  }

  /**
   * The commands that let Flux look for a new version now. A scan runs no policy while the list of tags is the same, so
   * that the digest of a tag that moves is looked up only if the policy itself is reconciled.
   *
   * @internal
   */
  get _lookNow(): Command[] {
    const { repository } = this._props;
    const scan = command`flux reconcile image repository ${repository.apiObject.name} --namespace ${namespaceOf(repository)}`;
    if (!this.follows) {
      return [scan];
    }
    return [
      scan,
      command`kubectl --namespace ${namespaceOf(this)} annotate imagepolicy ${this.apiObject.name} reconcile.fluxcd.io/requestedAt="$(date +%s)" --overwrite`,
    ];
  }

  /** Rejects tags that the registry stores in another form: Gitea and Forgejo convert tags to lower case. */
  private assertStored({ tags, repository }: ImagePolicyProps): void {
    if (repository._registry.forge === undefined || tags._allowsLowerCase) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-040',
      message: `tags of the form ${quoted(tags.sortableForm)} have capitals, and the registry of Gitea and Forgejo stores tags in lower case`,
      allowed: 'tags in lower case',
      fix: 'use lower case in the branch name or the pattern of the tag policy, and in the tags that the build pushes',
      symptom: 'version list argument cannot be empty: no tag ever matches',
    });
  }

  private digestOf({ tags, digest, repository }: ImagePolicyProps): DigestReflection {
    const moves = tags.order === TagOrder.MOVING;
    const chosen = digest ?? (moves ? DigestReflection.always() : DigestReflection.NEVER);
    if (chosen.reflects && repository._hidesDigests) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-038',
        message: `Flux looks up digests of ${quoted(repository.scannedName)} over HTTPS, and the registry is declared as plain HTTP`,
        allowed:
          'a registry with TLS, at a private IP address, or at localhost; with Flux before 2.9 also a host that ends in .local',
        fix: 'set the scan endpoint of the Registry to an endpoint with TLS, or remove digest and let the build push tags that do not move',
        symptom: 'failed fetching descriptor: http: server gave HTTP response to HTTPS client',
      });
    }
    if (!moves || chosen.follows) {
      return chosen;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-011',
      message: `the tag ${quoted(tags.initialTag)} moves, and only its digest tells one image from the next`,
      fix: 'leave `digest` out, give DigestReflection.always(…), or let the build push tags that can be sorted: TagPolicy.timestamped()',
      symptom: 'new images are pushed and nothing is rolled out',
    });
  }
}
