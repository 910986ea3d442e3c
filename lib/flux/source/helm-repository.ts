import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/source.toolkit.fluxcd.io';
import { SecretSource } from '../../secret';
import { constructed, ForgeError, handedOver, quoted } from '../../support';
import { fluxDuration, fluxTimeout } from '../base/duration';
import { assertTwoSecrets, fluxName, IFluxObject } from '../base/flux-object';

/** A chart source that Flux downloads charts from. */
export interface HelmRepositoryProps {
  /**
   * The URL of the source: `https://…` of a repository with an index, or `oci://host/path` of a registry. The URL does
   * not contain the name of the chart.
   */
  readonly url: string;

  /**
   * The credentials as `username` and `password`, or as a `kubernetes.io/dockerconfigjson` Secret for `oci://`.
   *
   * @default - none, for a public repository
   */
  readonly credentials?: SecretSource;

  /**
   * A Secret with `ca.crt`, for a server whose certificate is not publicly trusted.
   *
   * @default - none
   */
  readonly certificates?: SecretSource;

  /**
   * The interval between checks for new charts.
   *
   * @default Duration.hours(1)
   */
  readonly interval?: Duration;

  /**
   * The maximum duration of a fetch.
   *
   * @default - Flux's own: a minute
   */
  readonly timeout?: Duration;

  /**
   * Whether to stop fetching from the source.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A Flux HelmRepository that makes a chart repository available as a source.
 *
 * @see https://fluxcd.io/flux/components/source/helmrepositories/
 *
 * @example
 *
 * new HelmRepository(chart, 'gitea-charts', { url: 'https://dl.gitea.com/charts/' });
 */
export class HelmRepository extends Construct implements IFluxObject {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /**
   * @throws FORGE-FLUX-019 for a URL that Flux does not take
   */
  constructor(scope: Construct, id: string, props: HelmRepositoryProps) {
    const made = constructed(HelmRepository, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const oci = props.url.startsWith('oci://');
    const secret = props.credentials?.provide(this, {
      purpose: `Flux fetches charts from ${new URL(this.checkedUrl(props.url)).host}`,
      type: oci ? 'kubernetes.io/dockerconfigjson' : 'Opaque',
      keys: oci ? ['.dockerconfigjson'] : ['username', 'password'],
    });
    const certificates = props.certificates?.provide(this, {
      purpose: `Flux trusts the certificate of ${props.url}`,
      type: 'Opaque',
      keys: ['ca.crt'],
    });
    assertTwoSecrets(this, secret, certificates);
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'HelmRepository',
      metadata: { name: fluxName(this) },
      spec: {
        url: this.checkedUrl(props.url),
        ...(oci ? { type: 'oci' as l1.HelmRepositorySpecType } : {}),
        interval: fluxDuration(props.interval ?? Duration.hours(1)),
        ...(props.timeout ? { timeout: fluxTimeout(props.timeout) } : {}),
        ...(secret ? { secretRef: { name: secret } } : {}),
        ...(certificates ? { certSecretRef: { name: certificates } } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.HelmRepositorySpec,
    });
  }

  private checkedUrl(url: string): string {
    const tagged = /^oci:\/\/[^/]+\/.*[:@]/.test(url);
    if (/^(https?|oci):\/\/[^/@\s]+(\/[^\s@?#]*)?$/.test(url) && !tagged) {
      return url;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-019',
      message: `${/@/.test(url) ? '(URL with "@", not shown)' : quoted(url)} is no URL of a chart repository`,
      allowed: 'https://, http:// or oci://, a host and a path; no credentials, no tag',
      fix: tagged
        ? 'leave the tag out: the HelmRelease says which version'
        : "write e.g. 'https://dl.gitea.com/charts/'",
    });
  }
}
