import { ApiObject, Duration } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { SecretSource } from '../secret';
import { DNS_LABEL, ForgeError, quoted } from '../support';
import { fluxDuration } from './duration';
import { fluxName, IFluxObject, referenceTo } from './flux-object';
import { HelmRepository } from './source/helm-repository';
import { OciRepository } from './source/oci-repository';
import { assertSemverRange } from './image/semver-range';

/**
 * Which chart, from where, in which version.
 *
 * @example
 *
 * const charts = new HelmRepository(chart, 'gitea-charts', { url: 'https://dl.gitea.com/charts/' });
 * HelmChart.fromRepository(charts, { name: 'gitea', version: '12.x' });
 */
export class HelmChart {
  /**
   * A chart of a chart repository.
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

  /** A chart that is an OCI artifact; the OciRepository says which version. */
  static fromOci(repository: OciRepository): HelmChart {
    return new HelmChart((release) => ({ chartRef: { kind: 'OCIRepository', ...referenceTo(repository, release) } }));
  }

  private constructor(private readonly produce: (release: IConstruct) => object) {}

  /**
   * As it stands in the spec of a release.
   *
   * @internal
   */
  _render(release: IConstruct): object {
    return this.produce(release);
  }
}

/**
 * A chart of a repository.
 */
export interface HelmChartOptions {
  /** Name of the chart. */
  readonly name: string;

  /** A version, or a range of versions in the grammar of Masterminds/semver, e.g. `12.x`. */
  readonly version: string;
}

/**
 * A Helm release that Flux keeps.
 */
export interface HelmReleaseProps {
  /** The chart. */
  readonly chart: HelmChart;

  /**
   * Values of the chart, as in `values.yaml`. A managed image value that stands alone gets its marker here too.
   *
   * @default - the chart's own
   */
  readonly values?: Record<string, unknown>;

  /**
   * A Secret whose key `values.yaml` holds more values; they win over `values` only where those are silent.
   *
   * @default - none
   */
  readonly secretValues?: SecretSource;

  /**
   * Name of the release in Helm.
   *
   * @default - the id
   */
  readonly releaseName?: string;

  /**
   * The namespace that the chart's objects go to.
   *
   * @default - the namespace of the HelmRelease
   */
  readonly targetNamespace?: string;

  /**
   * Whether to make that namespace.
   *
   * @default false
   */
  readonly createNamespace?: boolean;

  /**
   * Releases that must be ready first.
   *
   * @default - none
   */
  readonly dependsOn?: HelmRelease[];

  /**
   * How often to compare the cluster with the chart.
   *
   * @default Duration.minutes(30)
   */
  readonly interval?: Duration;

  /**
   * How long an install or upgrade may take.
   *
   * @default Duration.minutes(10)
   */
  readonly timeout?: Duration;

  /**
   * How often to try again after a failed install or upgrade, before it is rolled back or given up.
   *
   * @default 3
   */
  readonly retries?: number;

  /**
   * Whether to stop reconciling.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * Flux's HelmRelease. Custom resource definitions of the chart are created and updated with it.
 *
 * @see https://fluxcd.io/flux/components/helm/helmreleases/
 *
 * @example
 *
 * const charts = new HelmRepository(chart, 'gitea-charts', { url: 'https://dl.gitea.com/charts/' });
 * new HelmRelease(chart, 'gitea', { chart: HelmChart.fromRepository(charts, { name: 'gitea', version: '12.x' }) });
 */
export class HelmRelease extends Construct implements IFluxObject {
  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  /**
   * @throws FORGE-FLUX-020 for a release name that Helm does not take
   */
  constructor(scope: Construct, id: string, props: HelmReleaseProps) {
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
        ...(props.values ? { values: structuredClone(props.values) } : {}),
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
