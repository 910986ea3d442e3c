import { ApiObject } from 'cdk8s';
import { Cluster } from '../flux';
import { ForgeCreation, Repository } from '../forge';
import { PodSecurity } from '../kube';
import { byPath, Model } from '../model';
import { codeSpan, command, Command } from '../support';
import { numbered, shell } from './runbook-text';

/** The first version of Flux that serves the API of image automation. */
export const OLDEST_FLUX = '2.7';

/** The controllers of image automation, which are not part of the default installation. */
export const IMAGE_CONTROLLERS = ['image-reflector-controller', 'image-automation-controller'];

/** The directory of the output that contains files for other repositories. */
const DELIVERED = /^repositories\/([^/]+\/[^/]+)\//;

/**
 * Returns everything that must exist before the cdk8s app can be applied: Flux, accounts and repositories, namespaces.
 */
export function prerequisites(model: Model): string[] {
  const clusters = byPath(model.clusters);
  if (clusters.length === 0) {
    return [];
  }
  return [
    '## Prerequisites',
    '',
    'Run all commands of this page in one Bash, in the root directory of the repository of this cdk8s app.',
    '',
    ...numbered([
      ...clusters.map((cluster) => flux(cluster, model)),
      ...accounts(model, clusters),
      ...clusters.map((cluster) => namespaces(cluster, model)),
    ]),
  ];
}

/** Returns the steps after the Secrets exist: apply the entry point, deliver the workflow files, build. */
export function initialSetup(model: Model): string[] {
  const delivered = repositoriesOf(model);
  return byPath(model.clusters).flatMap((cluster) => [
    `## Initial setup of cluster ${codeSpan(cluster.name)}`,
    '',
    ...numbered([
      ['Create the Secrets. See [Secrets](#secrets).'],
      handOver(cluster, model),
      delivered.length > 0
        ? ['Deliver the workflow files to their repositories. See [Workflow files](#workflow-files).']
        : [],
      model.images.length > 0
        ? [
            'Push a commit with a Dockerfile to each repository that contains the source of an image. Its workflow builds the first tag.',
          ]
        : [],
      cluster.hasWebhooks ? webhooks(cluster) : [],
      ['Verify the installation. See [Verify](#verify).'],
    ]),
  ]);
}

/** Returns the commands that copy generated files to other repositories. */
export function workflowFiles(model: Model): string[] {
  const repositories = repositoriesOf(model);
  if (repositories.length === 0) {
    return [];
  }
  const urls = new Map(model.workflows.map(({ repository }) => [repository.fullName, repository.cloneUrl]));
  return [
    '## Workflow files',
    '',
    'The output contains files for other repositories. After each synth that changes them, deliver them. `--dry-run` shows what would change:',
    '',
    ...shell([command`npx cdk8s-forge deliver`]),
    '',
    'Git uses your credentials, or a token in the variable `FORGE_TOKEN`. Or copy the files by hand, and delete files that the output no',
    'longer contains:',
    '',
    ...repositories.flatMap((name) => [...shell(copyOf(name, urls.get(name))), '']),
  ];
}

function repositoriesOf({ files }: Model): string[] {
  return [...new Set(files.map(({ path }) => DELIVERED.exec(path)?.[1]).filter((name) => name !== undefined))].sort();
}

function copyOf(name: string, url: string | undefined): Command[] {
  const source = `dist/repositories/${name}/.`;
  const clone = url === undefined ? [] : [command`DIR=$(mktemp -d) && git clone ${url} "$DIR"`];
  return [
    ...clone,
    command`cp -R ${source} "$DIR" && git -C "$DIR" add --all`,
    command`git -C "$DIR" commit --message ${'Update generated workflows'} && git -C "$DIR" push`,
  ];
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
function accounts(model: Model, clusters: readonly Cluster[]): string[][] {
  const sources = clusters.map(({ source }) => source.repository);
  const repositories = distinct([...sources, ...model.workflows.map(({ repository }) => repository)]);
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
        `At <${url}>${inside}, create the organization ${owners.join(', ')}${page(ForgeCreation.ORGANIZATION)}, unless it exists. If an owner is a user, the user must exist.`,
      ],
      [
        `Create the repositories ${names(own)}${page(ForgeCreation.REPOSITORY)}, and enable Actions in the settings of those that contain workflows.`,
      ],
      ...(followed.length > 0
        ? [[`Push this cdk8s app, with \`dist/\` and \`images.yaml\`, to ${names(followed)}.`]]
        : []),
      [
        `Create a bot user, and add it to ${teams}. The team needs the right to write code in ${names(followed)}${model.images.length > 0 ? ', and to write packages' : ''}. Create the tokens of the chapters that follow as this user. A token needs its scope and the right of its user.`,
      ],
    ];
  });
}

