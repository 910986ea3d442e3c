import { ApiObject, Chart } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { PassThroughManifest, SecretSource } from '../../secret';
import {
  advise,
  constructed,
  ConstructKind,
  engineOf,
  ForgeError,
  handedOver,
  needsEngine,
  Problems,
  quoted,
  register,
} from '../../support';
import { AdoptedManifest } from '../adopt/manifest';
import { declareCluster, Layer, setClusterDomain } from '../../kube';
import { omitWhile } from '../base/omission';
import { substituted, withoutKey } from './encrypted';
import { ENTRY, entryPoint } from './entry';
import { ClusterLayer } from './cluster-layer';
import { ClusterContent, Division } from './division';
import { problemsWithName } from './layers';
import { assertCluster } from './cluster-check';
import { ClusterKustomizations } from './cluster-kustomizations';
import { fluxInstance } from './instance';
import { ClusterProps, ImageAutomationParts } from './props';
import { assertPlaces, clusterSources } from './source';
import { DeployedImage } from '../image/deployed-image';
import { clusterAdvice } from './advice';
import { CLUSTER, IFluxObject, ImageFacts } from '../base/flux-object';
import { SHARD_LABEL } from '../base/shard';
import { FluxVersion } from '../base/version';
import { GitRepository } from '../source/git-repository';
import { clusterSize } from './size';
import { ImageUpdateAutomation } from '../image/update-automation';
import { Kustomization, KustomizationProps } from './kustomization';
import { Receiver } from '../notify/receiver';
import { Substitution } from './substitution';
import { imageFacts, webhooksFor } from './webhooks';

/**
 * The kind under which the model finds every Cluster.
 *
 * @jsii ignore
 */
