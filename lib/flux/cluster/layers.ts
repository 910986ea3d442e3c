import { Chart } from 'cdk8s';
import { Layer } from '../../kube';
import { fingerprint, Problem, quoted } from '../../support';

/**
 * A chart of a cluster that is described for the division into Kustomizations.
 *
 * @jsii ignore
 */
export interface LayeredChart {
  readonly chart: Chart;
  readonly layer: Layer;
  /** The number of objects in the chart. */
  readonly size: number;
  /** The charts of this cluster that this chart depends on. */
  readonly after: readonly Chart[];
}

/**
 * A directory of charts that one Kustomization applies.
 *
 * @jsii ignore
 */
export interface LayerPart {
  /** The directory name, which is also the end of the Kustomization's name. */
  readonly name: string;
  readonly layer: Layer;
  readonly charts: readonly Chart[];
}

/**
 * The maximum number of objects in one Kustomization. With more objects, the kustomize build takes longer than Flux
 * waits. The build time grows with the square of the number of objects (measured: 1,200 objects 1.8 s, 9,600 more than
 * 10 minutes).
 */
const MOST_OBJECTS = 2000;

/**
 * Divides the charts of a cluster into Kustomizations by deployment layer, and each layer into the requested number of
 * parts.
 *
 * A chart's part must not change when other charts are added or removed. Flux deletes and recreates objects that move
 * from one Kustomization to another. For this reason, the part of a chart depends only on the chart's own path. Charts
 * that depend on each other share a part: the part of the chart that all of them ultimately depend on. Adding a
 * dependent chart therefore moves no objects.
 *
 * @jsii ignore
 */
export function partsOf(charts: readonly LayeredChart[], parts: number): LayerPart[] {
  const result: LayerPart[] = [];
  for (const layer of Layer.all) {
    const own = charts.filter((chart) => chart.layer === layer);
    const keys = parts > 1 ? keysOf(own) : new Map<Chart, string>();
    const byPart = new Map<number, Chart[]>();
    for (const { chart } of own) {
      const index = parts > 1 ? partOf(keys.get(chart)!, parts) : 0;
      if (!byPart.has(index)) {
        byPart.set(index, []);
      }
      byPart.get(index)!.push(chart);
    }
    for (const index of [...byPart.keys()].sort((a, b) => a - b)) {
      result.push({ name: parts > 1 ? `${layer.name}-${index}` : layer.name, layer, charts: byPart.get(index)! });
    }
  }
  return result;
}

/**
 * Returns the problems of a division into parts.
 *
 * @jsii ignore
 */
export function problemsWithLayers(charts: readonly LayeredChart[], parts: readonly LayerPart[]): Problem[] {
  const known = new Map(charts.map((chart) => [chart.chart, chart]));
  const late = charts.flatMap((source) =>
    source.after
      .map((target) => known.get(target))
      .filter((target) => target !== undefined && target.layer.order > source.layer.order)
      .map((target): Problem => ({
        code: 'FORGE-FLUX-025',
        message: `chart ${quoted(source.chart.node.path)} of layer ${quoted(source.layer.name)} depends on chart ${quoted(target!.chart.node.path)} of layer ${quoted(target!.layer.name)}, which Flux applies later`,
        fix: `mark the second for the earlier layer: Layer.${source.layer.name.toUpperCase()}.mark(chart), or move what is depended on into a chart of its own`,
        symptom: 'the layer never becomes ready, and the next one waits for it',
        path: source.chart.node.path,
      })),
  );
  const large = parts
    .map((part) => ({ part, size: part.charts.reduce((sum, chart) => sum + known.get(chart)!.size, 0) }))
    .filter(({ size }) => size > MOST_OBJECTS)
    .map(({ part, size }): Problem => ({
      code: 'FORGE-FLUX-027',
      message: `the Kustomization of ${quoted(part.name)} holds ${size} objects`,
      allowed: `at most ${MOST_OBJECTS}: the time that Flux needs grows with their square`,
      fix: 'divide the layers: new Cluster(app, …, { parts: 8 })',
      symptom: 'context deadline exceeded',
    }));
  return [...late, ...large];
}

/**
 * Returns, for each chart, the path that decides its part. This is the path of the first chart, by path, that the
 * chart's group ultimately depends on.
 */
function keysOf(charts: readonly LayeredChart[]): Map<Chart, string> {
  const here = new Set(charts.map(({ chart }) => chart));
  const group = new Map<Chart, Chart>(charts.map(({ chart }) => [chart, chart]));
  const root = (chart: Chart): Chart => {
    let top = chart;
    while (group.get(top) !== top) {
      top = group.get(top)!;
    }
    group.set(chart, top);
    return top;
  };
  for (const { chart, after } of charts) {
    after.filter((target) => here.has(target)).forEach((target) => group.set(root(chart), root(target)));
  }
  const keys = new Map<Chart, string>();
  const better = (present: string | undefined, path: string) =>
    present === undefined || path < present ? path : present;
  for (const { chart, after } of charts) {
    if (after.some((target) => here.has(target))) {
      continue;
    }
    keys.set(root(chart), better(keys.get(root(chart)), chart.node.path));
  }
  return new Map(charts.map(({ chart }) => [chart, keys.get(root(chart)) ?? root(chart).node.path]));
}

/**
 * Returns the index of the part with the highest hash. If the number of parts grows, only the charts of the new parts
 * move.
 */
function partOf(key: string, parts: number): number {
  let best = { index: 0, hash: '' };
  for (let index = 0; index < parts; index++) {
    const hash = fingerprint(String(index), key);
    if (hash > best.hash) {
      best = { index, hash };
    }
  }
  return best.index;
}
