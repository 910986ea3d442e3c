import { ApiObject } from 'cdk8s';
import { Cluster } from '../flux';
import { ForgeCreation, Repository } from '../forge';
import { PodSecurity } from '../kube';
import { byPath, Model } from '../model';
import { CREATED_MANUALLY } from '../secret';
import { codeSpan, command, Command } from '../support';
import { installForge } from './forge-inside';
import { apisOf, chartsOf } from './operator-apis';
import { Chapter, Entry } from './runbook-chapter';
import { grouped, numbered, shell, table } from './runbook-text';

/** The first version of Flux that serves the API of image automation. */
export const OLDEST_FLUX = '2.7';

/** The controllers of image automation, which are not part of the default installation. */
export const IMAGE_CONTROLLERS = ['image-reflector-controller', 'image-automation-controller'];

/**
 * Returns everything that must exist before the cdk8s app can be applied: Flux, accounts and repositories, namespaces.
 *
 * @param paged the chapters in which each page of a divided runbook has the repositories and namespaces of its constructs
 */
export function prerequisites(model: Model, paged?: readonly Chapter[]): Chapter[] {
  const clusters = byPath(model.clusters);
  if (clusters.length === 0) {
    return [];
  }
  const sources = distinct(clusters.map(({ source }) => source.repository));
  const repositories =
    paged === undefined ? distinct([...sources, ...model.workflows.map(({ repository }) => repository)]) : sources;
  const atServers = accounts(repositories, { sources, hasImages: model.images.length > 0 });
  const inClusters =
    paged?.map(({ heading }) => [stepOf(heading!.slice(3))]) ??
    clusters.map((cluster) => namespaces(cluster, namespacesOf(cluster, model)));
  const installed = clusters.map((cluster) => installForge(model, cluster)).filter((step) => step.length > 0);
  // A server that the app installs needs its namespace, and has no repository before it runs.
  const general = installed.length > 0 ? [...inClusters, ...installed, ...atServers] : [...atServers, ...inClusters];
  const ofClusters = clusters.flatMap((cluster) =>
    [flux(cluster, model), operators(cluster, model)].map((value) => ({ cluster, value })),
  );
  const steps: Entry<string[]>[] = [
    ...ofClusters
      .filter(({ value }) => value.length > 0)
      .map(({ cluster, value }) => ({ owners: [cluster.node.path], name: cluster.name, value })),
    ...general.map((value, i) => ({ owners: [''], name: `step ${i}`, value })),
  ];
  return [
    {
      heading: '## Prerequisites',
      intro: [
        'Run all commands of this page in one Bash, in the root directory of the repository of this cdk8s app.',
        ...(clusters.length > 1
          ? [
              'Commands of kubectl and flux ask the current context: select that of the cluster which is named, with `kubectl config use-context`.',
            ]
          : []),
        '',
      ],
      entries: steps,
      body: numbered,
    },
  ];
}

/** Returns the chapters of a divided runbook in which each page has the repositories and namespaces of its constructs. */
export function pagedPrerequisites(model: Model): Chapter[] {
  return [repositoryChapter(model), namespaceChapter(model)].filter(({ entries }) => entries.length > 0);
}

/** Returns the step of a divided runbook for a chapter whose entries are on the pages. */
function stepOf(title: string): string {
  return `Create the ${title.toLowerCase()}. See [${title}](#${title.toLowerCase()}).`;
}

function repositoryChapter({ workflows }: Model): Chapter<Repository> {
  const owners = grouped(workflows, ({ repository }) => `${repository.forge.url} ${repository.fullName}`);
  const link = (url: string | undefined) => (url === undefined ? '-' : `<${url}>`);
  const row = ({ forge, owner, fullName }: Repository) => [
    codeSpan(fullName),
    link(forge.product.creationPage(forge.url, ForgeCreation.REPOSITORY) ?? forge.url),
    link(forge.product.creationPage(forge.url, ForgeCreation.TEAM, owner)),
  ];
  return {
    heading: '## Repositories',
    intro: [
      'Create the repositories, and enable Actions in their settings. Their owner must exist. Add the bot user to a team of an owner that is an organization, and create the tokens for repositories of a user as that user.',
      '',
    ],
    entries: [...owners].map(([name, uses]) => ({
      owners: uses.map(({ node }) => node.path),
      name,
      value: uses[0].repository,
    })),
    body: (repositories) => [
      ...table(['Repository', 'Create the repository', 'Create a team'], repositories.map(row)),
      '',
    ],
  };
}

