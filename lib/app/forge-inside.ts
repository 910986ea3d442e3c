import { Cluster } from '../flux';
import { GiteaRelease } from '../forge';
import { Model } from '../model';
import { codeSpan, command, Command, namespaceOf } from '../support';
import { layersOf } from './layers-of';
import { shell } from './runbook-text';

/**
 * Returns the release of the server that has the repository of a cluster, if the app installs it. Flux cannot follow a
 * repository of a server that does not run yet.
 */
export function forgeInside(model: Model, cluster: Cluster): GiteaRelease | undefined {
  const { forge } = cluster.source.repository;
  return model.constructs.find(
    (construct): construct is GiteaRelease => construct instanceof GiteaRelease && construct.forge.isSameAs(forge),
  );
}

/** Returns the step that installs the server before Flux has a repository to follow. */
export function installForge(model: Model, cluster: Cluster): string[] {
  const release = forgeInside(model, cluster);
  if (release === undefined) {
    return [];
  }
  const namespace = ['--namespace', namespaceOf(release)];
  return [
    `The server of the repository, ${codeSpan(release.name)}, is a part of cluster ${codeSpan(cluster.name)}. Apply the layers once. Flux takes over what you applied:`,
    '',
    ...shell(applyLayers(model, cluster)),
    '',
    'Create the Secrets of the server with the [commands](#commands-that-create-the-secrets), and wait for the server:',
    '',
    ...shell([command`kubectl ${namespace} wait ${`helmrelease/${release.name}`} --for condition=Ready --timeout 15m`]),
  ];
}

/** Returns the commands that apply the layers. kubectl does not decrypt their files, and `bootstrap` does. */
function applyLayers(model: Model, cluster: Cluster): Command[] {
  const hasEncrypted = model.passThrough.some(
    ({ chart }) => chart.cluster === cluster && !cluster._isEntry(chart.chart),
  );
  if (hasEncrypted) {
    return [command`npx cdk8s-forge bootstrap --forge-inside`];
  }
  const folder = cluster.entryPath.replace(/\/[^/]+$/, '');
  return layersOf(model, cluster).map((layer) => command`kubectl apply -f ${`${folder}/${layer}/`}`);
}
