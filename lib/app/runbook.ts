import { Cluster } from '../flux';
import { Model, NeededSecret } from './model';

/**
 * What an operator has to know and do by hand: written beside the output, computed from the model alone, so that a moved tag never changes it.
 *
 * @jsii ignore
 */
export function runbook(model: Model): string {
  return ['# Runbook', '', ...model.clusters.flatMap(connect), ...secrets(model.secrets), ''].join('\n');
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

function secrets(needed: NeededSecret[]): string[] {
  const rows = new Map<string, NeededSecret[]>();
  for (const secret of needed) {
    const key = `${secret.namespace}/${secret.secretName}`;
    rows.set(key, [...(rows.get(key) ?? []), secret]);
  }
  if (rows.size === 0) { return []; }
  const line = ([name, uses]: [string, NeededSecret[]]) => {
    const scopes = [...new Set(uses.flatMap((use) => (use.tokenScope ? [use.tokenScope] : [])))].sort();
    const keys = [...new Set(uses.flatMap((use) => use.keys))].map((key) => `\`${key}\``).join(', ');
    const purposes = [...new Set(uses.map((use) => use.purpose))].join('; ');
    return `| \`${name}\` | \`${uses[0].type}\` | ${keys} | ${purposes} | ${scopes.map((scope) => `\`${scope}\``).join(', ') || '-'} |`;
  };
  return [
    '## Secrets',
    '',
    'None of these is in the output. Each must be in the cluster before what needs it can start.',
    '',
    '| namespace/name | type | keys | what for | token scope |',
    '|---|---|---|---|---|',
    ...[...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(line),
  ];
}
