import { ApiObject } from 'cdk8s';
import { Cluster } from '../flux';
import { Model } from '../model';

/** API groups that every cluster serves. */
const BUILT_IN = /(^|\.)k8s\.io$|^[a-z]+$/;

/**
 * Returns the APIs of operators that the objects of a cluster need, for example `cert-manager.io/v1`.
 *
 * @jsii ignore
 */
export function apisOf(model: Model, cluster: Cluster): string[] {
  const used = objectsOf(model, cluster)
    .map(({ apiVersion }) => apiVersion)
    .filter((version) => version.includes('/'));
  return [...new Set(used)]
    .filter((version) => !BUILT_IN.test(version.split('/')[0]) && !/\.fluxcd\.io\//.test(version))
    .sort();
}

/**
 * Returns the names of the Helm charts that a cluster installs itself, among them perhaps the operators.
 *
 * @jsii ignore
 */
export function chartsOf(model: Model, cluster: Cluster): string[] {
  const specs = objectsOf(model, cluster)
    .filter(({ kind }) => kind === 'HelmRelease')
    .map((object) => object.toJson().spec);
  const names = specs.map((spec) => spec?.chart?.spec?.chart ?? spec?.chartRef?.name);
  return [...new Set(names.filter((name) => typeof name === 'string'))].sort();
}

function objectsOf(model: Model, cluster: Cluster): ApiObject[] {
  return [...model.charts.values()].filter((chart) => chart.cluster === cluster).flatMap((chart) => chart.objects);
}
