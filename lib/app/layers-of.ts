import { Cluster } from '../flux';
import { Model } from '../model';

/**
 * Returns the names of the layers of a cluster, in the order in which Flux applies them.
 *
 * @jsii ignore
 */
export function layersOf(model: Model, cluster: Cluster): string[] {
  const charts = [...model.charts.values()].filter(
    (chart) => chart.cluster === cluster && !cluster._isEntry(chart.chart) && chart.objects.length > 0,
  );
  const layers = new Map(charts.map(({ layer }) => [layer.name, layer.order]));
  return [...layers].sort(([, a], [, b]) => a - b).map(([name]) => name);
}
