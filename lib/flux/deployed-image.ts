import { ManagedPart, ManagedValue } from '../output';

/**
 * An image as workloads refer to it: values that Flux keeps up to date wherever they stand alone in a field.
 *
 * Each property is a placeholder; synth puts the version from `images.yaml` and Flux's marker in its place.
 *
 * @example
 *
 * new Deployment(chart, 'app', { containers: [{ image: policy.image.reference }] });
 */
export class DeployedImage {
  /**
   * The image that an ImagePolicy decides.
   *
   * @param policy `namespace:name` of the policy
   */
  static decidedBy(policy: string): DeployedImage {
    return new DeployedImage(policy);
  }

  private constructor(
    /** `namespace:name` of the ImagePolicy. */
    readonly policy: string,
  ) {}

  /** `host/owner/image:tag`, and `@digest` if the policy reflects digests. */
  get reference(): string {
    return this.part('reference');
  }

  /** The tag alone. */
  get tag(): string {
    return this.part('tag');
  }

  /** `host/owner/image` alone. */
  get name(): string {
    return this.part('name');
  }

  private part(part: ManagedPart): string {
    return new ManagedValue(this.policy, part).toString();
  }
}
