import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/image.toolkit.fluxcd.io';
import { ManagedImage } from '../../output';
import { advise, ForgeError, namespaceOf, quoted } from '../../support';
import { DeployedImage } from './deployed-image';
import { DigestReflection } from './digest-reflection';
import { policyAdvice } from '../cluster/advice';
import { fluxName, IFluxObject, referenceTo } from '../flux-object';
import { ImageRepository } from './repository';
import { TagOrder, TagPolicy } from './tag-policy';

const IMAGE_POLICY = Symbol.for('cdk8s-forge.ImagePolicy');

/**
 * Which tag of an image to deploy.
 */
export interface ImagePolicyProps {
  /** The image whose tags are looked at. */
  readonly repository: ImageRepository;

  /** Which of them is the newest. */
  readonly tags: TagPolicy;

  /**
   * Whether references name the digest beside the tag.
   *
   * @default - DigestReflection.always() for a tag that moves, otherwise DigestReflection.NEVER
   */
  readonly digest?: DigestReflection;

  /**
   * Labels, for automations that take only some of the policies.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;

  /**
   * Whether to keep the choice that was made last. The automation goes on writing it; to go back to an older tag use `TagPolicy.pinned`.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * Flux's ImagePolicy: picks one tag. What it picks is kept in `images.yaml` and stands wherever `image` is used.
 *
 * @see https://fluxcd.io/flux/components/image/imagepolicies/
 *
 * @example
 *
 * const repository = new ImageRepository(chart, 'hello-app', { registry, image: 'hello-app' });
 * const policy = new ImagePolicy(chart, 'hello-app', { repository, tags: TagPolicy.timestamped() });
 */
export class ImagePolicy extends Construct implements IFluxObject {
  /** Whether `x` is an ImagePolicy, also of another copy of this library. */
  static isImagePolicy(x: unknown): x is ImagePolicy {
    return x !== null && typeof x === 'object' && IMAGE_POLICY in x;
  }

  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  /** The image as workloads refer to it. */
  readonly image: DeployedImage;

  /** Which tag is the newest; the build has to push such tags. */
  readonly tags: TagPolicy;

  /**
   * The page on which a person sees the image and its tags, if it is known.
   *
   * @internal
   */
  readonly _page?: string;

  private readonly managed: ManagedImage;

  /**
   * @throws FORGE-FLUX-011 for a moving tag without digests, FORGE-FLUX-012 for a repository of a namespace that does not share it,
   * FORGE-FLUX-038 for digests that Flux cannot look up
   */
  constructor(scope: Construct, id: string, props: ImagePolicyProps) {
    super(scope, id);
    const policy = `${namespaceOf(this)}:${fluxName(this)}`;
    const digest = this.digestOf(props);
    props.repository._assertUsableFrom(this);
    this.tags = props.tags;
    this._page = props.repository._page;
    const { imageName, scannedName } = props.repository;
    this.image = DeployedImage.decidedBy(policy, {
      reflectsDigest: digest.reflects,
      scannedAs: scannedName === imageName ? undefined : scannedName,
    });
    this.managed = { policy, name: imageName, initialTag: props.tags.initialTag, reflectsDigest: digest.reflects };
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'image.toolkit.fluxcd.io/v1',
      kind: 'ImagePolicy',
      metadata: { name: id, ...(props.labels ? { labels: { ...props.labels } } : {}) },
      spec: {
        imageRepositoryRef: referenceTo(props.repository, this),
        ...props.tags._render(),
        ...digest._render(),
        ...(props.suspend ? { suspend: true } : {}),
      } as l1.ImagePolicySpec,
    });
    advise(this, () => policyAdvice(namespaceOf(this)));
    Object.defineProperty(this, IMAGE_POLICY, { value: true });
  }

  /**
   * What the image lock needs to know.
   *
   * @internal
   */
  get _managedImage(): ManagedImage {
    return this.managed;
  }

  private digestOf({ tags, digest, repository }: ImagePolicyProps): DigestReflection {
    const moves = tags.order === TagOrder.MOVING;
    const chosen = digest ?? (moves ? DigestReflection.always() : DigestReflection.NEVER);
    if (chosen.reflects && repository._hidesDigests) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-038',
        message: `Flux looks up digests of ${quoted(repository.scannedName)} over HTTPS, and the registry is declared as plain HTTP`,
        allowed: 'a registry with TLS, or one whose host ends in .local or is a private address',
        fix: 'scan an endpoint with TLS, or leave digests out and let the build push tags that do not move',
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
