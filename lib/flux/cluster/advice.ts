import { registryChecks, registryPart, registrySymptoms, Registry } from '../../registry';
import { repositoryPart, Repository } from '../../forge';
import { Advice, Check, Part, Symptom } from '../../support';
import type { Cluster } from './cluster';

/**
 * Returns the part that represents a cluster's Flux in the runbook diagram.
 *
 * @jsii ignore
 */
export function fluxPart(cluster: Cluster): Part {
  return { kind: 'flux', name: cluster.name, label: ['Flux', cluster.namespace], at: cluster };
}

/** Returns the operator advice for a cluster. */
export function clusterAdvice(cluster: Cluster, repository: Repository, images: boolean): Advice {
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

function clusterChecks({ name, namespace }: Cluster, images: boolean): Check[] {
  const about = `Cluster \`${name}\``;
  return [
    {
      about,
      title: 'Flux has applied every layer',
      good: 'READY is `True`: a layer is ready when everything in it is',
      commands: [`flux get kustomizations --namespace ${namespace}`],
    },
    ...(images
      ? [
          {
            about,
            title: 'Flux follows the images',
            good: 'READY is `True`; of a policy, after the first build',
            commands: [`flux get images all --namespace ${namespace}`],
          },
        ]
      : []),
  ];
}

function clusterSymptoms({ name, namespace }: Cluster): Symptom[] {
  return [
    {
      seen: "`authentication required` or `failed to checkout` at Flux's GitRepository",
      remedy: `The credentials of GitRepository \`${name}\` may not read the repository, or have expired.`,
      look: [`flux get sources git ${name} --namespace ${namespace}`],
    },
    {
      seen: '`dependency … is not ready`',
      remedy: 'An earlier layer is not ready: its message says which object it waits for.',
      look: [
        `flux get kustomizations --namespace ${namespace}`,
        `flux events --namespace ${namespace} --types Warning`,
      ],
    },
    {
      seen: '`dry-run failed`',
      remedy:
        'The API server refuses an object: a kind that is not installed (`no matches for kind`), a field that cannot be changed, or a rule such as PodSecurity. Nothing of that layer is applied until it is mended.',
      look: [`flux events --namespace ${namespace} --types Warning`],
    },
  ];
}

function imageSymptoms({ name, namespace }: Cluster): Symptom[] {
  return [
    {
      seen: 'a policy has the new tag, Git does not',
      remedy: 'The credentials of Flux may not push, or the branch is protected.',
      look: [
        `flux get images update ${name} --namespace ${namespace}`,
        `flux reconcile image update ${name} --namespace ${namespace}`,
      ],
    },
  ];
}

/**
 * Returns the operator advice for image policies. All policies share this advice, because there are many and they fail
 * in the same way.
 */
export function policyAdvice(namespace: string): Advice {
  return {
    symptoms: [
      {
        seen: '`version list argument cannot be empty` or `unable to determine latest version` at an ImagePolicy',
        remedy:
          'No tag of the form that stands under "Images" is in the registry: was it built yet, and does the build push such tags?',
        look: [`flux get images policy --namespace ${namespace}`],
      },
    ],
  };
}

/** Returns the operator advice for an image that Flux scans. */
export function scanAdvice(registry: Registry): Advice {
  return { checks: registryChecks(registry), symptoms: registrySymptoms(registry), parts: [registryPart(registry)] };
}
