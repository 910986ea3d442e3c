import { ApiObject, Duration } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import * as l1 from '../../imports/image.toolkit.fluxcd.io';
import { Registry } from '../registry';
import { SecretSource } from '../secret';
import { ForgeError, namespaceOf, quoted } from '../support';
import { fluxDuration, fluxTimeout } from './duration';
import { assertTwoSecrets, fluxName, IFluxObject } from './flux-object';
import { parseRe2 } from './re2';

const IMAGE_REPOSITORY = Symbol.for('cdk8s-forge.ImageRepository');

/** More than these the CRD does not take. */
const MOST_EXCLUSIONS = 25;

/**
 * An image that Flux scans for tags.
 */
export interface ImageRepositoryProps {
  /** The registry that holds the image. It is scanned at its pull endpoint, because Flux writes the name it scans into manifests. */
  readonly registry: Registry;

  /** Name of the image in the registry, without host and owner, tag and digest. */
  readonly image: string;

  /**
   * How often to look for new tags.
   *
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;

  /**
   * How long one scan may take.
   *
   * @default - as long as the interval
   */
  readonly timeout?: Duration;

  /**
   * Regular expressions (Go's syntax, at most 25); tags that match one are never looked at.
   *
   * @default - Flux's own: ['^.*\\.sig$'], the signatures of cosign
   */
  readonly exclude?: string[];

  /**
   * A Secret with `ca.crt`, for a registry whose certificate is not publicly trusted, or with `tls.crt` and `tls.key`.
   *
   * @default - none
   */
  readonly certificates?: SecretSource;

  /**
   * Other namespaces whose policies may use this object.
   *
   * @default - none but its own
   */
  readonly sharedWith?: string[];

  /**
   * Whether to stop scanning.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * Flux's ImageRepository: the tags of one image, looked up again and again.
 *
 * @see https://fluxcd.io/flux/components/image/imagerepositories/
 *
 * @example
 *
 * new ImageRepository(chart, 'hello-app', { registry, image: 'hello-app' });
 */
export class ImageRepository extends Construct implements IFluxObject {
  /** Whether `x` is an ImageRepository, also of another copy of this library. */
  static isImageRepository(x: unknown): x is ImageRepository {
    return x !== null && typeof x === 'object' && IMAGE_REPOSITORY in x;
  }

  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  /** The full name, `host/owner/image`. */
  readonly imageName: string;

  private readonly sharedWith: string[];

  /**
   * @throws FORGE-REG-002 for an image name with a host, tag or digest; FORGE-FLUX-007 for an exclusion and FORGE-FLUX-016 for Secrets
   * that Flux would refuse
   */
  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    super(scope, id);
    const { registry } = props;
    this.imageName = registry.pullName(props.image);
    this.sharedWith = [...(props.sharedWith ?? [])];
    this.apiObject = new l1.ImageRepository(this, 'Resource', {
      metadata: { name: fluxName(this) },
      spec: {
        image: this.imageName,
        interval: fluxDuration(props.interval ?? Duration.minutes(5)),
        ...(props.timeout ? { timeout: fluxTimeout(props.timeout) } : {}),
        ...(props.exclude ? { exclusionList: checkedExclusions(this, props.exclude) } : {}),
        ...(registry.pull.isPlainHttp ? { insecure: true } : {}),
        ...this.secrets(props),
        ...(this.sharedWith.length > 0 ? { accessFrom: { namespaceSelectors: this.sharedWith.map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })) } } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      },
    });
    Object.defineProperty(this, IMAGE_REPOSITORY, { value: true });
  }

  /**
   * Refuses a policy in a namespace that may not use this object.
   *
   * @internal
   */
  _assertUsableFrom(construct: IConstruct): void {
    const [own, namespace] = [namespaceOf(this), namespaceOf(construct)];
    if (namespace === own || this.sharedWith.includes(namespace)) { return; }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-012',
      message: `ImageRepository ${quoted(this.node.id)} lies in namespace ${quoted(own)} and is not shared with ${quoted(namespace)}`,
      fix: `put the policy into ${quoted(own)}, or share the repository: sharedWith: [${quoted(namespace)}]`,
      symptom: "access denied: can't be accessed due to missing ACL labels",
    });
  }

  private secrets(props: ImageRepositoryProps): { secretRef?: { name: string }; certSecretRef?: { name: string } } {
    const { pull, credentials } = props.registry;
    const secret = credentials?.provide(this, {
      purpose: `Flux scans ${pull.host} for new tags`,
      type: 'kubernetes.io/dockerconfigjson',
      keys: ['.dockerconfigjson'],
      tokenScope: 'read:package',
    });
    const certificates = props.certificates?.provide(this, { purpose: `Flux trusts the certificate of ${pull.host}`, type: 'Opaque', keys: ['ca.crt'] });
    assertTwoSecrets(this, secret, certificates);
    return { ...(secret ? { secretRef: { name: secret } } : {}), ...(certificates ? { certSecretRef: { name: certificates } } : {}) };
  }
}

function checkedExclusions(construct: IConstruct, patterns: string[]): string[] {
  patterns.forEach(parseRe2);
  if (patterns.length <= MOST_EXCLUSIONS) { return [...patterns]; }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-007',
    message: `${patterns.length} exclusions are more than Flux takes`,
    allowed: `at most ${MOST_EXCLUSIONS}`,
    fix: "join some of them with '|'",
  });
}
