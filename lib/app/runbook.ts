import { ApiObject } from 'cdk8s';
import { Cluster } from '../flux';
import { PodSecurity, podSecuritySymptoms } from '../kube';
import { secretCommands, secretInventory } from '../secret';
import { command, SaidWarning } from '../support';
import { awaitedRunners } from './awaited-runners';
import { byPath, Model } from '../model';
import { codeSpan } from '../support';
import { picture } from './picture';
import { apiTokens, authorities, byHand, checks, symptoms } from './runbook-checks';
import { numbered, shell, table } from './runbook-text';

/**
 * The warnings that checks of the whole app found.
 *
 * @jsii ignore
 */
export interface FoundWarnings {
  /** Warnings about versions to replace. @default - none */
  readonly versions?: readonly SaidWarning[];
  /** Warnings about settings that work but may be unintended. @default - none */
  readonly settings?: readonly SaidWarning[];
}

/**
 * Returns the runbook with everything that an operator must know and do manually. The runbook is written beside the
 * output. The content comes only from the model, so that a moved tag never changes the runbook.
 *
 * The constructs provide the content (`advise`); this function only arranges it. The order is setup, verification,
 * troubleshooting.
 *
 * @jsii ignore
 */
export function runbook(model: Model, found: FoundWarnings = {}): string | undefined {
  const chapters = [
    byPath(model.clusters).flatMap((cluster) => connect(cluster, model)),
    images(model),
    inventory(model),
    apiTokens(model),
    authorities(model),
    byHand(model),
    creation(model),
    checks(model),
    troubles(model),
    awaitedRunners(model),
    versions(found.versions ?? []),
    reached(model.advice),
    warnings(model.advice, found.settings ?? []),
  ].flat();
  return chapters.length === 0 ? undefined : ['# Runbook', '', ...picture(model), ...chapters].join('\n');
}

/**
 * Returns the troubleshooting section. Pod Security symptoms are included only if a construct has advice: workloads of
 * this library always have advice.
 */
function troubles(model: Model): string[] {
  const [first] = model.constructs;
  if (model.advice.length === 0 || first === undefined) {
    return [];
  }
  return symptoms([...model.advice.flatMap((advice) => advice.symptoms ?? []), ...podSecuritySymptoms(first)]);
}

function inventory(model: Model): string[] {
  const lines = secretInventory(model.secrets);
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Returns the commands that create Secrets, except for those that another step of the runbook creates. */
function creation({ advice, secrets }: Model): string[] {
  const known = advice.flatMap(({ byHand: steps = [] }) =>
    steps.flatMap((step) => (step.commands ?? []).map(({ text }) => text)),
  );
  const lines = secretCommands(secrets, known);
  return lines.length === 0 ? [] : ['## Commands that create the Secrets', '', ...lines, ''];
}

/**
 * Returns everything that workflows fetch from elsewhere. A mirror must contain these resources, and a firewall must
 * allow them.
 */
function reached(advice: Model['advice']): string[] {
  const users = new Map<string, string[]>();
  for (const { path, reaches = [] } of advice) {
    reaches.forEach((place) => users.set(place, [...(users.get(place) ?? []), path]));
  }
  if (users.size === 0) {
    return [];
  }
  return [
    '## Reached from outside',
    '',
    'Workflows fetch these, besides the forge and the registries:',
    '',
    ...[...users]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([place, paths]) => `- \`${place}\`, by ${paths.map((path) => `\`${path}\``).join(', ')}`),
    '',
  ];
}

function versions(found: readonly SaidWarning[]): string[] {
  const lines = found.map(({ path, text }) => `- \`${path}\`: ${text}`);
  return lines.length === 0 ? [] : ['## Versions to replace', '', ...lines, ''];
}

function warnings(advice: Model['advice'], found: readonly SaidWarning[]): string[] {
  const said = advice.flatMap(({ path, warnings: texts = [] }) => texts.map((text) => ({ path, text })));
  const lines = [...found, ...said].map(({ path, text }) => `- \`${path}\`: ${text}`);
  return lines.length === 0 ? [] : ['## Worth a look', '', 'This works, but perhaps not as meant:', '', ...lines, ''];
}

