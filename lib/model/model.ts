import { ApiObject, App, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import {
  ADOPTED_MANIFESTS,
  AdoptedManifest,
  Cluster,
  CLUSTERS,
  IMAGE_POLICIES,
  IMAGE_REPOSITORIES,
  IMAGE_UPDATE_AUTOMATIONS,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  isOmitted,
  pullRequestsAt,
} from '../flux';
import { clusterOf, Layer, requestersOf } from '../kube';
import { ManagedImage, OUTPUT_FILES, OutputFile, ROOT_FILES, RootFile } from '../output';
import { IRunner, RUNNERS } from '../runner';
import { createdByApp, PassThroughManifest, passThroughAt, SecretRequirement, SecretSource } from '../secret';
import { adviceAt, ConstructKind, kindsOf, Problem } from '../support';
import { Workflow } from '../workflow';
import { byPath } from './by-path';
import { placed, SaidAdvice } from './said-advice';
import { problemsOfValidation } from './validation';

/**
 * A chart that is combined with the results of the tree walk.
 *
 * @jsii ignore
 */
export interface ChartModel {
  readonly chart: Chart;
  readonly cluster?: Cluster;
  readonly objects: ApiObject[];
  layer: Layer;
}

/**
 * A secret that a construct needs.
 *
 * @jsii ignore
 */
export interface NeededSecret extends SecretRequirement {
  readonly neededBy: string;
  /** Name of the cluster whose construct needs the secret. @default - none: the construct belongs to no cluster */
  readonly cluster?: string;
}

/**
 * A manifest that is written to the output unchanged.
 *
 * @jsii ignore
 */
export interface PassThrough {
  readonly manifest: PassThroughManifest;
  readonly construct: IConstruct;
  readonly chart: ChartModel;
}

function clusterNameOf(construct: IConstruct): { cluster?: string } {
  const cluster = Cluster.tryOf(construct);
  return cluster === undefined ? {} : { cluster: cluster.name };
}

/**
 * A model that contains everything that the synth needs to know about the construct tree, from one walk over the tree.
 *
 * @jsii ignore
 */
export class Model {
  /** Creates a model from the tree of an app. Every construct is visited and validated once. */
  static of(app: App): Model {
    const model = new Model(true);
    model.visit(app);
    model.placeShared();
    return model;
  }

  /** Creates a model without validation, for information that is needed before the tree is complete. */
  static outline(app: App): Model {
    const model = new Model(false);
    model.visit(app);
    model.placeShared();
    return model;
  }

  /** All constructs, in the order of the tree. */
  readonly constructs: IConstruct[] = [];
  readonly charts = new Map<Chart, ChartModel>();
  private readonly needed: { readonly secret: NeededSecret; readonly cluster: IConstruct }[] = [];
  readonly passThrough: PassThrough[] = [];
  readonly pullRequests: { readonly construct: IConstruct; readonly chart: ChartModel }[] = [];
  readonly problems: Problem[] = [];
  private readonly kinds = new Map<string, IConstruct[]>();
  private readonly advised: IConstruct[] = [];
  private said?: readonly SaidAdvice[];
  /** The charts of shared objects that are not in the chart in which they were created. */
  private readonly moved = new Map<IConstruct, Chart>();
  private readonly dependencies: [IConstruct, IConstruct][] = [];

  private constructor(private readonly validates: boolean) {}

  /** Returns the constructs of a kind, in the order of the tree. */
  all<T>(kind: ConstructKind<T>): (IConstruct & T)[] {
    return [...(this.kinds.get(kind.name) ?? [])] as (IConstruct & T)[];
  }

  get clusters(): Cluster[] {
    return this.all(CLUSTERS);
  }

  get files(): OutputFile[] {
    return this.all(OUTPUT_FILES);
  }

  get rootFiles(): RootFile[] {
    return this.all(ROOT_FILES);
  }

  get adopted(): AdoptedManifest[] {
    return this.all(ADOPTED_MANIFESTS);
  }

  get imageRepositories(): ImageRepository[] {
    return this.all(IMAGE_REPOSITORIES);
  }

  get automations(): ImageUpdateAutomation[] {
    return this.all(IMAGE_UPDATE_AUTOMATIONS);
  }

  get runners(): (IConstruct & IRunner)[] {
    return this.all(RUNNERS);
  }

  get workflows(): Workflow[] {
    return this.constructs.filter((c): c is Workflow => Workflow.isWorkflow(c));
  }

  /** The image policies, each with the facts that the image lock needs. */
  get images(): { readonly construct: ImagePolicy; readonly image: ManagedImage }[] {
    return this.all(IMAGE_POLICIES).map((construct) => ({ construct, image: construct._managedImage }));
  }

  /**
   * Dependencies of each chart. A chart depends on another chart if any of their contents depend on each other, and on
   * the charts inside it.
   */
  get chartDependencies(): Map<Chart, Set<Chart>> {
    const result = new Map<Chart, Set<Chart>>();
    const add = (source: Chart | undefined, target: Chart | undefined) => {
      if (!source || !target || source === target) {
        return;
      }
      if (!result.has(source)) {
        result.set(source, new Set());
      }
      result.get(source)!.add(target);
    };
    for (const { chart } of this.charts.values()) {
      add(chart.node.scope && this.chartOf(chart.node.scope), chart);
    }
    this.explicitDependencies.forEach(([source, target]) => add(source, target));
    return result;
  }

  /** Explicit dependencies between charts, from a dependency between any of their contents. */
  get explicitDependencies(): [Chart, Chart][] {
    return this.dependencies
      .map((pair) => pair.map((construct) => this.moved.get(construct) ?? this.chartOf(construct)))
      .filter((pair): pair is [Chart, Chart] => pair[0] !== undefined && pair[1] !== undefined && pair[0] !== pair[1]);
  }

  /** Secrets that constructs need, each with its origin. A Secret that this cdk8s app creates is not created manually. */
  get secrets(): NeededSecret[] {
    const created = new Map<string, string>();
    for (const { objects, chart } of this.charts.values()) {
      const cluster = clusterOf(chart).node.path;
      for (const object of objects.filter(({ kind }) => kind === 'Secret')) {
        created.set(`${cluster} ${object.metadata.namespace}/${object.name}`, object.node.path);
      }
    }
    return this.needed.map(({ secret, cluster }) => {
      const by = created.get(`${cluster.node.path} ${secret.namespace}/${secret.secretName}`);
      return by === undefined ? secret : createdByApp(secret, by);
    });
  }

  /**
   * Advice of all constructs for the operator, by path, so that it does not depend on the order of creation. The advice
   * is requested once, when all constructs are complete.
   */
  get advice(): readonly SaidAdvice[] {
    this.said ??= byPath(this.advised).flatMap((construct) =>
      adviceAt(construct).map((advice) => placed(advice, construct.node.path)),
    );
    return this.said;
  }

  private visit(start: IConstruct): void {
    const rest: [IConstruct, ChartModel | undefined][] = [[start, undefined]];
    for (let next = rest.pop(); next; next = rest.pop()) {
      const [construct, outer] = next;
      if (isOmitted(construct)) {
        continue;
      }
      const chart = this.note(construct, outer);
      const { children } = construct.node;
      // Backwards onto the stack, so that they come off in the order in which they were made.
      for (let i = children.length - 1; i >= 0; i--) {
        rest.push([children[i], chart]);
      }
    }
  }

  /**
   * Moves what several charts share to the chart that is applied first, so that no chart waits for a later layer.
   * Which construct asked first does not matter.
   */
  private placeShared(): void {
    for (const chart of this.charts.values()) {
      const moved = chart.objects.filter((object) => {
        const home = this.homeOf(object, chart);
        if (home !== chart) {
          home.objects.push(object);
          this.moved.set(object, home.chart);
        }
        return home !== chart;
      });
      moved.forEach((object) => chart.objects.splice(chart.objects.indexOf(object), 1));
    }
    this.passThrough.forEach((entry, i) => {
      this.passThrough[i] = { ...entry, chart: this.homeOf(entry.manifest, entry.chart) };
    });
  }

  private homeOf(shared: object, current: ChartModel): ChartModel {
    const order = ({ chart, cluster, layer }: ChartModel) => (cluster?._isEntry(chart) ? -Infinity : layer.order);
    return requestersOf(shared)
      .map((construct) => this.chartOf(construct))
      .map((chart) => chart && this.charts.get(chart))
      .filter((chart): chart is ChartModel => chart !== undefined && chart.cluster === current.cluster)
      .reduce(
        (best, chart) =>
          order(chart) < order(best) || (order(chart) === order(best) && chart.chart.node.path < best.chart.node.path)
            ? chart
            : best,
        current,
      );
  }

  private note(construct: IConstruct, outer: ChartModel | undefined): ChartModel | undefined {
    let chart = outer;
    this.constructs.push(construct);
    if (Chart.isChart(construct)) {
      chart = {
        chart: construct,
        cluster: Cluster.tryOf(construct),
        objects: [],
        layer: Layer.assignedTo(construct) ?? Layer.APPS,
      };
      this.charts.set(construct, chart);
    } else if (ApiObject.isApiObject(construct)) {
      chart?.objects.push(construct);
    }
    if (construct.node.metadata.length > 0) {
      this.advised.push(construct);
      this.noteKinds(construct);
      this.noteMarks(construct, chart);
    }
    if (this.validates) {
      this.noteValidation(construct);
    }
    construct.node.dependencies.forEach((target) => this.dependencies.push([construct, target]));
    return chart;
  }

  private noteKinds(construct: IConstruct): void {
    for (const kind of kindsOf(construct)) {
      const known = this.kinds.get(kind) ?? [];
      known.push(construct);
      this.kinds.set(kind, known);
    }
  }

  private noteMarks(construct: IConstruct, chart: ChartModel | undefined): void {
    const layer = Layer.markOf(construct);
    if (chart && layer && layer.order < chart.layer.order && !Layer.assignedTo(chart.chart)) {
      chart.layer = layer;
    }
    if (chart) {
      passThroughAt(construct).forEach((manifest) => this.passThrough.push({ manifest, construct, chart }));
      if (pullRequestsAt(construct).length > 0) {
        this.pullRequests.push({ construct, chart });
      }
    }
    for (const requirement of SecretSource.requirementsAt(construct)) {
      this.needed.push({
        secret: { ...requirement, neededBy: construct.node.path, ...clusterNameOf(construct) },
        cluster: clusterOf(construct),
      });
    }
  }

  private noteValidation(construct: IConstruct): void {
    this.problems.push(...problemsOfValidation(construct));
  }

  private chartOf(construct: IConstruct): Chart | undefined {
    for (let c: IConstruct | undefined = construct; c; c = c.node.scope) {
      if (Chart.isChart(c)) {
        return c;
      }
    }
    return undefined;
  }
}
