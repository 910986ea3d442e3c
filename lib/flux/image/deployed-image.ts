import { ManagedPart, ManagedValue } from '../../output';
import { ForgeError, quoted } from '../../support';

/** A set of image properties that the image policy does not contain. */
export interface DeployedImageOptions {
  /**
   * Reports whether the policy reflects digests.
   *
   * @default false
   */
  readonly reflectsDigest?: boolean;

  /**
   * The image name that Flux scans, if this name differs from the name that nodes pull.
   *
   * @default - they are the same
   */
  readonly scannedAs?: string;
}

/**
 * An image that workloads use through values kept up to date by Flux. Flux updates a value if the value is the complete
 * content of a field.
 *
 * Each property is a placeholder. Synthesis replaces the placeholder with the version from `images.yaml` and adds the
 * Flux image policy marker.
 *
 * @example
 *
 * new Deployment(chart, 'app', { containers: [{ image: policy.image.reference }] });
 */
export class DeployedImage {
  /**
   * Returns the image whose version an ImagePolicy selects.
   *
   * @param policy `namespace:name` of the policy
   */
  static decidedBy(policy: string, options: DeployedImageOptions = {}): DeployedImage {
    return new DeployedImage(policy, options.reflectsDigest ?? false, options.scannedAs);
  }

  private constructor(
    /** The ImagePolicy, in the format `namespace:name`. */
    readonly policy: string,
    /** Reports whether the policy reflects digests. */
    readonly reflectsDigest: boolean,
    private readonly scannedAs?: string,
  ) {}

  /**
   * The image reference in the format `host/owner/image:tag`, plus `@digest` if the policy reflects digests.
   *
   * @throws FORGE-FLUX-037 if Flux scans the image under another name than nodes pull it by: Flux would write that name
   */
  get reference(): string {
    return this.named('reference');
  }

  /** The tag only. */
  get tag(): string {
    return this.part('tag');
  }

  /**
   * The image name only, in the format `host/owner/image`.
   *
   * @throws FORGE-FLUX-037 if Flux scans the image under another name than nodes pull it by: Flux would write that name
   */
  get name(): string {
    return this.named('name');
  }

  /**
   * The digest only, in the format `sha256:…`. The digest is empty until Flux looks up its value.
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
