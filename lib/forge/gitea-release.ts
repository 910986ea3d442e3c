import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { AccessMode, clusterDomainOf, Layer, quantity, Storage, StorageKind } from '../kube';
import { advise, constructed, handedOver, namespaceOf, objectName, PINS } from '../support';
import { Forge } from './forge';
import { releaseAdvice } from './gitea-release-advice';
import { checkRelease } from './gitea-release-check';
import { ingressUrl, ingressValues } from './gitea-ingress';
import { GiteaReleaseProps } from './gitea-release-props';
import { ServerSettings } from './server-settings';

const CHARTS = 'https://dl.gitea.com/charts/';
const CHART_VERSION = PINS.charts.gitea.version;
const HTTP_PORT = 3000;

/**
 * A Gitea server that Flux deploys from a HelmRepository and a HelmRelease. The server is one pod with SQLite, with the
 * settings that the rest of the cdk8s app needs. For a separate database and replicas, use the chart directly, with
 * `ServerSettings` for its values.
 *
 * @see https://gitea.com/gitea/helm-gitea
 *
 * @example
 *
 * const gitea = new GiteaRelease(chart, 'gitea', {
 *   version: '1.26.2',
 *   nodePort: 30080,
 *   storage: Storage.persistent(Size.gibibytes(10), 'local-path'),
 *   admin: SecretSource.existing('gitea-admin'),
 * });
 * gitea.forge.repository('platform/hello');
 */
export class GiteaRelease extends Construct {
  /** The server as a `Forge`, for use in the rest of the cdk8s app. */
  readonly forge: Forge;

  /** Name of the release. The Service for HTTP is named `<name>-http`. */
  readonly name: string;

  /**
   * Reports whether anyone who reaches the server can create an account.
   *
   * @internal
   */
  readonly _openRegistration: boolean;

  /**
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-010 for a port or an ingress that cannot be, and for metrics
   * that anyone can read through the ingress
   */
  constructor(scope: Construct, id: string, props: GiteaReleaseProps) {
    const made = constructed(GiteaRelease, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.name = objectName(this);
    const internalUrl = `http://${this.name}-http.${namespaceOf(this)}.svc.${clusterDomainOf(this)}:${HTTP_PORT}`;
    checkRelease(this, props, internalUrl);
    this.forge = props.forge ?? forgeOf(props, internalUrl);
    this._openRegistration = props.openRegistration ?? false;
    Layer.PLATFORM.mark(this);
    const isSeenOutside = this.forge.url !== internalUrl;
    advise(this, () => releaseAdvice(this, isSeenOutside));
    const admin = props.admin.provide(this, {
      purpose: `administrator of Gitea ${this.name}`,
      type: 'Opaque',
      keys: ['username', 'password'],
    });
    new ApiObject(this, 'Charts', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'HelmRepository',
      metadata: { name: `${this.name}-charts` },
      spec: { url: CHARTS, interval: '24h' },
    });
    new ApiObject(this, 'Resource', {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: this.name },
      spec: this.spec(props, { admin, metricsToken: this.metricsToken(props) }),
    });
  }

  private metricsToken({ metricsToken }: GiteaReleaseProps): string | undefined {
    return metricsToken?.provide(this, {
      purpose: `Prometheus reads the metrics of Gitea ${this.name}`,
      type: 'Opaque',
      keys: ['token'],
      readsAnyKey: true,
    });
  }

  private spec(
    props: GiteaReleaseProps,
    { admin, metricsToken }: { admin: string; metricsToken?: string },
  ): Record<string, unknown> {
    return {
      interval: '1h',
      releaseName: this.name,
      chart: {
        spec: {
          chart: 'gitea',
          version: props.chartVersion ?? CHART_VERSION,
          sourceRef: { kind: 'HelmRepository', name: `${this.name}-charts` },
        },
      },
      install: { remediation: { retries: 3 } },
      upgrade: { remediation: { retries: 3 } },
      values: this.values(props, admin),
      ...(metricsToken === undefined
        ? {}
        : {
            valuesFrom: [
              {
                kind: 'Secret',
                name: metricsToken,
                valuesKey: props.metricsToken!.keyOf('token'),
                targetPath: 'gitea.metrics.token',
              },
            ],
          }),
    };
  }

  private values(props: GiteaReleaseProps, admin: string): Record<string, unknown> {
    const { config } = new ServerSettings(this.forge, props.settings).helmValues.gitea;
    const off = { enabled: false };
    return {
      fullnameOverride: this.name,
      image: { tag: props.version },
      // One pod holds the claim: a second cannot start beside it.
      strategy: { type: 'Recreate' },
      service: {
        http: {
          port: HTTP_PORT,
          ...(props.nodePort === undefined ? {} : { type: 'NodePort', nodePort: props.nodePort }),
        },
      },
      persistence: persistence(props.storage, props.claimLabels),
      ...(props.ingress ? { ingress: ingressValues(props.ingress) } : {}),
      gitea: {
        admin: { existingSecret: admin, passwordMode: 'keepUpdated' },
        metrics: {
          enabled: props.serviceMonitor ?? false,
          serviceMonitor: { enabled: props.serviceMonitor ?? false },
        },
        config: {
          ...config,
          service: {
            DISABLE_REGISTRATION: String(!props.openRegistration),
            REQUIRE_SIGNIN_VIEW: String(props.requireSignIn ?? false),
          },
          database: { DB_TYPE: 'sqlite3' },
          session: { PROVIDER: 'memory' },
          cache: { ADAPTER: 'memory' },
          queue: { TYPE: 'level' },
        },
      },
      postgresql: off,
      'postgresql-ha': off,
      valkey: off,
      'valkey-cluster': off,
    };
  }
}

function forgeOf({ version, nodePort, ingress, ssh }: GiteaReleaseProps, internalUrl: string): Forge {
  const nodeUrl = nodePort === undefined ? internalUrl : `http://localhost:${nodePort}`;
  return Forge.gitea({ version, url: ingress ? ingressUrl(ingress) : nodeUrl, internalUrl, ssh, nodePort });
}

function persistence(storage: Storage, labels?: Record<string, string>): Record<string, unknown> {
  const { name, annotations, accessMode = AccessMode.READ_WRITE_ONCE, labels: own } = storage._claim;
  const { kind, storageClassName: storageClass } = storage;
  const enabled = kind === StorageKind.PERSISTENT || kind === StorageKind.EXISTING_CLAIM;
  if (!enabled || kind === StorageKind.EXISTING_CLAIM) {
    return enabled ? { enabled, create: false, claimName: name } : { enabled };
  }
  return {
    enabled,
    ...(name === undefined ? {} : { claimName: name }),
    size: quantity(storage.size!),
    accessModes: [accessMode],
    annotations: { 'helm.sh/resource-policy': 'keep', ...annotations },
    ...(own || labels ? { labels: { ...own, ...labels } } : {}),
    ...(storageClass === undefined ? {} : { storageClass }),
  };
}