function namespaceChapter(model: Model): Chapter<NeededNamespace> {
  const entries = byPath(model.clusters).flatMap((cluster) => {
    const charts = [...model.charts.values()].filter((chart) => chart.cluster === cluster);
    const users = grouped(charts, ({ chart }) => chart.namespace ?? '');
    return namespacesOf(cluster, model).map((needed) => ({
      owners: (users.get(needed.name) ?? []).map(({ chart }) => chart.node.path),
      name: needed.name,
      value: needed,
    }));
  });
  return {
    heading: '## Namespaces',
    intro: [
      '`npx cdk8s-forge bootstrap` creates the namespaces, and sets the Pod Security level that their workloads require. The pages have the commands.',
      '',
    ],
    entries,
    body: (needed) => [...shell(needed.flatMap(namespaceCommands)), ''],
  };
}

function flux(cluster: Cluster, { images }: Model): string[] {
  if (cluster.hasInstance) {
    return fluxOperator(cluster);
  }
  const extra = images.length > 0 ? [`--components-extra=${IMAGE_CONTROLLERS.join(',')}`] : [];
  const namespace = ['--namespace', cluster.namespace];
  const controllers =
    images.length > 0 ? ' with its image controllers, which are not part of the default installation' : '';
  return [
    `Install Flux ${OLDEST_FLUX} or newer in cluster ${codeSpan(cluster.name)}${controllers}. The generated files are for Flux ${cluster.version.text}; for an older version, set \`version\` of the Cluster.`,
    '',
    ...shell([command`flux install ${[...extra, ...namespace]}`, command`flux check ${[...extra, ...namespace]}`]),
    ...(cluster.source.exists || cluster._applied !== cluster.source
      ? [
          '',
          `If \`flux bootstrap\` installed Flux, run \`flux bootstrap\` again${extra.length > 0 ? ` with ${codeSpan(extra[0])}` : ''} in place of \`flux install\`: its repository has the manifests of Flux, and Flux undoes other changes.`,
        ]
      : []),
  ];
}

/** Returns the step that installs the operators of the cluster's objects: Flux applies no object of a layer with an unknown kind. */
function operators(cluster: Cluster, model: Model): string[] {
  const apis = apisOf(model, cluster);
  if (apis.length === 0) {
    return [];
  }
  const charts = chartsOf(model, cluster);
  const own =
    charts.length === 0 ? '' : `, unless a chart of this app installs it (${charts.map(codeSpan).join(', ')})`;
  return [
    `Install the operator of each API in cluster ${codeSpan(cluster.name)}${own}: ${apis.map(codeSpan).join(', ')}. Without it, Flux applies nothing of the layer. \`npx cdk8s-forge bootstrap --dry-run\` names the operators that are missing.`,
  ];
}

/** Returns the step that installs Flux with the Flux Operator. */
function fluxOperator({ name, namespace, entryPath }: Cluster): string[] {
  const chart = 'oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator';
  return [
    `Install the Flux Operator in cluster ${codeSpan(name)}, and let it install Flux. The file lists the controllers that the cluster needs:`,
    '',
    ...shell([
      command`helm install flux-operator ${chart} --namespace ${namespace} --create-namespace --wait`,
      command`kubectl apply -f ${`${entryPath}/instance.k8s.yaml`}`,
      command`kubectl --namespace ${namespace} wait --for condition=Ready --timeout 5m fluxinstance/flux`,
    ]),
  ];
}

