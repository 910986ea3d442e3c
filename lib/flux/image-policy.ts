import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import * as l1 from '../../imports/image.toolkit.fluxcd.io';
import { ManagedImage } from '../output';
import { namespaceOf } from '../support';
import { DeployedImage } from './deployed-image';
import { ImageRepository } from './image-repository';
import { TagPolicy } from './tag-policy';

const IMAGE_POLICY = Symbol.for('cdk8s-forge.ImagePolicy');

/**
 * Which tag of an image to deploy.
 */
export interface ImagePolicyProps {
  /** The image whose tags are looked at. */
  readonly repository: ImageRepository;

  /** Which of them is the newest. */
  readonly tags: TagPolicy;
}

/**
 * Flux's ImagePolicy: picks one tag. What it picks is kept in `images.yaml` and stands wherever `image` is used.
 *
 * @see https://fluxcd.io/flux/components/image/imagepolicies/
 *
 * @example
 *
 * const policy = new ImagePolicy(chart, 'hello-app', { repository, tags: TagPolicy.timestamped() });
 */
export class ImagePolicy extends Construct {
  /** Whether `x` is an ImagePolicy, also of another copy of this library. */
  static isImagePolicy(x: unknown): x is ImagePolicy {
    return x !== null && typeof x === 'object' && IMAGE_POLICY in x;
  }

  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  /** The image as workloads refer to it. */
  readonly image: DeployedImage;

  private readonly managed: ManagedImage;

  constructor(scope: Construct, id: string, props: ImagePolicyProps) {
    super(scope, id);
    const policy = `${namespaceOf(this)}:${id}`;
    this.image = DeployedImage.decidedBy(policy);
    this.managed = { policy, name: props.repository.imageName, initialTag: props.tags.initialTag, reflectsDigest: false };
    this.apiObject = new l1.ImagePolicy(this, 'Resource', {
      metadata: { name: id },
      spec: {
        imageRepositoryRef: { name: props.repository.apiObject.name },
        ...props.tags._render(),
      } as l1.ImagePolicySpec,
    });
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
}
