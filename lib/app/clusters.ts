import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Cluster, LayeredChart } from '../flux';
import { PlannedFile } from '../output';
import { addUnlessAcknowledged, Problem, Problems, quoted } from '../support';
import { Model } from '../model';

/**
 * Passes to each cluster its content, so that the cluster can create its Kustomizations.
 *
 * @jsii ignore
 */
export function connectClusters(model: Model, problems: Problems): void {
  const after = new Map<Chart, Chart[]>();
  for (const [source, target] of model.explicitDependencies) {
    const [from, to] = [source, target].map((chart) => model.charts.get(chart)?.cluster);
    if (from && from === to && !after.has(source)) {
      after.set(source, []);
    }
    if (from && from === to) {
      after.get(source)!.push(target);
    }
    if (from && to && from !== to) {
      problems.add(acrossClusters([source, from], [target, to]));
    }
  }
  for (const cluster of model.clusters) {
    const charts = [...model.charts.values()]
      .filter((c) => c.cluster === cluster && !cluster._isEntry(c.chart))
      .map((c): LayeredChart => ({
        chart: c.chart,
        layer: c.layer,
        size: c.objects.length + model.passThrough.filter(({ chart }) => chart === c).length,
        after: after.get(c.chart) ?? [],
      }));
    const inCluster = <T extends IConstruct>(constructs: readonly T[]) =>
      constructs
        .filter((construct) => Cluster.tryOf(construct) === cluster)
        .sort((a, b) => (a.node.path < b.node.path ? -1 : 1));
    const [images, policies] = [inCluster(model.imageRepositories), inCluster(model.images.map((i) => i.construct))];
    problems.collect(() => cluster._connect({ charts, images, policies }));
  }
}

/**
 * Reports policies that no automation applies, in an app that has automations.
 *
 * @jsii ignore
 */
export function reportUnseenPolicies(model: Model, problems: Problems): void {
  if (model.automations.length === 0) {
    return;
  }
  for (const { construct, image } of model.images) {
    const cluster = Cluster.tryOf(construct);
    if (model.automations.some((automation) => Cluster.tryOf(automation) === cluster && automation._sees(construct))) {
      continue;
    }
    problems.add({
      code: 'FORGE-FLUX-013',
      message: `no ImageUpdateAutomation sees the policy ${quoted(image.policy)}`,
      allowed: 'policies in the namespace of an automation, with the labels it asks for',
      fix: 'make it in the chart of the automation: cluster.images',
      symptom: 'the policy is Ready, and its markers never change',
      path: construct.node.path,
    });
  }
}

/**
 * Reports clusters whose Kustomizations point at another directory than the one that the app writes.
 *
 * @jsii ignore
 */
export function reportOtherOutput(
  model: Model,
  { outputPath, isInPlace }: { readonly outputPath: string; readonly isInPlace: boolean },
  problems: Problems,
): void {
  for (const cluster of model.clusters) {
    const entry = cluster.entryPath;
    if (isInPlace && !entry.startsWith(`${outputPath}/`)) {
      problems.add({
        code: 'FORGE-APP-016',
        message: `cluster ${quoted(cluster.name)} reads ${quoted(entry)}, and the app writes below ${quoted(outputPath)}`,
        fix: 'remove outputPath from the cluster: its default is the outdir of the app',
        symptom: 'kustomization path not found',
        path: cluster.node.path,
      });
    }
  }
}

/**
 * Reports an extension of manifest files that Flux does not read, in an app that has clusters.
 *
 * @jsii ignore
 */
export function reportUnreadExtension({ clusters }: Model, extension: string, problems: Problems): void {
  if (clusters.length === 0 || /\.ya?ml$/.test(extension)) {
    return;
  }
  problems.add({
    code: 'FORGE-APP-018',
    message: `outputFileExtension is ${quoted(extension)}, and Flux reads only files that end in .yaml or .yml`,
    fix: "remove outputFileExtension, or set it to an extension such as '.yaml'",
    symptom: 'no error: Flux applies nothing, and deletes what it applied before',
  });
}

/**
 * Reports charts that Flux never applies, in an app that has clusters.
 *
 * @jsii ignore
 */
export function reportStrayCharts(model: Model, problems: Problems): void {
  if (model.clusters.length === 0) {
    return;
  }
  for (const { chart, cluster, objects } of model.charts.values()) {
    if (cluster === undefined && objects.length > 0) {
      addUnlessAcknowledged(
        chart,
        {
          code: 'FORGE-APP-015',
          message: `chart ${quoted(chart.node.path)} is in no cluster`,
          fix: `create the chart in a cluster: new Chart(cluster, ${quoted(chart.node.id)}, …)`,
          symptom: 'no error: Flux never applies the chart',
        },
        problems,
      );
    }
  }
}

/**
 * Returns the manifests that are written to the output byte for byte, each beside the chart that needs it.
 *
 * @jsii ignore
 */
export function passThroughFiles(model: Model, problems: Problems): PlannedFile[] {
  return model.passThrough.map(({ manifest, construct, chart }) => {
    problems.collect(() => chart.cluster?._assertDecrypts(construct, manifest, chart.chart));
    const folder = chart.cluster ? `${chart.cluster._folderOf(chart.chart)}/` : '';
    return { path: `${folder}${manifest.fileName}.yaml`, text: manifest.text, origin: construct.node.path };
  });
}

function acrossClusters([source, from]: [Chart, Cluster], [target, to]: [Chart, Cluster]): Problem {
  return {
    code: 'FORGE-FLUX-026',
    message: `chart ${quoted(source.node.path)} of cluster ${quoted(from.name)} depends on chart ${quoted(target.node.path)} of cluster ${quoted(to.name)}`,
    fix: 'remove the dependency: Flux waits within one cluster only',
    path: source.node.path,
  };
}
