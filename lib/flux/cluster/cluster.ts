import { Chart } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { SecretSource } from '../../secret';
import { advise, ConstructKind, DNS_LABEL, ForgeError, quoted, register } from '../../support';
import { AdoptedManifest } from '../adopt/manifest';
import { LayeredChart, LayerPart, partsOf, problemsWithLayers } from './layers';
import { ClusterProps } from './props';
import { DeployedImage } from '../image/deployed-image';
import { clusterAdvice } from './advice';
import { CLUSTER } from '../base/flux-object';
import { FluxVersion } from '../base/version';
import { GitRepository } from '../source/git-repository';
import { ImageRepository } from '../image/repository';
import { ImageUpdateAutomation } from '../image/update-automation';
import { Kustomization } from './kustomization';
import { Receiver, ReceiverType } from '../notify/receiver';
import { Substitution } from './substitution';

/**
 * The kind under which the model finds every Cluster.
 *
 * @jsii ignore
 */
export const CLUSTERS = new ConstructKind<Cluster>('Cluster');

/** The directory name of a cluster's own Flux objects, and the id of the scope of their charts. */
const ENTRY = 'flux';

/** A set of options for a Kustomization of the cluster. */
interface KustomizationOptions {
  readonly id: string;
  readonly folder: string;
  readonly wait: boolean;
}

/**
 * A cluster that Flux deploys from one output directory, with an entry point and ordered deployment layers.
 *
 * By default, Flux applies each layer with one Kustomization. Create the charts of the cluster in the scope of this
 * construct. Run `kubectl apply` on the entry point once (the runbook contains the command). Flux reconciles later
 * changes.
 *
 * @example
 *
 * const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
 * const apps = new Chart(home, 'apps', { namespace: 'apps' });
 */
export class Cluster extends Construct {
  /** Returns whether `x` is a Cluster, including an instance from another copy of this library. */
  static isCluster(x: unknown): x is Cluster {
    return x !== null && typeof x === 'object' && CLUSTER in x;
  }

