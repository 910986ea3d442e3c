import { Construct, IConstruct } from 'constructs';
import { ManagedPart, ManagedValue } from '../../output';
import { Registry } from '../../registry';
import { ForgeError, namespaceOf, quoted } from '../../support';
import { requestPull } from './pull-access';

/**
 * The facts that an image policy passes to its image.
 *
 * @jsii ignore
 */
export interface DeployedImageFacts {
  /** The ImagePolicy in the image's own cluster, in the format `namespace:name`. */
  readonly policy: string;
  /** Reports whether the policy reflects digests. */
  readonly reflectsDigest: boolean;
  /** The registry that nodes pull the image from. */
  readonly registry: Registry;
  /** The image name that Flux scans, if this name differs from the name that nodes pull. */
  readonly scannedAs?: string;
}

/**
 * An image that workloads use through values kept up to date by Flux. Flux updates a value if the value is the complete
 * content of a field.
 *
 * Each property is a placeholder that names this image. Synthesis replaces the placeholder with the version from
 * `images.yaml` and adds the Flux image policy marker. In another cluster of the cdk8s app, synthesis creates an
 * ImagePolicy for that cluster, named `<policy>-<cluster>`, with a version of its own. Synthesis also gives the pods
 * that use the image access to its registry.
 *
 * @example
 *
 * new Deployment(chart, 'app', { containers: [{ image: policy.image.reference }] });
 */
export class DeployedImage {
  /**
   * Creates the image of a policy.
   *
   * @internal
   */
  static _of(declaredBy: IConstruct, facts: DeployedImageFacts): DeployedImage {
    return new DeployedImage(declaredBy, facts);
  }

  /** The ImagePolicy in the image's own cluster, in the format `namespace:name`. */
  readonly policy: string;

  /** Reports whether the policy reflects digests. */
  readonly reflectsDigest: boolean;

  private constructor(
    private readonly declaredBy: IConstruct,
    private readonly facts: DeployedImageFacts,
  ) {
    this.policy = facts.policy;
    this.reflectsDigest = facts.reflectsDigest;
  }

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

  /**
   * Allows pods to pull the image that synthesis cannot see, such as the pods of a Helm chart or of an operator.
   * Synthesis sees the pods in the manifests of the cdk8s app and gives them access itself.
   *
   * Flux merges the Secret into the ServiceAccount and never removes the account, whatever creates the account.
   *
   * @param scope a construct in a chart; the namespace is the chart's namespace
   * @param serviceAccount the name of the ServiceAccount that the pods run as; `default` if you omit it
   * @throws FORGE-NAME-002 for a scope in a chart without a namespace
   */
  allowPull(scope: Construct, serviceAccount: string = 'default'): void {
    requestPull(scope, { registry: this.facts.registry, serviceAccount, namespace: namespaceOf(scope) });
  }

  /**
   * The construct that declares the image.
   *
   * @internal
   */
  get _declaredBy(): IConstruct {
    return this.declaredBy;
  }

  /**
   * Rejects a place in a file where Flux would write a name that nodes do not pull.
   *
   * @throws FORGE-FLUX-037
   * @internal
   */
  _assertWritesName(where: string): void {
    if (this.facts.scannedAs !== undefined) {
      throw this.scannedElsewhere(this.facts.scannedAs, `${where}: `);
    }
  }

  /** Returns the reference, so that the image also works in a template string that contains nothing else. */
  toString(): string {
    return this.reference;
  }

  private named(part: ManagedPart): string {
    if (this.facts.scannedAs === undefined) {
      return this.part(part);
    }
    throw this.scannedElsewhere(this.facts.scannedAs);
  }

  private scannedElsewhere(scannedAs: string, where = ''): ForgeError {
    return ForgeError.of({
      code: 'FORGE-FLUX-037',
      message: `${where}Flux scans the image of ${quoted(this.policy)} as ${quoted(scannedAs)} and writes that name into manifests, but nodes pull it by another`,
      allowed: 'its tag and digest, in fields of their own',
      fix: 'scan the registry where nodes pull from: leave `scan` out of the Registry',
      symptom:
        'ErrImagePull after the first update: the node does not reach, or does not trust, the address that Flux scans',
    });
  }

  private part(part: ManagedPart): string {
    return new ManagedValue(this.declaredBy.node.path, part).toString();
  }
}
