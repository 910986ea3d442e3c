import { Cluster } from '../flux';
import { secretInventory } from '../secret';
import { Model } from './model';

/**
 * What an operator has to know and do by hand: written beside the output, computed from the model alone, so that a moved tag never changes it.
 *
 * @jsii ignore
 */
export function runbook(model: Model): string {
  return ['# Runbook', '', ...model.clusters.flatMap(connect), ...images(model), ...secretInventory(model.secrets), ''].join('\n');
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
    ...(cluster.hasWebhooks ? webhooks(cluster) : []),
  ];
}

function webhooks(cluster: Cluster): string[] {
  return [
    `Two webhooks let Flux see a push at once: \`${cluster.name}\` for pushes of the repository, \`${cluster.name}-images\` for packages of the`,
    'owner. Make them in the forge, with the token of the Secret below as their secret, and with these paths behind the address of',
    "Flux's notification-controller:",
    '',
    '```sh',
    `kubectl --namespace ${cluster.namespace} get receivers -o custom-columns=NAME:.metadata.name,PATH:.status.webhookPath`,
    '```',
    '',
  ];
}

/** Which tags, and never which version: the page must not change when Flux moves one. */
function images({ images: managed }: Model): string[] {
  if (managed.length === 0) { return []; }
  const line = ({ construct, image }: Model['images'][number]) => {
    const form = construct.tags.sortableForm.replace(/\|/g, '\\|');
    const [namespace, name] = image.policy.split(':');
    return `| \`${image.name}\` | \`${form}\` | \`flux reconcile image repository ${name} --namespace ${namespace}\` |`;
  };
  return [
    '## Images',
    '',
    'Flux deploys the newest tag of each form, and keeps it in `images.yaml`. To go back to another one, say `TagPolicy.pinned` in the',
    'program; a reverted commit alone is written again.',
    '',
    '| image | tags | look for a new one now |',
    '|---|---|---|',
    ...managed.map(line),
    '',
  ];
}