/** Returns the steps at the servers that keep the repositories and images. */
function accounts(
  repositories: readonly Repository[],
  { sources, hasImages }: { sources: readonly Repository[]; hasImages: boolean },
): string[][] {
  const servers = [...new Set(repositories.map(({ forge }) => forge.url))].sort();
  return servers.flatMap((url) => {
    const own = repositories.filter(({ forge }) => forge.url === url);
    const owners = [...new Set(own.map(({ owner }) => owner))].sort().map(codeSpan);
    const followed = own.filter((each) => sources.some((source) => source.isSameAs(each)));
    const names = (list: readonly Repository[]) => list.map(({ fullName }) => codeSpan(fullName)).join(', ');
    const internal = own[0].forge.internalUrl;
    const inside = internal === url ? '' : ` (pods connect to <${internal}>)`;
    const page = (what: ForgeCreation, owner?: string) => {
      const found = own[0].forge.product.creationPage(url, what, owner);
      return found === undefined ? '' : ` (<${found}>)`;
    };
    const teams = `a team of ${[...new Set(own.map(({ owner }) => owner))]
      .sort()
      .map((owner) => `${codeSpan(owner)}${page(ForgeCreation.TEAM, owner)}`)
      .join(', ')}`;
    return [
      [
        `At <${url}>${inside}, the ${owners.length === 1 ? 'owner' : 'owners'} of the repositories must exist, as ${owners.length === 1 ? 'an organization' : 'organizations'}${page(ForgeCreation.ORGANIZATION)} or ${owners.length === 1 ? 'a user' : 'users'}: ${owners.join(', ')}.`,
      ],
      [
        `Create the repositories ${names(own)}${page(ForgeCreation.REPOSITORY)}, and enable Actions in the settings of those that contain workflows.`,
      ],
      ...(followed.length > 0
        ? [[`Push this cdk8s app, with \`dist/\` and \`images.yaml\`, to ${names(followed)}.`]]
        : []),
      [
        `Create a bot user, and add it to ${teams}. The team needs the right to write code in ${names(followed)}${hasImages ? ', and to write packages' : ''}. Create the tokens of the chapters that follow as this user. A token needs its scope and the right of its user. An owner that is a user has no teams: create the tokens for its repositories and packages as that user.`,
      ],
    ];
  });
}

function distinct(repositories: readonly Repository[]): Repository[] {
  const known = new Map(repositories.map((each) => [`${each.forge.url} ${each.fullName}`, each]));
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** A namespace that must exist before its objects. */
export interface NeededNamespace {
  readonly name: string;
  /** The Pod Security level of its workloads. @default - restricted */
  readonly level?: string;
}

/** The namespaces of clusters, by model: a synth asks for them several times, and each answer walks the whole tree. */
const found = new WeakMap<Model, Map<Cluster, NeededNamespace[]>>();

/**
 * Returns the namespaces that must exist before the cdk8s app is applied, with the label that Pod Security needs: those that it
 * does not create, and those in which somebody creates Secrets first.
 */
export function namespacesOf(cluster: Cluster, model: Model): NeededNamespace[] {
  const known = found.get(model) ?? new Map<Cluster, NeededNamespace[]>();
  found.set(model, known);
  const namespaces = known.get(cluster) ?? neededNamespaces(cluster, model);
  known.set(cluster, namespaces);
  return namespaces;
}

function neededNamespaces(cluster: Cluster, model: Model): NeededNamespace[] {
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
  const ofSecrets = new Set(
    model.secrets.filter(({ origin }) => origin === CREATED_MANUALLY).map(({ namespace }) => namespace),
  );
  const missing = [...used].filter((name) => !made.has(name) || ofSecrets.has(name)).sort();
  const levels = new Map(PodSecurity.requirements(cluster).map(({ namespace, level }) => [namespace, level]));
  return missing.map((name) => {
    const level = levels.get(name);
    return level === undefined || level === PodSecurity.RESTRICTED ? { name } : { name, level: level.level };
  });
}

function namespaces(cluster: Cluster, missing: readonly NeededNamespace[]): string[] {
  if (missing.length === 0) {
    return [];
  }
  return [
    `Create the namespaces of cluster ${codeSpan(cluster.name)}, and set the Pod Security level that their workloads require:`,
    '',
    ...shell(missing.flatMap(namespaceCommands)),
  ];
}

function namespaceCommands({ name, level }: NeededNamespace): Command[] {
  return [
    command`kubectl get namespace ${name} || kubectl create namespace ${name}`,
    ...(level === undefined
      ? []
      : [command`kubectl label namespace ${name} pod-security.kubernetes.io/enforce=${level} --overwrite`]),
  ];
}
