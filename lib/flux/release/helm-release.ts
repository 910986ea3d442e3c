import { ApiObject, Duration } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { SecretSource } from '../../secret';
import { constructed, DNS_LABEL, ForgeError, handedOver, plainData, quoted } from '../../support';
import { fluxDuration } from '../base/duration';
import { fluxName, IFluxObject, referenceTo } from '../base/flux-object';
import { HelmRepository } from '../source/helm-repository';
import { OciRepository } from '../source/oci-repository';
import { assertSemverRange } from '../semver/range';

/**
 * A Helm chart that is defined by its source and version.
 *
 * @example
 *
 * const charts = new HelmRepository(chart, 'gitea-charts', { url: 'https://dl.gitea.com/charts/' });
 * HelmChart.fromRepository(charts, { name: 'gitea', version: '12.x' });
 */
export class HelmChart {
  /**
   * Returns a chart from a chart repository.
   *
   * @throws FORGE-FLUX-006 for a version that is none and no range, FORGE-FLUX-020 for a name that is none
   */
  static fromRepository(repository: HelmRepository, chart: HelmChartOptions): HelmChart {
    assertSemverRange(chart.version);
    if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(chart.name)) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-020',
        message: `${quoted(chart.name)} is no name of a chart`,
        allowed: 'letters, digits, ".", "_" and "-"',
        fix: 'give the bare name; the repository says where it is',
      });
    }
    return new HelmChart((release) => ({
      chart: {
        spec: {
          chart: chart.name,
          version: chart.version,
          sourceRef: { kind: 'HelmRepository', ...referenceTo(repository, release) },
        },
      },
    }));
  }

  /** Returns a chart that is stored as an OCI artifact. The OciRepository defines the version. */
  static fromOci(repository: OciRepository): HelmChart {
    return new HelmChart((release) => ({ chartRef: { kind: 'OCIRepository', ...referenceTo(repository, release) } }));
  }

  private constructor(private readonly produce: (release: IConstruct) => object) {}

  /**
   * Returns the chart in the format of a release's spec.
   *
   * @internal
   */
  _render(release: IConstruct): object {
    return this.produce(release);
  }
}

/** A chart that is stored in a chart repository. */
export interface HelmChartOptions {
  /** The name of the chart. */
  readonly name: string;

  /** A version or a version range in the Masterminds/semver syntax, for example `12.x`. */
  readonly version: string;
}

/** A Helm release that Flux manages. */
export interface HelmReleaseProps {
  /** The chart to install. */
  readonly chart: HelmChart;

  /**
   * The values of the chart, in the structure of `values.yaml`. A managed image value that is the complete content of a
   * field also gets its marker here.
   *
   * @default - the chart's own
   */
  readonly values?: Record<string, unknown>;

  /**
   * A Secret with additional values in its key `values.yaml`. If `values` sets the same value, `values` takes
   * precedence.
   *
   * @default - none
   */
  readonly secretValues?: SecretSource;

  /**
   * The name of the release in Helm.
   *
   * @default - the id
   */
  readonly releaseName?: string;

  /**
   * The namespace for the objects of the chart.
   *
   * @default - the namespace of the HelmRelease
   */
  readonly targetNamespace?: string;

  /**
   * Whether to create the target namespace.
   *
   * @default false
   */
  readonly createNamespace?: boolean;

  /**
   * The releases that must be ready before this release.
   *
   * @default - none
   */
  readonly dependsOn?: HelmRelease[];

  /**
   * The interval between comparisons of the cluster with the chart.
   *
   * @default Duration.minutes(30)
   */
  readonly interval?: Duration;

  /**
   * The maximum duration of an install or upgrade.
   *
   * @default Duration.minutes(10)
   */
  readonly timeout?: Duration;

  /**
   * The number of retries after a failed install or upgrade, before Flux rolls back the release or stops retrying.
   *
   * @default 3
   */
  readonly retries?: number;

  /**
   * Whether to stop reconciling the release.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A Flux HelmRelease that installs a chart and keeps the release up to date. The HelmRelease also creates and updates
 * the chart's custom resource definitions.
 *
 * @see https://fluxcd.io/flux/components/helm/helmreleases/
 *
 * @example
 *
 * const charts = new HelmRepository(chart, 'gitea-charts', { url: 'https://dl.gitea.com/charts/' });
 * new HelmRelease(chart, 'gitea', { chart: HelmChart.fromRepository(charts, { name: 'gitea', version: '12.x' }) });
 */
export class HelmRelease extends Construct implements IFluxObject {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /**
   * @throws FORGE-FLUX-020 for a release name that Helm does not take
   */
  constructor(scope: Construct, id: string, props: HelmReleaseProps) {
    const made = constructed(HelmRelease, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const retries = props.retries ?? 3;
    const secretValues = props.secretValues?.provide(this, {
      purpose: `more values of the Helm release ${id}`,
      type: 'Opaque',
      keys: ['values.yaml'],
    });
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: fluxName(this) },
      spec: {
        ...props.chart._render(this),
        releaseName: this.checkedName(props.releaseName ?? id),
        ...(props.targetNamespace ? { targetNamespace: props.targetNamespace } : {}),
        interval: fluxDuration(props.interval ?? Duration.minutes(30)),
        timeout: fluxDuration(props.timeout ?? Duration.minutes(10)),
        install: {
          crds: 'CreateReplace',
          ...(props.createNamespace ? { createNamespace: true } : {}),
          remediation: { retries },
        },
        upgrade: { crds: 'CreateReplace', remediation: { retries } },
        ...(props.dependsOn?.length ? { dependsOn: props.dependsOn.map((release) => referenceTo(release, this)) } : {}),
        ...(secretValues ? { valuesFrom: [{ kind: 'Secret', name: secretValues }] } : {}),
        ...(props.values ? { values: plainData(props.values, 'values') } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      },
    });
  }

  private checkedName(name: string): string {
    if (DNS_LABEL.test(name) && name.length <= 53) {
      return name;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-020',
      message: `${quoted(name)} cannot name a Helm release`,
      allowed: 'a-z, 0-9 and "-", at most 53 characters',
      fix: 'give a shorter releaseName',
      symptom: 'invalid release name, must match regex … and the length must not be longer than 53',
    });
  }
}