  /**
   * Returns the cluster that a construct belongs to.
   *
   * @throws FORGE-FLUX-002 if it belongs to none
   */
  static of(construct: IConstruct): Cluster {
    const cluster = Cluster.tryOf(construct);
    if (cluster) {
      return cluster;
    }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-002',
      message: `${quoted(construct.node.path)} belongs to no cluster`,
      fix: "make its chart below one: new Chart(new Cluster(app, 'home', { … }), 'apps', { … })",
    });
  }

  /** Returns the cluster that a construct belongs to, or undefined if the construct belongs to no cluster. */
  static tryOf(construct: IConstruct): Cluster | undefined {
    return construct.node.scopes.find((scope) => Cluster.isCluster(scope)) as Cluster | undefined;
  }

  /** The namespace of the Flux objects. */
  readonly namespace: string;

  /** The version of Flux in the cluster. */
  readonly version: FluxVersion;

  /** The GitRepository that Flux reads this cluster's manifests from. */
  readonly source: GitRepository;

  /** The variables that Flux substitutes in the manifests of this cluster. */
  readonly substitution?: Substitution;

  private readonly outputPath: string;
  private readonly entry: Construct;
  private readonly folders = new Map<Chart, string>();
  private imageChart?: Chart;

  /**
   * @throws FORGE-FLUX-003 if the id cannot name a folder and objects, FORGE-FLUX-028 for a number of parts that is none
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ClusterProps,
  ) {
    super(scope, id);
    this.check(id, props.parts ?? 1);
    this.substitution = props.substitution;
    Object.defineProperty(this, CLUSTER, { value: true });
    register(this, CLUSTERS);
    this.version = props.version ?? FluxVersion.LATEST_KNOWN;
    this.namespace = props.namespace ?? 'flux-system';
    this.outputPath = props.outputPath ?? 'dist';
    this.entry = new Construct(this, ENTRY);
    this.source = new GitRepository(this.entryChart('source'), id, {
      repository: props.source,
      branch: props.branch,
      credentials: props.credentials ?? SecretSource.existing('flux-system'),
    });
    advise(this, () => clusterAdvice(this, props.source, this.imageChart !== undefined));
  }

  /** The name of the cluster. */
  get name(): string {
    return this.node.id;
  }

  /**
   * The chart of the cluster's image automation. Image policies are in the same namespace as their automation, because
   * an automation ignores policies in other namespaces. Each cluster has only one automation, because the pushes of two
   * automations would conflict.
   */
  get images(): Chart {
    if (!this.imageChart) {
      this.imageChart = this.entryChart('images');
      new ImageUpdateAutomation(this.imageChart, this.name, { ...this.props.imageUpdates, source: this.source });
    }
    return this.imageChart;
  }

  /** Reports whether webhooks notify Flux of a push immediately. */
  get hasWebhooks(): boolean {
    return this.props.webhookToken !== undefined;
  }

  /** The directory of the cluster entry point in the repository, for a single `kubectl apply`. */
  get entryPath(): string {
    return `${this.outputPath}/${this.folder(ENTRY)}`;
  }

  /**
   * Keeps the image in a manually maintained manifest up to date. The image is marked for Flux, and nothing else in the
   * file changes.
   *
   * @param file the file, from the root of the repository
   * @param image the image to look for in it
   * @throws FORGE-FLUX-030 for a path that is none; at synth FORGE-FLUX-031 to 033 for a file in which the image cannot be marked
   */
  adopt(file: string, image: DeployedImage): void {
    const scope =
      (this.entry.node.tryFindChild('adopted') as Construct | undefined) ?? new Construct(this.entry, 'adopted');
    new AdoptedManifest(scope, `${file} ${image.policy}`, { file, image });
  }

  /**
   * Returns whether a chart is part of the cluster's own Flux charts.
   *
   * @internal
   */
  _isEntry(chart: Chart): boolean {
    return chart.node.scopes.includes(this.entry);
  }

  /**
   * Returns the file path of a chart of this cluster, relative to the output directory. Call `_connect` first.
   *
   * @internal
   */
  _fileOf(chart: Chart): string {
    const scopes = chart.node.scopes.slice(chart.node.scopes.indexOf(this._isEntry(chart) ? this.entry : this) + 1);
    return `${this._folderOf(chart)}/${scopes.map((c) => c.node.id).join('-')}`;
  }

  /**
   * Returns the directory of a chart of this cluster, relative to the output directory. Call `_connect` first.
   *
   * @internal
   */
  _folderOf(chart: Chart): string {
    return this.folder(this._isEntry(chart) ? ENTRY : (this.folders.get(chart) ?? ENTRY));
  }

  /**
   * Rejects a SOPS file if the cluster has no decryption key.
   *
   * @internal
   */
  _assertDecrypts(construct: IConstruct, secretName: string): void {
    if (this.props.decryption) {
      return;
    }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-023',
      message: `the Secret ${quoted(secretName)} is encrypted with SOPS, and cluster ${quoted(this.name)} has no key`,
      fix: "say where the age key is: new Cluster(app, …, { decryption: SecretSource.existing('sops-age') })",
      symptom: 'Secret is SOPS encrypted, configuring decryption is required for this secret to be reconciled',
    });
  }

  /**
   * Creates the Kustomizations of the layers that contain charts, and connects the webhooks to the images. Synthesis
   * calls this method when all charts exist. If charts are added later, synthesis may call the method again.
   *
   * @internal
   */
  _connect(charts: LayeredChart[], images: ImageRepository[]): void {
    const parts = partsOf(charts, this.props.parts ?? 1);
    this.folders.clear();
    parts.forEach((part) => part.charts.forEach((chart) => this.folders.set(chart, part.name)));
    this.connectParts(parts);
    if (this.props.webhookToken) {
      this.connectWebhooks(this.props.webhookToken, images);
    }
    const problems = problemsWithLayers(charts, parts);
    if (problems.length > 0) {
      throw new ForgeError(problems);
    }
  }

  /**
   * Creates missing Kustomizations and removes those of deleted parts. Existing Kustomizations stay, because Secrets
   * may have been created for them.
   */
  private connectParts(parts: LayerPart[]): void {
    const chart = this.chartOf('layers');
    const wanted = [this.kustomization(chart, { id: this.name, folder: ENTRY, wait: false })];
    let [previous, current] = [[] as Kustomization[], [] as Kustomization[]];
    parts.forEach((part, i) => {
      if (i > 0 && parts[i - 1].layer !== part.layer) {
        [previous, current] = [current, []];
      }
      const made = this.kustomization(chart, { id: `${this.name}-${part.name}`, folder: part.name, wait: true });
      made._comeAfter(previous);
      current.push(made);
      wanted.push(made);
    });
    const gone = chart.node.children.filter((child) => child instanceof Kustomization && !wanted.includes(child));
    gone.forEach((child) => chart.node.tryRemoveChild(child.node.id));
  }

  private kustomization(chart: Chart, options: KustomizationOptions): Kustomization {
    const { decryption, substitution } = this.props;
    const present = chart.node.tryFindChild(options.id) as Kustomization | undefined;
    return (
      present ??
      new Kustomization(chart, options.id, {
        source: this.source,
        path: `./${this.outputPath}/${this.folder(options.folder)}`,
        wait: options.wait,
        decryption,
        substitution: options.folder === ENTRY ? undefined : substitution,
      })
    );
  }

  private connectWebhooks(token: SecretSource, images: ImageRepository[]): void {
    const chart = this.chartOf('webhooks');
    const receiver = (id: string, events: string[]) =>
      (chart.node.tryFindChild(id) as Receiver | undefined) ??
      new Receiver(chart, id, { type: ReceiverType.FORGE, token, events });
    receiver(this.name, ['ping', 'push']).notifies(this.source);
    images.forEach((image) => receiver(`${this.name}-images`, ['ping', 'package']).notifies(image));
  }

  /** Returns a chart of the cluster entry point, and creates the chart if it does not exist. */
  private chartOf(id: string): Chart {
    return (this.entry.node.tryFindChild(id) as Chart | undefined) ?? this.entryChart(id);
  }

  private check(id: string, parts: number): void {
    if (!DNS_LABEL.test(id)) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-003',
        message: `${quoted(id)} cannot name a cluster`,
        allowed: 'a DNS label: a-z, 0-9 and "-", first and last a letter or digit, at most 63 characters',
        fix: "use a name such as 'home'",
      });
    }
    if (Number.isInteger(parts) && parts >= 1 && parts <= 64) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-028',
      message: `a layer cannot be divided into ${String(parts)} parts`,
      allowed: 'a whole number from 1 to 64',
      fix: 'give one part a thousand objects: parts: 4',
    });
  }

  private folder(name: string): string {
    return `clusters/${this.name}/${name}`;
  }

  private entryChart(id: string): Chart {
    return new Chart(this.entry, id, { namespace: this.namespace });
  }
}
