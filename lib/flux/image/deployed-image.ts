import { ManagedPart, ManagedValue } from '../../output';
import { ForgeError, quoted } from '../../support';

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

  /**
   * The name under which Flux scans the image, if nodes pull it by another.
   *
   * @default - they are the same
   */
  readonly scannedAs?: string;
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
    return new DeployedImage(policy, options.reflectsDigest ?? false, options.scannedAs);
  }

  private constructor(
    /** `namespace:name` of the ImagePolicy. */
    readonly policy: string,
    /** Whether the policy reflects digests. */
    readonly reflectsDigest: boolean,
    private readonly scannedAs?: string,
  ) {}

  /**
   * `host/owner/image:tag`, and `@digest` if the policy reflects digests.
   *
   * @throws FORGE-FLUX-037 if Flux scans the image under another name than nodes pull it by: Flux would write that name
   */
  get reference(): string {
    return this.named('reference');
  }

  /** The tag alone. */
  get tag(): string {
    return this.part('tag');
  }

  /**
   * `host/owner/image` alone.
   *
   * @throws FORGE-FLUX-037 if Flux scans the image under another name than nodes pull it by: Flux would write that name
   */
  get name(): string {
    return this.named('name');
  }

  /**
   * The digest alone, `sha256:…`; empty until Flux has looked it up.
   *
   * @throws FORGE-FLUX-011 if the policy does not reflect digests: Flux would blank the field
   */
  get digest(): string {
    if (this.reflectsDigest) {
      return this.part('digest');
    }
    throw ForgeError.of({
      code: 'FORGE-FLUX-011',
      message: `the policy ${quoted(this.policy)} does not reflect digests`,
      fix: 'give it digest: DigestReflection.IF_NOT_PRESENT, or use the tag',
      symptom: 'Flux writes "" into the field',
    });
  }

  private named(part: ManagedPart): string {
    if (this.scannedAs === undefined) {
      return this.part(part);
    }
    throw ForgeError.of({
      code: 'FORGE-FLUX-037',
      message: `Flux scans the image of ${quoted(this.policy)} as ${quoted(this.scannedAs)} and writes that name into manifests, but nodes pull it by another`,
      allowed: 'its tag and digest, in fields of their own',
      fix: 'scan the registry where nodes pull from: leave `scan` out of the Registry',
      symptom:
        'ErrImagePull after the first update: the node does not reach, or does not trust, the address that Flux scans',
    });
  }

  private part(part: ManagedPart): string {
    return new ManagedValue(this.policy, part).toString();
  }
}
