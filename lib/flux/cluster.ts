import { Chart } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { Repository } from '../forge';
import { Layer } from '../kube';
import { SecretSource } from '../secret';
import { DNS_LABEL, ForgeError, quoted } from '../support';
import { GitRepository } from './git-repository';
import { ImageUpdateAutomation } from './image-update-automation';
import { Kustomization } from './kustomization';

const CLUSTER = Symbol.for('cdk8s-forge.Cluster');

/** Folder of a cluster's own Flux objects, and the id of the charts' scope. */
const ENTRY = 'flux';

/**
 * A cluster that Flux keeps in step with this repository.
 */
export interface ClusterProps {
  /** The repository that this program's output is committed to. */
  readonly source: Repository;

  /**
   * The branch that Flux follows and commits to.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * Credentials to clone and push with.
   *
   * @default - `SecretSource.existing('flux-system')`, the Secret that `flux bootstrap` makes
   */
  readonly credentials?: SecretSource;

  /**
   * The namespace of the Flux objects.
   *
   * @default 'flux-system'
   */
  readonly namespace?: string;

  /**
   * Where the output directory lies in the repository.
   *
   * @default 'dist'
   */
  readonly outputPath?: string;
}

/**
 * A folder of the output that one cluster lives from: an entry, and layers that Flux applies in order, one Kustomization each.
 *
 * Make the charts of the cluster below it. `kubectl apply` the entry once (the runbook has the line); from then on Flux follows.
 *
 * @example
 *
 * const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
 * const apps = new Chart(home, 'apps', { namespace: 'apps' });
 */
export class Cluster extends Construct {
  /** Whether `x` is a Cluster, also of another copy of this library. */
  static isCluster(x: unknown): x is Cluster {
    return x !== null && typeof x === 'object' && CLUSTER in x;
  }

  /**
   * The cluster that a construct belongs to.
   *
   * @throws FORGE-FLUX-002 if it belongs to none
   */
  static of(construct: IConstruct): Cluster {
    const cluster = Cluster.tryOf(construct);
    if (cluster) { return cluster; }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-002',
      message: `${quoted(construct.node.path)} belongs to no cluster`,
      fix: "make its chart below one: new Chart(new Cluster(app, 'home', { … }), 'apps', { … })",
    });
  }

  /** The cluster that a construct belongs to, or undefined. */
  static tryOf(construct: IConstruct): Cluster | undefined {
    return construct.node.scopes.find((scope) => Cluster.isCluster(scope)) as Cluster | undefined;
  }

  /** The namespace of the Flux objects. */
  readonly namespace: string;

  /** The repository as Flux sees it. */
  readonly source: GitRepository;

  private readonly outputPath: string;
  private readonly entry: Construct;
  private imageChart?: Chart;

  /**
   * @throws FORGE-FLUX-003 if the id cannot name a folder and objects
   */
  constructor(scope: Construct, id: string, props: ClusterProps) {
    super(scope, id);
    if (!DNS_LABEL.test(id)) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-003',
        message: `${quoted(id)} cannot name a cluster`,
        allowed: 'a DNS label: a-z, 0-9 and "-", first and last a letter or digit, at most 63 characters',
        fix: "use a name such as 'home'",
      });
    }
    Object.defineProperty(this, CLUSTER, { value: true });
    this.namespace = props.namespace ?? 'flux-system';
    this.outputPath = props.outputPath ?? 'dist';
    this.entry = new Construct(this, ENTRY);
    this.source = new GitRepository(this.entryChart('source'), id, {
      repository: props.source,
      branch: props.branch,
      credentials: props.credentials ?? SecretSource.existing('flux-system'),
    });
  }

  /** Name of the cluster. */
  get name(): string {
    return this.node.id;
  }

  /**
   * The chart of the cluster's image automation. Policies live in one namespace with their automation, because an automation
   * sees no others; there is one automation, because two would race each other's pushes.
   */
  get images(): Chart {
    if (!this.imageChart) {
      this.imageChart = this.entryChart('images');
      new ImageUpdateAutomation(this.imageChart, this.name, { source: this.source });
    }
    return this.imageChart;
  }

  /** Folder of the entry in the repository: what to `kubectl apply` once. */
  get entryPath(): string {
    return `${this.outputPath}/${this.folder(ENTRY)}`;
  }

  /**
   * Whether a chart is one of the cluster's own Flux charts.
   *
   * @internal
   */
  _isEntry(chart: Chart): boolean {
    return chart.node.scopes.includes(this.entry);
  }

  /**
   * The file that a chart of this cluster goes to, below the output directory.
   *
   * @internal
   */
  _fileOf(chart: Chart, layer: Layer): string {
    const inEntry = this._isEntry(chart);
    const scopes = chart.node.scopes.slice(chart.node.scopes.indexOf(inEntry ? this.entry : this) + 1);
    return `${this.folder(inEntry ? ENTRY : layer.name)}/${scopes.map((c) => c.node.id).join('-')}`;
  }

  /**
   * The layers that hold charts become Kustomizations. Called by the synth, when all charts are there; calling it again changes nothing.
   *
   * @internal
   */
  _connectLayers(layers: Layer[]): void {
    const chart = (this.entry.node.tryFindChild('layers') as Chart | undefined) ?? this.entryChart('layers');
    this.kustomization(chart, this.name, { path: this.folder(ENTRY), wait: false });
    let previous: Kustomization | undefined;
    for (const layer of Layer.all.filter((l) => layers.includes(l))) {
      previous = this.kustomization(chart, `${this.name}-${layer.name}`, { path: this.folder(layer.name), wait: true, after: previous });
    }
  }

  private kustomization(chart: Chart, id: string, options: { path: string; wait: boolean; after?: Kustomization }): Kustomization {
    const present = chart.node.tryFindChild(id) as Kustomization | undefined;
    return present ?? new Kustomization(chart, id, {
      source: this.source,
      path: `./${this.outputPath}/${options.path}`,
      wait: options.wait,
      dependsOn: options.after ? [options.after] : [],
    });
  }

  private folder(name: string): string {
    return `clusters/${this.name}/${name}`;
  }

  private entryChart(id: string): Chart {
    return new Chart(this.entry, id, { namespace: this.namespace });
  }
}
