import { apiGroupOf, isClusterScoped } from '../kube';
import { ChartModel, Manifest, Manifests, Model } from '../model';
import { addUnlessAcknowledged, Problem, Problems, quoted } from '../support';

/** An object that others cannot be applied without, with its chart. */
interface Provider {
  readonly title: string;
  readonly chart: ChartModel;
}

/**
 * Reports charts with objects that need a Namespace or a CustomResourceDefinition of a later layer. Flux applies the later
 * layer when the earlier layer is ready, and the API server rejects the objects of the earlier layer until then.
 *
 * One problem for each pair of charts, at the first object, because a chart may have thousands.
 */
export function checkLaterLayers(model: Model, manifests: Manifests, problems: Problems): void {
  const providers = providersIn(model, manifests);
  const reported = new Set<string>();
  const check = (chart: ChartModel, path: string, needs: readonly string[]) => {
    for (const need of needs) {
      const provider = providers.get(`${chart.cluster?.node.path}|${need}`);
      const pair = `${chart.chart.node.path}|${provider?.title}`;
      if (provider && orderOf(provider.chart) > orderOf(chart) && orderOf(chart) >= 0 && !reported.has(pair)) {
        reported.add(pair);
        addUnlessAcknowledged(chart.chart, tooLate(provider, chart, path), problems);
      }
    }
  };
  for (const chart of model.charts.values()) {
    if (chart.cluster?.kustomizations.isOwn) {
      chart.objects.forEach((object) => check(chart, object.node.path, needsOf(manifests.tryOf(object))));
    }
  }
  model.passThrough
    .filter(({ chart }) => chart.cluster?.kustomizations.isOwn)
    .forEach(({ manifest, chart, construct }) =>
      check(chart, construct.node.path, [`Namespace ${manifest.namespace}`]),
    );
}

/** Returns, by cluster and need, the object that is applied first. */
function providersIn(model: Model, manifests: Manifests): Map<string, Provider> {
  const providers = new Map<string, Provider>();
  for (const chart of model.charts.values()) {
    for (const manifest of chart.objects.map((object) => manifests.tryOf(object))) {
      const provided = manifest && providedBy(manifest);
      const key = `${chart.cluster?.node.path}|${provided}`;
      const known = providers.get(key);
      if (provided !== undefined && (known === undefined || orderOf(chart) < orderOf(known.chart))) {
        providers.set(key, { title: `${String(manifest?.kind)} ${quoted(manifest?.metadata?.name)}`, chart });
      }
    }
  }
  return providers;
}

/** Returns what an object provides, in the form of a need. */
function providedBy({ apiVersion, kind, metadata, spec }: Manifest): string | undefined {
  if (apiVersion === 'v1' && kind === 'Namespace') {
    return `Namespace ${String(metadata?.name)}`;
  }
  const { group, names } = (spec ?? {}) as { group?: unknown; names?: { kind?: unknown } | null };
  const isDefinition = kind === 'CustomResourceDefinition' && apiGroupOf(String(apiVersion)) === 'apiextensions.k8s.io';
  return isDefinition ? `kind ${String(group)}/${String(names?.kind)}` : undefined;
}

/** Returns what the API server asks for before it accepts an object. */
function needsOf(manifest: Manifest | undefined): string[] {
  if (manifest === undefined) {
    return [];
  }
  const [group, kind] = [apiGroupOf(String(manifest.apiVersion)), String(manifest.kind)];
  const namespace = manifest.metadata?.namespace;
  // cdk8s puts the namespace of the chart into every object.
  const isPlaced = typeof namespace === 'string' && !isClusterScoped(group, kind);
  return [...(isPlaced ? [`Namespace ${namespace}`] : []), `kind ${group}/${kind}`];
}

/** Returns the position of a chart. The entry point of a cluster is applied before all layers. */
function orderOf({ chart, cluster, layer }: ChartModel): number {
  return cluster?._isEntry(chart) ? -1 : layer.order;
}

function tooLate({ title, chart: late }: Provider, { chart, layer }: ChartModel, path: string): Problem {
  const isNamespace = title.startsWith('Namespace');
  return {
    code: 'FORGE-FLUX-025',
    message: `chart ${quoted(chart.node.path)} of layer ${quoted(layer.name)} needs ${title} of chart ${quoted(late.chart.node.path)} of layer ${quoted(late.layer.name)}, which Flux applies later`,
    fix: `${isNamespace ? 'create the namespace with ManagedNamespace in a chart of its own, or assign' : 'assign'} the second chart to layer ${quoted(layer.name)} or an earlier layer: Layer.….assign(chart)`,
    symptom: isNamespace ? 'namespaces "…" not found' : 'no matches for kind "…" in version "…"',
    path,
  };
}
