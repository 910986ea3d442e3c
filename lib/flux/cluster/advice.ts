import { repositoryPart, Repository } from '../../forge';
import { Advice, awaits, Check, command, Part, succeeds, Symptom } from '../../support';
import { IConstruct } from 'constructs';

const KUSTOMIZE = 'kustomize.toolkit.fluxcd.io';
const IMAGE = 'image.toolkit.fluxcd.io';
const IMAGE_KINDS = ['imagerepositories', 'imagepolicies', 'imageupdateautomations'];

/** A cluster, as far as the advice reads it. */
interface AdvisedCluster extends IConstruct {
  readonly name: string;
  readonly namespace: string;
}

/**
 * Returns the part that represents a cluster's Flux in the runbook diagram.
 *
 * @jsii ignore
 */
export function fluxPart(cluster: AdvisedCluster): Part {
  return { kind: 'flux', name: cluster.name, label: ['Flux', cluster.namespace], at: cluster };
}

/** Returns the operator advice for a cluster. */
export function clusterAdvice(cluster: AdvisedCluster, repository: Repository, images: boolean): Advice {
  const repo = repositoryPart(repository);
  const flux = fluxPart(cluster);
  return {
    checks: clusterChecks(cluster, images),
    symptoms: [...clusterSymptoms(cluster), ...(images ? imageSymptoms(cluster) : [])],
    links: [
      { from: repo, to: flux, label: 'followed by' },
      ...(images ? [{ from: flux, to: repo, label: 'commits new tags' }] : []),
    ],
  };
}

function clusterChecks({ name, namespace }: AdvisedCluster, images: boolean): Check[] {
  const about = `Cluster \`${name}\``;
  const kubectl = command`kubectl --namespace ${namespace}`;
  return [
    {
      about,
      title: 'Flux has applied every layer',
      good: 'READY is `True`: a layer is ready when everything in it is',
      commands: [command`flux get kustomizations --namespace ${namespace}`],
      ...awaits(kubectl, command`kustomizations.${KUSTOMIZE} --all`),
    },
    ...(images
      ? [
          {
            about,
            title: 'Flux follows the images',
            good: 'READY is `True`; of a policy, after the first build',
            commands: [command`flux get images all --namespace ${namespace}`],
            run: IMAGE_KINDS.flatMap((kind) => awaits(kubectl, command`${kind}.${IMAGE} --all`).run),
            expect: succeeds(),
          },
        ]
      : []),
  ];
}

function clusterSymptoms({ name, namespace }: AdvisedCluster): Symptom[] {
  return [
    {
      seen: "`authentication required` or `failed to checkout` at Flux's GitRepository",
      remedy: `The credentials of GitRepository \`${name}\` may not read the repository, or have expired.`,
      look: [command`flux get sources git ${name} --namespace ${namespace}`],
    },
    {
      seen: '`dependency … is not ready`',
      remedy: 'An earlier layer is not ready: its message says which object it waits for.',
      look: [
        command`flux get kustomizations --namespace ${namespace}`,
        command`flux events --namespace ${namespace} --types Warning`,
      ],
    },
    {
      seen: '`dry-run failed`',
      remedy:
        'The API server refuses an object: a kind that is not installed (`no matches for kind`), a field that cannot be changed, or a rule such as PodSecurity. Nothing of that layer is applied until it is mended.',
      look: [command`flux events --namespace ${namespace} --types Warning`],
    },
  ];
}

function imageSymptoms({ name, namespace }: AdvisedCluster): Symptom[] {
  return [
    {
      seen: '`Reconciliation in progress` at a layer for minutes after the first build, or after a tag that cannot be pulled',
      remedy:
        'Flux waits until the layer is ready, or until its `timeout` (5 minutes unless `layers` of the Cluster says otherwise), before it looks at a new commit. Before the first build nobody can pull the tag, so wait that long, once. With `--feature-gates=CancelHealthCheckOnNewRevision=true` at kustomize-controller (Flux 2.8 and later) Flux stops waiting at each new commit.',
      look: [command`flux get kustomizations --namespace ${namespace}`],
    },
    {
      seen: 'a policy has the new tag, Git does not',
      remedy: 'The credentials of Flux may not push, or the branch is protected.',
      look: [
        command`flux get images update ${name} --namespace ${namespace}`,
        command`flux reconcile image update ${name} --namespace ${namespace}`,
      ],
    },
  ];
}
