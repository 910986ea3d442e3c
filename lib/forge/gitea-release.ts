import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { AccessMode, clusterDomainOf, Layer, quantity, Storage, StorageKind } from '../kube';
import { SecretSource } from '../secret';
import { advise, constructed, handedOver, namespaceOf, objectName, PINS, Problems, quoted } from '../support';
import { Forge } from './forge';
import { GiteaIngress, ingressUrl, ingressValues } from './gitea-ingress';
import { ServerSettings, ServerSettingsProps } from './server-settings';
import { SshEndpoint } from './ssh-endpoint';

const CHARTS = 'https://dl.gitea.com/charts/';
const CHART_VERSION = PINS.charts.gitea.version;
const HTTP_PORT = 3000;

/** A set of options that configures a self-hosted Gitea server. */
export interface GiteaReleaseProps {
  /** Version of the server and tag of its image, for example `1.26.2`. */
  readonly version: string;

  /** Storage for repositories, packages and the database. A claim is kept when the release is removed. */
  readonly storage: Storage;

  /** Secret with `username` and `password` of the administrator. The administrator is created at the first start. */
  readonly admin: SecretSource;

  /**
   * Ingress for external access.
   *
   * @default - not from outside; then `nodePort` or a port-forward
   */
  readonly ingress?: GiteaIngress;

  /**
   * Port from 30000 to 32767 that is open on every node: `http://localhost:<nodePort>` on a machine that is a node.
   *
   * @default - none
   */
  readonly nodePort?: number;

  /**
   * Endpoint for Git over SSH.
   *
   * @default - nowhere
   */
  readonly ssh?: SshEndpoint;

  /**
   * Size limits of the package registry.
   *
   * @default - none
   */
  readonly settings?: ServerSettingsProps;

  /**
   * Whether to let anyone who reaches the server create an account.
   *
   * @default false: the administrator creates accounts
   */
  readonly openRegistration?: boolean;

  /**
   * Whether to show repositories and packages only to users who are signed in. Without it, public repositories and
   * packages are visible to anyone who reaches the server.
   *
   * @default false: pods and nodes pull public images without credentials
   */
  readonly requireSignIn?: boolean;

  /**
   * Whether to create a ServiceMonitor, so that the Prometheus Operator scrapes the server.
   *
   * @default false
   */
  readonly serviceMonitor?: boolean;

  /**
   * Secret with the `token` that a client must send to read `/metrics`. The token has no comma. Flux passes the token to
   * the chart, and the ServiceMonitor uses it.
   *
   * @default - none: anyone who reaches the server reads `/metrics`; with an ingress and a ServiceMonitor, this is an error
   */
  readonly metricsToken?: SecretSource;

  /**
   * Labels of the claim, for example labels that a backup tool selects.
   *
   * @default - none
   */
  readonly claimLabels?: Record<string, string>;

  /**
   * Version of the Helm chart.
   *
   * @default '12.5.3'
   */
  readonly chartVersion?: string;
}

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
    this.check(props);
    const internalUrl = `http://${this.name}-http.${namespaceOf(this)}.svc.${clusterDomainOf(this)}:${HTTP_PORT}`;
    const nodeUrl = props.nodePort === undefined ? internalUrl : `http://localhost:${props.nodePort}`;
    const url = props.ingress ? ingressUrl(props.ingress) : nodeUrl;
    this.forge = Forge.gitea({ version: props.version, url, internalUrl, ssh: props.ssh, nodePort: props.nodePort });
    this._openRegistration = props.openRegistration ?? false;
    Layer.PLATFORM.mark(this);
    advise(this, () => ({ warnings: this.vulnerabilities() }));
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

  private vulnerabilities(): string[] {
    const { product, version, title } = this.forge;
    return product
      .advisoriesFor(version!)
      .map(
        ({ id, effect, fixedIn }) =>
          `${this.node.path}: ${title} has known vulnerabilities: ${id} (${effect}). Use ${fixedIn} or newer`,
      );
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

  private check(props: GiteaReleaseProps): void {
    const problems = new Problems(this.node.path);
    const bad = (message: string, fix: string) => problems.add({ code: 'FORGE-FRG-010', message, fix });
    const { nodePort, ingress, storage } = props;
    if (ingress) {
      checkIngress(ingress, props, bad);
    }
    if (nodePort !== undefined && !(Number.isInteger(nodePort) && nodePort >= 30000 && nodePort <= 32767)) {
      bad(`nodePort is ${nodePort}`, 'give a whole number from 30000 to 32767');
    }
    if (storage.kind === StorageKind.MEMORY) {
      bad('repositories would be kept in memory', 'use Storage.persistent; Storage.ephemeral for a trial');
    }
    if (storage.kind === StorageKind.HOST_PATH) {
      bad(
        'the chart of Gitea has no storage in a directory of a node',
        'use Storage.persistent or Storage.existingClaim',
      );
    }
    problems.throwIfAny();
  }
}

function checkIngress(
  ingress: GiteaIngress,
  props: GiteaReleaseProps,
  bad: (message: string, fix: string) => void,
): void {
  if (props.serviceMonitor && !props.metricsToken) {
    bad(
      `the ingress shows /metrics of ${quoted(ingress.host)} to anyone`,
      'set metricsToken to a Secret with the key token, or remove serviceMonitor',
    );
  }
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(ingress.host)) {
    bad(`${quoted(ingress.host)} is not the host of an ingress`, "give a host name, e.g. 'git.example.com'");
  }
  if (
    ingress.requestsPerSecond !== undefined &&
    !(Number.isInteger(ingress.requestsPerSecond) && ingress.requestsPerSecond > 0)
  ) {
    bad(
      `requestsPerSecond is ${ingress.requestsPerSecond}`,
      'give a whole number from 1 on; a push of an image alone makes some dozens',
    );
  }
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
