import { ApiObject } from 'cdk8s';
import { Cluster } from '../flux';
import { PodSecurity } from '../kube';
import { SecretHome } from '../secret';
import { ChartModel, Model, NeededSecret } from './model';

/**
 * What an operator has to know and do by hand: written beside the output, computed from the model alone, so that a moved tag never changes it.
 *
 * @jsii ignore
 */
export function runbook(model: Model): string {
  const parts = [
    ['# Runbook', '', 'Written by `cdk8s synth` from the program; change the program, not this file.', ''],
    ...model.clusters.map((cluster) => clusterPart(cluster, model)),
    actionsPart(model.secrets.filter((secret) => secret.home === SecretHome.ACTIONS)),
    environmentPart(model.secrets.filter((secret) => secret.home === SecretHome.ENVIRONMENT)),
    rotationPart(model.secrets),
  ];
  return parts.flat().join('\n').replace(/\n+$/, '\n');
}

function clusterPart(cluster: Cluster, model: Model): string[] {
  const charts = [...model.charts.values()].filter((chart) => chart.cluster === cluster);
  const paths = new Set(charts.map(({ chart }) => `${chart.node.path}/`));
  const needed = model.secrets.filter(({ home, neededBy }) => (home ?? SecretHome.KUBERNETES) === SecretHome.KUBERNETES && [...paths].some((p) => `${neededBy}/`.startsWith(p)));
  return [
    `## Cluster \`${cluster.name}\``,
    '',
    ...numbered([
      namespaces(cluster, charts),
      secrets(needed),
      ['Commit the output, then hand the cluster to Flux, once:', '', ...shell([`kubectl apply -f ${cluster.entryPath}/`])],
      ['Look whether all is well. A layer is ready when everything in it is; an image policy after the first build:', '', ...shell([
        `flux get kustomizations --namespace ${cluster.namespace}`,
        `flux get images all --namespace ${cluster.namespace}`,
      ])],
    ]),
    '',
  ];
}

/** The namespaces that the charts use and nothing in the program makes, and the label that Pod Security needs on them. */
function namespaces(cluster: Cluster, charts: ChartModel[]): string[] {
  const made = new Set(charts.flatMap(({ objects }) => objects).filter((o) => o.kind === 'Namespace').map((o: ApiObject) => o.name));
  const used = new Set(charts.flatMap(({ chart }) => (chart.namespace === undefined || chart.namespace === cluster.namespace ? [] : [chart.namespace])));
  const missing = [...used].filter((name) => !made.has(name)).sort();
  if (missing.length === 0) { return []; }
  const levels = new Map(PodSecurity.requirements(cluster).map(({ namespace, level }) => [namespace, level]));
  const label = (name: string) => {
    const level = levels.get(name);
    return level === undefined || level === PodSecurity.RESTRICTED ? [] : [`kubectl label namespace ${name} pod-security.kubernetes.io/enforce=${level.level} --overwrite`];
  };
  return ['Have the namespaces, with the Pod Security level that their workloads need:', '', ...shell(missing.flatMap((name) => [
    `kubectl get namespace ${name} || kubectl create namespace ${name}`, ...label(name),
  ]))];
}

function secrets(needed: NeededSecret[]): string[] {
  if (needed.length === 0) { return []; }
  return [
    'Have the secrets. None of their values is in the output:', '',
    ...table(['namespace/name', 'type', 'keys', 'what for', 'token scope', 'comes from'], grouped(needed).map(([, uses]) => [
      code(`${uses[0].namespace}/${uses[0].secretName}`), code(uses[0].type), distinct(uses.flatMap((use) => use.keys)).map(code).join(', '),
      distinct(uses.map((use) => use.purpose)).join('; '), scopes(uses), uses[0].origin ?? 'created by hand',
    ])),
  ];
}

function actionsPart(needed: NeededSecret[]): string[] {
  if (needed.length === 0) { return []; }
  return ['## Actions secrets', '', 'Workflows read these. Make them at the forge:', '', ...table(['name', 'where', 'what for', 'token scope', 'how'], grouped(needed).map(([, uses]) => [
    code(uses[0].secretName), code(uses[0].namespace ?? ''), distinct(uses.map((use) => use.purpose)).join('; '), scopes(uses), uses[0].origin ?? 'created by hand',
  ])), ''];
}

function environmentPart(needed: NeededSecret[]): string[] {
  if (needed.length === 0) { return []; }
  return ['## Environment of machines outside the cluster', '', ...table(['variables', 'what for', 'token scope'], grouped(needed).map(([, uses]) => [
    distinct(uses.flatMap((use) => use.keys)).map(code).join(', '), distinct(uses.map((use) => use.purpose)).join('; '), scopes(uses),
  ])), ''];
}

function rotationPart(needed: NeededSecret[]): string[] {
  const advice = new Map<string, string[]>();
  for (const { rotation, secretName } of needed) {
    if (rotation) { advice.set(rotation, distinct([...(advice.get(rotation) ?? []), secretName])); }
  }
  if (advice.size === 0) { return []; }
  return ['## Replace a secret', '', ...[...advice].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rotation, names]) => `- ${names.sort().map(code).join(', ')}: ${rotation}.`), ''];
}

/** One entry a secret, with all that is said of it, sorted by place and name. */
function grouped(needed: NeededSecret[]): [string, NeededSecret[]][] {
  const groups = new Map<string, NeededSecret[]>();
  for (const secret of needed) {
    const key = `${secret.namespace ?? ''}/${secret.secretName}`;
    groups.set(key, [...(groups.get(key) ?? []), secret]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function scopes(uses: NeededSecret[]): string {
  return distinct(uses.flatMap((use) => (use.tokenScope ? [use.tokenScope] : []))).sort().map(code).join(', ') || '-';
}

function distinct(values: string[]): string[] {
  return [...new Set(values)];
}

function code(text: string): string {
  return `\`${text}\``;
}

function shell(lines: string[]): string[] {
  return ['```sh', ...lines, '```'];
}

function table(head: string[], rows: string[][]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** Steps in order, each with its text indented below its number; steps without text are left out. */
function numbered(steps: string[][]): string[] {
  return steps.filter((step) => step.length > 0).flatMap((step, i) => [
    `${i + 1}. ${step[0]}`, ...step.slice(1).map((line) => (line === '' ? '' : `   ${line}`)), '',
  ]);
}
