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
  /** The number of objects and pass-through manifests in the chart. A chart without content still has its layer. */
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
  /** The number of objects and pass-through manifests. A part without content is not emitted. */
  readonly size: number;
}

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
  const layers = new Map([...charts.map(({ layer }) => layer)].map((layer) => [layer.name, layer]));
  return [...layers.values()]
    .sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1))
    .flatMap((layer) => partsOfLayer(layer, charts, parts));
}

/**
 * Returns the names of the parts of a layer.
 *
 * @jsii ignore
 */
export function partNamesOf(layer: Layer, parts: number): string[] {
  return parts === 1 ? [layer.name] : Array.from({ length: parts }, (_, index) => `${layer.name}-${index}`);
}

function partsOfLayer(layer: Layer, charts: readonly LayeredChart[], parts: number): LayerPart[] {
  const own = charts.filter((chart) => chart.layer.name === layer.name);
  const keys = parts > 1 ? keysOf(own) : new Map<Chart, string>();
  const names = partNamesOf(layer, parts);
  // A part is found by a hash for each part: once for each chart, not once for each chart and part.
  const members = names.map((): LayeredChart[] => []);
  own.forEach((chart) => members[parts > 1 ? partOf(keys.get(chart.chart)!, parts) : 0].push(chart));
  return names
    .map((name, index) => ({ name, layer, members: members[index] }))
    .filter(({ members }) => members.length > 0)
    .map(({ name, members }) => ({
      name,
      layer,
      charts: members.map(({ chart }) => chart),
      size: members.reduce((sum, { size }) => sum + size, 0),
    }));
}

/**
 * Returns the problems of charts that wait for a later layer.
 *
 * @jsii ignore
 */
export function problemsWithLayers(charts: readonly LayeredChart[]): Problem[] {
  const known = new Map(charts.map((chart) => [chart.chart, chart]));
  return charts.flatMap((source) =>
    source.after
      .map((target) => known.get(target))
      .filter((target) => target !== undefined && target.layer.order > source.layer.order)
      .map((target): Problem => ({
        code: 'FORGE-FLUX-025',
        message: `chart ${quoted(source.chart.node.path)} of layer ${quoted(source.layer.name)} depends on chart ${quoted(target!.chart.node.path)} of layer ${quoted(target!.layer.name)}, which Flux applies later`,
        fix: `assign the second chart to layer ${quoted(source.layer.name)} or an earlier layer: Layer.….assign(chart), or move what is depended on into a chart of its own`,
        symptom: 'the layer never becomes ready, and the next one waits for it',
        path: source.chart.node.path,
      })),
  );
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

/** The names of files that Flux's default ignore rules or kustomize treat specially, without their extension. */
const SPECIAL_NAME = /^(\..*|kustomization|cloudbuild|appveyor|codeship-services|codeship-steps)$/i;

/**
 * Returns the problem of a chart whose file Flux or kustomize would not read as a manifest.
 *
 * @jsii ignore
 */
export function problemsWithName(chart: Chart, file: string): Problem[] {
  const name = file.replace(/^.*\//, '');
  return SPECIAL_NAME.test(name)
    ? [
        {
          code: 'FORGE-FLUX-044',
          message: `chart ${quoted(name)} has a name that Flux or kustomize treats specially`,
          allowed: 'a name that does not begin with "." and is not kustomization, cloudbuild, appveyor, or codeship-…',
          fix: 'rename the chart',
          symptom: 'no error: the file is not part of the source, or is read as a kustomization',
          path: chart.node.path,
        },
      ]
    : [];
}