function connect(cluster: Cluster, model: Model): string[] {
  return [
    `## Cluster \`${cluster.name}\``,
    '',
    ...numbered([
      namespaces(cluster, model),
      ['Have the secrets that are listed below.'],
      handOver(cluster, model),
      ['Look whether all is well: the commands are below.'],
      cluster.hasWebhooks ? webhooks(cluster) : [],
    ]),
  ];
}

/**
 * Returns the instructions to apply the entry point. Encrypted files are not for kubectl: the API server does not
 * support the field `sops` and would reject it.
 */
function handOver(cluster: Cluster, model: Model): string[] {
  const encrypted = model.passThrough
    .filter(({ chart }) => chart.cluster === cluster && cluster._isEntry(chart.chart))
    .map(({ manifest }) => `${cluster.entryPath}/${manifest.fileName}.yaml`);
  if (encrypted.length === 0) {
    return [
      'Commit the output, then hand the cluster to Flux, once:',
      '',
      ...shell([command`kubectl apply -f ${`${cluster.entryPath}/`}`]),
    ];
  }
  return [
    'Commit the output, then hand the cluster to Flux, once. You decrypt what it needs to begin with; from then on it decrypts by itself:',
    '',
    ...shell([
      ...encrypted.map((file) => command`sops decrypt ${file} | kubectl apply -f -`),
      command`kubectl apply ${['source', 'layers'].flatMap((name) => ['-f', `${cluster.entryPath}/${name}.k8s.yaml`])}`,
    ]),
  ];
}

/**
 * Returns the namespaces that the charts use and that the cdk8s app does not create, with the label that Pod Security
 * needs.
 */
function namespaces(cluster: Cluster, model: Model): string[] {
  const charts = [...model.charts.values()].filter((chart) => chart.cluster === cluster);
  const made = new Set(
    charts
      .flatMap(({ objects }) => objects)
      .filter((o) => o.kind === 'Namespace')
      .map((o: ApiObject) => o.name),
  );
  const used = new Set(
    charts.flatMap(({ chart }) =>
      chart.namespace === undefined || chart.namespace === cluster.namespace ? [] : [chart.namespace],
    ),
  );
  const missing = [...used].filter((name) => !made.has(name)).sort();
  if (missing.length === 0) {
    return [];
  }
  const levels = new Map(PodSecurity.requirements(cluster).map(({ namespace, level }) => [namespace, level]));
  const label = (name: string) => {
    const level = levels.get(name);
    return level === undefined || level === PodSecurity.RESTRICTED
      ? []
      : [command`kubectl label namespace ${name} pod-security.kubernetes.io/enforce=${level.level} --overwrite`];
  };
  return [
    'Have the namespaces, with the Pod Security level that their workloads need:',
    '',
    ...shell(
      missing.flatMap((name) => [
        command`kubectl get namespace ${name} || kubectl create namespace ${name}`,
        ...label(name),
      ]),
    ),
  ];
}

function webhooks(cluster: Cluster): string[] {
  return [
    `Make two webhooks in the forge, so that Flux sees a push at once: \`${cluster.name}\` for pushes of the repository, \`${cluster.name}-images\` for`,
    "packages of the owner. Their secret is the token of the Secret below, and these are their paths behind the address of Flux's",
    'notification-controller:',
    '',
    ...shell([
      command`kubectl --namespace ${cluster.namespace} get receivers -o custom-columns=NAME:.metadata.name,PATH:.status.webhookPath`,
    ]),
  ];
}

/** Returns the tags of each image, never the version. The page must not change when Flux moves a tag. */
function images({ images: managed }: Model): string[] {
  if (managed.length === 0) {
    return [];
  }
  const line = ({ construct, image }: Model['images'][number]) => {
    const page = construct._page === undefined ? `\`${image.name}\`` : `[\`${image.name}\`](${construct._page})`;
    return [page, `\`${construct.tags.sortableForm}\``, construct._lookNow.map(codeSpan).join('<br>')];
  };
  return [
    '## Images',
    '',
    'Flux deploys the newest tag of each form, and keeps it in `images.yaml`. To go back to another one, say `TagPolicy.pinned` in the',
    'program; a reverted commit alone is written again.',
    '',
    ...table(
      ['image', 'tags', 'look for a new one now'],
      [...managed].sort((a, b) => (a.construct.node.path < b.construct.node.path ? -1 : 1)).map(line),
    ),
    '',
  ];
}
