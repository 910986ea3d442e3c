import { ApiObject, App, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Cluster, ImagePolicy } from '../flux';
import { Layer } from '../kube';
import { ManagedImage, OutputFile } from '../output';
import { SecretRequirement, SecretSource } from '../secret';
import { Problem } from '../support';

/** One chart, and what the walk found about it. */
export interface ChartModel {
  readonly chart: Chart;
  readonly cluster?: Cluster;
  readonly objects: ApiObject[];
  layer: Layer;
}

/** A secret that a construct needs. */
export interface NeededSecret extends SecretRequirement {
  readonly neededBy: string;
}

/**
 * Everything that the synth needs to know of the construct tree, from one walk over it.
 *
 * @jsii ignore
 */
export class Model {
  /** Walks the tree of an app: every construct is visited and validated once. */
  static of(app: App): Model {
    const model = new Model(true);
    model.visit(app);
    return model;
  }

  /** The same without validation, for what must be known before the tree is complete. */
  static outline(app: App): Model {
    const model = new Model(false);
    model.visit(app);
    return model;
  }

  readonly charts = new Map<Chart, ChartModel>();
  readonly clusters: Cluster[] = [];
  readonly files: OutputFile[] = [];
  readonly images: { readonly construct: ImagePolicy; readonly image: ManagedImage }[] = [];
  readonly secrets: NeededSecret[] = [];
  readonly problems: Problem[] = [];
  private readonly dependencies: [IConstruct, IConstruct][] = [];

  private constructor(private readonly validates: boolean) {}

  /** Which chart depends on which: by a dependency between anything in them, and a chart on the charts inside it. */
  get chartDependencies(): Map<Chart, Set<Chart>> {
    const result = new Map<Chart, Set<Chart>>();
    const add = (source: Chart | undefined, target: Chart | undefined) => {
      if (!source || !target || source === target) { return; }
      if (!result.has(source)) { result.set(source, new Set()); }
      result.get(source)!.add(target);
    };
    for (const { chart } of this.charts.values()) {
      add(chart.node.scope && this.chartOf(chart.node.scope), chart);
    }
    this.dependencies.forEach(([source, target]) => add(this.chartOf(source), this.chartOf(target)));
    return result;
  }

  private visit(start: IConstruct): void {
    const rest: [IConstruct, ChartModel | undefined][] = [[start, undefined]];
    for (let next = rest.pop(); next; next = rest.pop()) {
      const [construct, outer] = next;
      const chart = this.note(construct, outer);
      const { children } = construct.node;
      // Backwards onto the stack, so that they come off in the order in which they were made.
      for (let i = children.length - 1; i >= 0; i--) { rest.push([children[i], chart]); }
    }
  }

  private note(construct: IConstruct, outer: ChartModel | undefined): ChartModel | undefined {
    let chart = outer;
    if (Chart.isChart(construct)) {
      chart = { chart: construct, cluster: Cluster.tryOf(construct), objects: [], layer: Layer.APPS };
      this.charts.set(construct, chart);
    } else if (ApiObject.isApiObject(construct)) {
      chart?.objects.push(construct);
    } else if (Cluster.isCluster(construct)) {
      this.clusters.push(construct);
    } else if (OutputFile.isOutputFile(construct)) {
      this.files.push(construct);
    } else if (ImagePolicy.isImagePolicy(construct)) {
      this.images.push({ construct, image: construct._managedImage });
    }
    this.noteMarks(construct, chart);
    if (this.validates) { this.noteValidation(construct); }
    construct.node.dependencies.forEach((target) => this.dependencies.push([construct, target]));
    return chart;
  }

  private noteMarks(construct: IConstruct, chart: ChartModel | undefined): void {
    const layer = Layer.markOf(construct);
    if (chart && layer && layer.order < chart.layer.order) { chart.layer = layer; }
    for (const requirement of SecretSource.requirementsAt(construct)) {
      this.secrets.push({ ...requirement, neededBy: construct.node.path });
    }
  }

  private noteValidation(construct: IConstruct): void {
    for (const text of construct.node.validate()) {
      const coded = /^(FORGE-[A-Z]+-\d{3}): (.*?)(?:; fix: (.*))?$/s.exec(text);
      this.problems.push({
        code: coded?.[1] ?? 'FORGE-APP-001',
        message: coded?.[2] ?? text,
        fix: coded?.[3] ?? "see the construct's documentation: this is its own validation",
        path: construct.node.path,
      });
    }
  }

  private chartOf(construct: IConstruct): Chart | undefined {
    for (let c: IConstruct | undefined = construct; c; c = c.node.scope) {
      if (Chart.isChart(c)) { return c; }
    }
    return undefined;
  }
}
