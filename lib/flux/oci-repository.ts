import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as l1 from '../../imports/source.toolkit.fluxcd.io';
import { Registry } from '../registry';
import { SecretSource } from '../secret';
import { ForgeError, quoted } from '../support';
import { fluxDuration, fluxTimeout } from './duration';
import { assertTwoSecrets, fluxName, IFluxObject } from './flux-object';
import { assertSemverRange } from './semver-range';

/**
 * Which version of an OCI artifact is meant.
 *
 * @example
 *
 * OciReference.semver('1.x');
 */
export class OciReference {
  /** A tag. */
  static tag(tag: string): OciReference {
    return new OciReference({ tag: checked(tag, /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'a tag: letters, digits, "_", "." and "-"') });
  }

  /** The highest version in a range. */
  static semver(range: string): OciReference {
    assertSemverRange(range);
    return new OciReference({ semver: range });
  }

  /** One artifact for good. */
  static digest(digest: string): OciReference {
    return new OciReference({ digest: checked(digest, /^sha256:[a-f0-9]{64}$/, 'sha256: and 64 hexadecimal digits') });
  }

  private constructor(private readonly ref: Record<string, string>) {}

  /**
   * As it stands in a spec.
   *
   * @internal
   */
  _render(): Record<string, string> {
    return { ...this.ref };
  }
}

/**
 * An OCI artifact that Flux fetches: manifests or a chart.
 */
export interface OciRepositoryProps {
  /** The registry that holds it; fetched at its pull endpoint. */
  readonly registry: Registry;

  /** Name of the artifact in the registry, without host and owner, tag and digest. */
  readonly artifact: string;

  /** Which version of it. */
  readonly reference: OciReference;

  /**
   * How often to look for a new version.
   *
   * @default Duration.minutes(10)
   */
  readonly interval?: Duration;

  /**
   * How long one fetch may take.
   *
   * @default - Flux's own: a minute
   */
  readonly timeout?: Duration;

  /**
   * A Secret with `ca.crt`, for a registry whose certificate is not publicly trusted.
   *
   * @default - none
   */
  readonly certificates?: SecretSource;

  /**
   * Whether to stop fetching.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * Flux's OCIRepository.
 *
 * @see https://fluxcd.io/flux/components/source/ocirepositories/
 *
 * @example
 *
 * new OciRepository(chart, 'manifests', { registry, artifact: 'manifests', reference: OciReference.tag('main') });
 */
export class OciRepository extends Construct implements IFluxObject {
  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  /**
   * @throws FORGE-REG-002 for an artifact name with a host, tag or digest
   */
  constructor(scope: Construct, id: string, props: OciRepositoryProps) {
    super(scope, id);
    const { registry } = props;
    const secret = registry.credentials?.provide(this, {
      purpose: `Flux fetches ${props.artifact} from ${registry.pull.host}`,
      type: 'kubernetes.io/dockerconfigjson',
      keys: ['.dockerconfigjson'],
      tokenScope: 'read:package',
    });
    const certificates = props.certificates?.provide(this, { purpose: `Flux trusts the certificate of ${registry.pull.host}`, type: 'Opaque', keys: ['ca.crt'] });
    assertTwoSecrets(this, secret, certificates);
    this.apiObject = new l1.OciRepository(this, 'Resource', {
      metadata: { name: fluxName(this) },
      spec: {
        url: `oci://${registry.pullName(props.artifact)}`,
        ref: props.reference._render(),
        interval: fluxDuration(props.interval ?? Duration.minutes(10)),
        ...(props.timeout ? { timeout: fluxTimeout(props.timeout) } : {}),
        ...(registry.pull.isPlainHttp ? { insecure: true } : {}),
        ...(secret ? { secretRef: { name: secret } } : {}),
        ...(certificates ? { certSecretRef: { name: certificates } } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      },
    });
  }
}

function checked(value: string, allowed: RegExp, words: string): string {
  if (allowed.test(value)) { return value; }
  throw ForgeError.of({ code: 'FORGE-FLUX-018', message: `${quoted(value)} is no version of an artifact`, allowed: words, fix: 'give it as the registry lists it' });
}