export const CLUSTERS = new ConstructKind<Cluster>('Cluster');

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

  /** The facts that the image objects read. @internal */
  readonly _imageFacts: ImageFacts;

  private readonly outputPath: string;
  /** The source that Flux applies: `source`, or one that exists. @internal */
  readonly _applied: IFluxObject;
  private readonly entry: Construct;
  private readonly division: Division;
  private readonly own: Kustomization;
  private readonly pushedImages?: Receiver;
  private hasImages = false;

  /** The chart of the cluster's image automation. Create image policies in it, because an automation ignores policies in
   * other namespaces. */
  readonly images: Chart;

  /**
   * The automation that commits new image versions. A cluster has only one automation, because the pushes of two
   * automations would conflict. The automation is emitted if the cluster has images.
   */
  readonly imageAutomation: ImageUpdateAutomation;

  /**
   * @throws FORGE-FLUX-003 if the id cannot name a folder and objects, FORGE-FLUX-028 for numbers that cannot divide it,
   * FORGE-FLUX-052 for settings that do not fit a source which exists, FORGE-FLUX-053 for a FluxInstance that the operator rejects,
   * FORGE-FLUX-054 inside another cluster, FORGE-FLUX-055 for an output directory that Flux leaves out, FORGE-FLUX-056 for a bad shard
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ClusterProps,
  ) {
    const made = constructed(Cluster, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    declareCluster(this);
    if (props.clusterDomain !== undefined) {
      setClusterDomain(this, props.clusterDomain);
    }
    assertCluster(this, props);
    this.substitution = props.substitution;
    Object.defineProperty(this, CLUSTER, { value: true });
    register(this, CLUSTERS);
    needsEngine(this, 'a Cluster');
    this.version = props.version ?? FluxVersion.LATEST_KNOWN;
    this.namespace = props.namespace ?? 'flux-system';
    this._imageFacts = imageFacts(id, props);
    this.outputPath = props.outputPath ?? engineOf(this)?.outputPath ?? 'dist';
    this.entry = entryPoint(this);
    const { repository, applied } = clusterSources(this.entryChart('source', props.shard), id, props);
    this.source = repository;
    this._applied = applied;
    omitWhile(this.source, () => applied !== repository && !this.hasImages);
    assertPlaces(this, props.imageUpdates?.path, this.outputPath);
    if (props.instance !== undefined) {
      fluxInstance(this.entryChart('instance'), this, { ...props, hasImages: () => this.hasImages });
    }
    this.images = this.entryChart('images');
    this.imageAutomation = new ImageUpdateAutomation(this.images, id, { ...props.imageUpdates, source: this.source });
    omitWhile(this.imageAutomation, () => !this.hasImages || props.imageParts === ImageAutomationParts.REFLECT);
    const chart = this.entryChart('layers', props.shard);
    this.own = new Kustomization(chart, id, { ...this.kustomizationProps(ENTRY), wait: false });
    omitWhile(this.own, () => !this.kustomizations.isOwn);
    this.division = this.divided(chart, props);
    this.pushedImages = props.webhookToken && this.webhooks(props.webhookToken);
    advise(this, () => clusterAdvice(this, props.source, this.hasImages));
    advise(this, () => ({ warnings: this.division.warnings }));
  }

  /** The name of the cluster. */
  get name(): string {
    return this.node.id;
  }

  /** The Kustomization that applies the cluster entry point itself. */
  get kustomization(): Kustomization {
    return this.own;
  }

  /**
   * Returns a deployment layer of the cluster, with the Kustomizations that apply it.
   *
   * @throws FORGE-FLUX-043 for two layers with one name
   */
  layer(layer: Layer): ClusterLayer {
    return this.division.layer(layer);
  }

  /** The Kustomizations that apply the output. */
  get kustomizations(): ClusterKustomizations {
    return this.props.kustomizations ?? ClusterKustomizations.own();
  }

  /** Reports whether the Flux Operator installs Flux. */
  get hasInstance(): boolean {
    return this.props.instance !== undefined;
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
   * @throws FORGE-FLUX-030 for a path that is none; at synth FORGE-FLUX-031 to 033 and 037 for a file in which the image cannot be marked
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
    return this.folder(this._isEntry(chart) ? ENTRY : (this.division.folderOf(chart) ?? ENTRY));
  }

  /**
   * Returns the directory of an object, if it is not that of its chart. Call `_connect` first.
   *
   * @internal
   */
  _ownFolderOf(object: ApiObject): string | undefined {
    const folder = this.division.ownFolderOf(object);
    return folder && this.folder(folder);
  }

  /**
   * Rejects a SOPS file if the cluster has no decryption key, or if Flux would substitute variables in the decrypted
   * values.
   *
   * @internal
   */
  _assertDecrypts(construct: IConstruct, manifest: PassThroughManifest, chart: Chart): void {
    if (!this.props.decryption) {
      throw withoutKey(construct, manifest.secretName, this.name);
    }
    if (this.substitution && !this._isEntry(chart) && manifest.isSubstituted) {
      throw substituted(construct, manifest.secretName);
    }
  }

  /**
   * Connects the Kustomizations of the layers with content, and the webhooks to the images. Synthesis calls this method
   * when all charts exist. If charts are added later, synthesis may call the method again.
   *
   * @internal
   */
  _connect({ charts, images, policies }: ClusterContent): void {
    this.hasImages = policies.length + images.length > 0;
    const isUpdate = this.props.imageParts === ImageAutomationParts.UPDATE;
    const imageObjects = [...images, ...policies].map(({ apiObject }) => apiObject);
    imageObjects.forEach((object) => omitWhile(object, () => isUpdate));
    images.forEach((image) => this.pushedImages?.notifies(image));
    this.division.follow(isUpdate ? [] : images);
    const problems = new Problems(this.node.path);
    this.division.divide(charts, isUpdate ? [] : imageObjects, this.own).forEach((problem) => problems.add(problem));
    charts.forEach(({ chart }) => problemsWithName(chart, this._fileOf(chart)).forEach((one) => problems.add(one)));
    problems.throwIfAny();
  }

  private kustomizationProps(folder: string): KustomizationProps {
    const path = `./${this.outputPath}/${this.folder(folder)}`;
    return { source: this._applied, path, decryption: this.props.decryption };
  }

  private folder(name: string): string {
    return `clusters/${this.name}/${name}`;
  }

  private entryChart(id: string, shard?: string): Chart {
    return new Chart(this.entry, id, { namespace: this.namespace, labels: shard ? { [SHARD_LABEL]: shard } : {} });
  }

  private divided(chart: Chart, props: ClusterProps): Division {
    return new Division(chart, {
      name: this.name,
      entry: ENTRY,
      size: clusterSize(props),
      options: { ...props.layers },
      areEmitted: this.kustomizations.isOwn,
      propsFor: (folder) => ({
        ...this.kustomizationProps(folder),
        substitution: props.substitution,
        kubeConfig: props.kubeConfig,
      }),
      imagePropsFor: (folder) => this.kustomizationProps(folder),
    });
  }

  private webhooks(token: SecretSource): Receiver {
    const images = webhooksFor(this.entryChart('webhooks'), this, { token, source: this._applied });
    omitWhile(images, () => !this.hasImages);
    return images;
  }
}
