import { ManagedPart, ManagedValue } from '../output';
import { ForgeError, quoted } from '../support';

/**
 * What is known of an image besides its policy.
 */
export interface DeployedImageOptions {
  /**
   * Whether the policy reflects digests.
   *
   * @default false
   */
  readonly reflectsDigest?: boolean;
}

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
  static decidedBy(policy: string, options: DeployedImageOptions = {}): DeployedImage {
    return new DeployedImage(policy, options.reflectsDigest ?? false);
  }

  private constructor(
    /** `namespace:name` of the ImagePolicy. */
    readonly policy: string,
    /** Whether the policy reflects digests. */
    readonly reflectsDigest: boolean,
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

  /**
   * The digest alone, `sha256:…`; empty until Flux has looked it up.
   *
   * @throws FORGE-FLUX-011 if the policy does not reflect digests: Flux would blank the field
   */
  get digest(): string {
    if (this.reflectsDigest) { return this.part('digest'); }
    throw ForgeError.of({
      code: 'FORGE-FLUX-011',
      message: `the policy ${quoted(this.policy)} does not reflect digests`,
      fix: 'give it digest: DigestReflection.IF_NOT_PRESENT, or use the tag',
      symptom: 'Flux writes "" into the field',
    });
  }

  private part(part: ManagedPart): string {
    return new ManagedValue(this.policy, part).toString();
  }
}