function distinct(repositories: readonly Repository[]): Repository[] {
  const known = new Map(repositories.map((each) => [`${each.forge.url} ${each.fullName}`, each]));
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/**
 * Returns the instructions to apply the entry point. Encrypted files are not for kubectl: the API server does not
 * support the field `sops` and would reject it.
 */
function handOver(cluster: Cluster, model: Model): string[] {
  const encrypted = model.passThrough
    .filter(({ chart }) => chart.cluster === cluster && cluster._isEntry(chart.chart))
    .map(({ manifest }) => `${cluster.entryPath}/${manifest.fileName}.yaml`);
  if (!cluster.kustomizations.isOwn) {
    return [appliedBy(cluster)];
  }
  if (encrypted.length === 0) {
    return [
      'Commit and push the generated files. Then apply the cluster entry point once:',
      '',
      ...shell([command`kubectl apply -f ${`${cluster.entryPath}/`}`]),
    ];
  }
  return [
    'Commit and push the generated files. Then apply the cluster entry point once. Decrypt its Secrets manually this time; Flux decrypts them later:',
    '',
    ...shell([
      ...encrypted.map((file) => command`sops decrypt ${file} | kubectl apply -f -`),
      command`kubectl apply ${['source', 'layers'].flatMap((name) => ['-f', `${cluster.entryPath}/${name}.k8s.yaml`])}`,
    ]),
  ];
}

/** Returns the step of a cluster whose directories are applied by Kustomizations that exist. */
function appliedBy({ entryPath, kustomizations: { applier } }: Cluster): string {
  const directory = entryPath.replace(/\/[^/]+$/, '');
  return applier
    ? `Commit and push the generated files. Let Kustomization ${codeSpan(applier.name)} apply ${codeSpan(directory)}.`
    : `Commit and push the generated files. Let your Kustomizations apply the directories of ${codeSpan(directory)}: ${codeSpan('flux')} first, then the layers in their order.`;
}

/** A namespace that must exist before its objects. */
export interface NeededNamespace {
  readonly name: string;
  /** The Pod Security level of its workloads. @default - restricted */
  readonly level?: string;
}

/**
 * Returns the namespaces that the charts use and that the cdk8s app does not create, with the label that Pod Security
 * needs.
 */
export function namespacesOf(cluster: Cluster, model: Model): NeededNamespace[] {
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
  const levels = new Map(PodSecurity.requirements(cluster).map(({ namespace, level }) => [namespace, level]));
  return missing.map((name) => {
    const level = levels.get(name);
    return level === undefined || level === PodSecurity.RESTRICTED ? { name } : { name, level: level.level };
  });
}

function namespaces(cluster: Cluster, model: Model): string[] {
  const missing = namespacesOf(cluster, model);
  if (missing.length === 0) {
    return [];
  }
  const label = ({ name, level }: NeededNamespace) =>
    level === undefined
      ? []
      : [command`kubectl label namespace ${name} pod-security.kubernetes.io/enforce=${level} --overwrite`];
  return [
    `Create the namespaces of cluster ${codeSpan(cluster.name)}, and set the Pod Security level that their workloads require:`,
    '',
    ...shell(
      missing.flatMap((each) => [
        command`kubectl get namespace ${each.name} || kubectl create namespace ${each.name}`,
        ...label(each),
      ]),
    ),
  ];
}

function webhooks(cluster: Cluster): string[] {
  const of = ['--cluster', cluster.name];
  return [
    'Make the webhooks by which the server tells Flux of pushes and new images, when the Receivers are ready. `FLUX_ADDRESS` is the address at',
    'which the server reaches the Service `webhook-receiver` of Flux, for example that of an Ingress. `FORGE_TOKEN` may write webhooks:',
    '',
    ...shell([command`npx cdk8s-forge webhooks ${of} --address "$FLUX_ADDRESS"`]),
    '',
    `Or create them by hand: \`${cluster.name}\` for pushes to the repository, \`${cluster.name}-images\` for packages of the owner. Their secret is the`,
    'token in the Secret of the Receivers. The command prints their paths:',
    '',
    ...shell([
      command`kubectl --namespace ${cluster.namespace} get receivers -o custom-columns=NAME:.metadata.name,PATH:.status.webhookPath`,
    ]),
  ];
}
