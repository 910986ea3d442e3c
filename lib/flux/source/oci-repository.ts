import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/source.toolkit.fluxcd.io';
import { fluxRegistryAccess, Registry } from '../../registry';
import { constructed, ForgeError, handedOver, quoted } from '../../support';
import { fluxDuration, fluxTimeout } from '../base/duration';
import { fluxName, IFluxObject } from '../base/flux-object';
import { parseRe2 } from '../pattern/re2';
import { assertSemverRange } from '../semver/range';
import { OciVerification } from './verification';

/**
 * A reference that selects a version of an OCI artifact.
 *
 * @example
 *
 * OciReference.semver('1.x');
 */
export class OciReference {
  /** Returns a reference to a tag. */
  static tag(tag: string): OciReference {
    return new OciReference({
      tag: checked(tag, /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'a tag: letters, digits, "_", "." and "-"'),
    });
  }

  /**
   * Returns a reference to the highest version in a range.
   *
   * @param range the range of versions
   * @param filter a regular expression (Go syntax) that tags must match, for example `-rc`; all tags if left out
   * @throws FORGE-FLUX-006 for a range that is none, FORGE-FLUX-007 for an expression that Go does not accept
   */
  static semver(range: string, filter?: string): OciReference {
    assertSemverRange(range);
    if (filter !== undefined) {
      parseRe2(filter);
    }
    return new OciReference({ semver: range, ...(filter === undefined ? {} : { semverFilter: filter }) });
  }

  /** Returns a reference to one artifact that never changes. */
  static digest(digest: string): OciReference {
    return new OciReference({ digest: checked(digest, /^sha256:[a-f0-9]{64}$/, 'sha256: and 64 hexadecimal digits') });
  }

  private constructor(private readonly ref: Record<string, string>) {}

  /**
   * Returns the reference in the format of a spec.
   *
   * @internal
   */
  _render(): Record<string, string> {
    return { ...this.ref };
  }
}

/** The handling of a layer of an OCI artifact. */
export enum OciLayerOperation {
  /** The layer is a tar archive, whose files Flux extracts. */
  EXTRACT = 'extract',
  /** The layer is the archive that Flux offers, for example a chart. */
  COPY = 'copy',
}

/** A layer of an OCI artifact. */
export interface OciLayer {
  /** The media type of the layer, for example `application/vnd.cncf.helm.chart.content.v1.tar+gzip`. */
  readonly mediaType: string;

  /**
   * The handling of the layer.
   *
   * @default OciLayerOperation.EXTRACT
   */
  readonly operation?: OciLayerOperation;
}

/** An OCI artifact that Flux fetches and that contains manifests or a chart. */
export interface OciRepositoryProps {
  /** The registry that contains the artifact. Flux fetches from the registry's scan endpoint. */
  readonly registry: Registry;

  /** The name of the artifact in the registry, without host, owner, tag and digest. */
  readonly artifact: string;

  /** The version of the artifact. */
  readonly reference: OciReference;

  /**
   * The interval between checks for a new version.
   *
   * @default Duration.minutes(10)
   */
  readonly interval?: Duration;

  /**
   * The maximum duration of a fetch.
   *
   * @default - Flux's own: a minute
   */
  readonly timeout?: Duration;

  /**
   * The verification of the artifact's signature.
   *
   * @default - signatures are not verified
   */
  readonly verify?: OciVerification;

  /**
   * The layer of the artifact that Flux fetches.
   *
   * @default - the first layer, extracted
   */
  readonly layer?: OciLayer;

  /**
   * Whether to stop fetching from the source.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A Flux OCIRepository that makes an OCI artifact available as a source.
 *
 * @see https://fluxcd.io/flux/components/source/ocirepositories/
 *
 * @example
 *
 * new OciRepository(chart, 'manifests', { registry, artifact: 'manifests', reference: OciReference.tag('main') });
 */
export class OciRepository extends Construct implements IFluxObject {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /**
   * @throws FORGE-REG-002 for an artifact name with a host, tag or digest, FORGE-FLUX-018 for a layer without a media type
   */
  constructor(scope: Construct, id: string, props: OciRepositoryProps) {
    const made = constructed(OciRepository, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const { registry } = props;
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      metadata: { name: fluxName(this) },
      spec: {
        url: `oci://${registry.scanName(props.artifact)}`,
        ref: props.reference._render(),
        interval: fluxDuration(props.interval ?? Duration.minutes(10)),
        ...(props.timeout ? { timeout: fluxTimeout(props.timeout) } : {}),
        ...fluxRegistryAccess(this, registry),
        ...(props.layer ? { layerSelector: layerOf(props.layer) } : {}),
        ...(props.verify ? { verify: props.verify._render(this) as l1.OciRepositorySpecVerify } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.OciRepositorySpec,
    });
  }
}

function layerOf({ mediaType, operation }: OciLayer): l1.OciRepositorySpecLayerSelector {
  checked(
    mediaType,
    /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]*\/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]*$/,
    'a media type: type/subtype',
  );
  return {
    mediaType,
    operation: (operation ?? OciLayerOperation.EXTRACT) as string as l1.OciRepositorySpecLayerSelectorOperation,
  };
}

function checked(value: string, allowed: RegExp, words: string): string {
  if (allowed.test(value)) {
    return value;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-018',
    message: `${quoted(value)} is no version of an artifact`,
    allowed: words,
    fix: 'give it as the registry lists it',
  });
}
