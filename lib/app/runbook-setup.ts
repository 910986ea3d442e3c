import { Cluster } from '../flux';
import { byPath, Model } from '../model';
import { SecretHome } from '../secret';
import { codeSpan, command, Command } from '../support';
import { Chapter } from './runbook-chapter';
import { grouped, numbered, shell } from './runbook-text';

/** The directory of the output that contains files for other repositories. */
const DELIVERED = /^repositories\/([^/]+\/[^/]+)\//;

/** Returns the steps after the Secrets exist: apply the entry point, deliver the workflow files, build. */
export function initialSetup(model: Model): Chapter[] {
  const delivers = model.files.some(({ path }) => DELIVERED.test(path));
  return byPath(model.clusters).map((cluster) => ({
    heading: `## Initial setup of cluster ${codeSpan(cluster.name)}`,
    entries: [
      {
        owners: [cluster.node.path],
        name: cluster.name,
        value: [
          ...selection(cluster, model),
          // The chapter is left out if the app has no Secret.
          model.secrets.some(({ home = SecretHome.KUBERNETES }) => home === SecretHome.KUBERNETES)
            ? ['Create the Secrets. See [Secrets](#secrets).']
            : [],
          handOver(cluster, model),
          delivers ? ['Deliver the workflow files to their repositories. See [Workflow files](#workflow-files).'] : [],
          model.images.length > 0
            ? [
                'Push a commit with a Dockerfile to each repository that contains the source of an image. Its workflow builds the first tag.',
              ]
            : [],
          cluster.hasWebhooks ? webhooks(cluster) : [],
          ['Verify the installation. See [Verify](#verify).'],
        ],
      },
    ],
    body: (values: readonly string[][][]) => values.flatMap(numbered),
  }));
}

/** Returns the step that selects the cluster, if the app has several. */
function selection({ name }: Cluster, { clusters }: Model): string[][] {
  return clusters.length === 1
    ? []
    : [
        [
          `Select the context of cluster ${codeSpan(name)}, because kubectl and flux ask the current context. This command is for a context with the name of the cluster:`,
          '',
          ...shell([command`kubectl config use-context ${name}`]),
        ],
      ];
}

/** Returns the commands that copy generated files to other repositories. */
export function workflowFiles(model: Model): Chapter<string> {
  const urls = new Map(model.workflows.map(({ repository }) => [repository.fullName, repository.cloneUrl]));
  const delivered = grouped(model.files, ({ path }) => DELIVERED.exec(path)?.[1]);
  return {
    heading: '## Workflow files',
    intro: [
      'The output contains files for other repositories. After each synth that changes them, deliver them. `--dry-run` shows what would change:',
      '',
      ...shell([command`npx cdk8s-forge deliver`]),
      '',
      'Git uses your credentials, or a token in the variable `FORGE_TOKEN`. Or copy the files by hand, and delete files that the output no',
      'longer contains:',
      '',
    ],
    entries: [...delivered.keys()].sort().map((name) => ({
      owners: delivered.get(name)!.map(({ node }) => node.path),
      name,
      value: name,
    })),
    body: (names) => names.flatMap((name) => [...shell(copyOf(name, urls.get(name))), '']),
  };
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
