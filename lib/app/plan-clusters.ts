import { IForge } from '../forge';
import { Cluster } from '../flux';
import { Model } from '../model';
import { engineOf } from '../support';
import { RegistryKind } from '../registry';
import { REPOSITORY_FILES } from '../workflow';
import { IMAGE_CONTROLLERS, namespacesOf, OLDEST_FLUX } from './runbook-prerequisites';
import { layersOf } from './layers-of';
import { apisOf, chartsOf } from './operator-apis';

/** Returns what a program needs to know to set up each cluster. */
export function clusterEntries(model: Model): object[] {
  return model.clusters.map((cluster) => ({
    name: cluster.name,
    namespace: cluster.namespace,
    entry: cluster.entryPath,
    lock: engineOf(cluster)?.lockPath ?? 'images.yaml',
    layers: layersOf(model, cluster),
    source: sourceOf(cluster),
    namespaces: namespacesOf(cluster, model),
    flux: { minimum: OLDEST_FLUX, components: model.images.length > 0 ? IMAGE_CONTROLLERS : [] },
    apis: apisOf(model, cluster),
    charts: chartsOf(model, cluster),
    ...(cluster.hasWebhooks ? { webhooks: webhooksOf(model, cluster) } : {}),
    encrypted: model.passThrough
      .filter(({ chart }) => chart.cluster === cluster && cluster._isEntry(chart.chart))
      .map(({ manifest }) => `${manifest.fileName}.yaml`),
  }));
}

/** Returns the servers of the repositories, as entries of the plan file. */
export function forgeEntries(model: Model): object[] {
  return forgesOf(model).map(({ url, product }) => ({
    url,
    product: product.name,
    api: product.apiUrl(url, '').replace(/\/$/, ''),
    tokenPage: product.tokenPage(url),
  }));
}

/** Returns the servers that the command asks. */
export function forgesOf(model: Model): IForge[] {
  const repositories = [
    ...model.clusters.map(({ source }) => source.repository),
    ...model.all(REPOSITORY_FILES).map(({ repository }) => repository),
  ];
  const forges = new Map<string, IForge>(repositories.map(({ forge }) => [forge.url, forge]));
  // Of other images nobody asks the server, and a second server would need a token with a name of its own.
  model.imageRepositories
    .filter((image) => Cluster.tryOf(image)?.hasWebhooks && image._registry.kind === RegistryKind.GITEA)
    .forEach(
      ({ _registry: { forge } }) => forge !== undefined && !forges.has(forge.url) && forges.set(forge.url, forge),
    );
  return [...forges.values()];
}

function sourceOf({ source: { repository, reference } }: Cluster): object {
  return {
    repository: repository.fullName,
    url: repository.cloneUrl,
    forge: repository.forge.url,
    ...(reference.pushBranch === undefined ? {} : { branch: reference.pushBranch }),
  };
}

/** Returns the webhooks of a cluster: each Receiver, and where its events happen at which server. */
function webhooksOf(model: Model, cluster: Cluster): object[] {
  const { forge, fullName } = cluster.source.repository;
  const owners = new Map<string, object>();
  model.imageRepositories
    .filter((image) => Cluster.tryOf(image) === cluster && image._registry.kind === RegistryKind.GITEA)
    .forEach(({ _registry: { forge: at, owner } }) => {
      if (at !== undefined && owner !== undefined) {
        owners.set(`${at.url} ${owner}`, {
          receiver: `${cluster.name}-images`,
          event: 'package',
          forge: at.url,
          owner,
        });
      }
    });
  return [{ receiver: cluster.name, event: 'push', forge: forge.url, repository: fullName }, ...owners.values()];
}
