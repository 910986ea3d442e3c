import { Cluster } from '../flux';
import { secretInventory } from '../secret';
import { Model } from './model';

/**
 * What an operator has to know and do by hand: written beside the output, computed from the model alone, so that a moved tag never changes it.
 *
 * @jsii ignore
 */
export function runbook(model: Model): string {
  return ['# Runbook', '', ...model.clusters.flatMap(connect), ...secretInventory(model.secrets), ''].join('\n');
}

function connect(cluster: Cluster): string[] {
  return [
    `## Cluster \`${cluster.name}\``,
    '',
    'Create the secrets below, commit the output, then hand the cluster to Flux, once:',
    '',
    '```sh',
    `kubectl apply -f ${cluster.entryPath}/`,
    `flux get kustomizations --namespace ${cluster.namespace}`,
    '```',
    '',
  ];
}
