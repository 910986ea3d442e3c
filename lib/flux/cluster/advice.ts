import { repositoryPart, Repository } from '../../forge';
import { Advice, awaits, Check, codeSpan, command, Command, Part, prints, succeeds, Symptom } from '../../support';
import { IConstruct } from 'constructs';
import { IFluxObject, ImageFacts } from '../base/flux-object';
import { imageShardSteps } from '../base/shard';

const KUSTOMIZE = 'kustomize.toolkit.fluxcd.io';
const IMAGE = 'image.toolkit.fluxcd.io';
const IMAGE_KINDS = ['imagerepositories', 'imagepolicies', 'imageupdateautomations'];

/** A cluster, as far as the advice reads it. */
interface AdvisedCluster extends IConstruct {
  readonly name: string;
  readonly namespace: string;
  /** The GitRepository that Flux reads or commits to. */
  readonly source: IFluxObject & { readonly exists: boolean };
  /** Reports whether webhooks notify Flux of a push. */
  readonly hasWebhooks: boolean;
  readonly _imageFacts: ImageFacts;
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
    byHand: images ? imageShardSteps(cluster._imageFacts.shards) : [],
    symptoms: [...clusterSymptoms(cluster), ...(images ? imageSymptoms(cluster) : [])],
    links: [
      { from: repo, to: flux, label: 'followed by' },
      ...(images ? [{ from: flux, to: repo, label: 'commits new tags' }] : []),
    ],
  };
}

function clusterChecks(cluster: AdvisedCluster, images: boolean): Check[] {
  const { name, namespace } = cluster;
  const about = `Cluster \`${name}\``;
  const kubectl = command`kubectl --namespace ${namespace}`;
  return [
    {
      about,
      title: 'Flux has applied every deployment layer',
      good: 'READY is `True`',
      commands: [command`flux get kustomizations --namespace ${namespace}`],
      ...awaits(kubectl, command`kustomizations.${KUSTOMIZE} --all`),
    },
    ...(images
      ? [
          {
            about,
            title: 'Flux follows the images',
            good: 'READY is `True`. An ImagePolicy and its ImageRepository are ready after the first build',
            commands: [command`flux get images all --namespace ${namespace}`],
            run: IMAGE_KINDS.flatMap((kind) => awaits(kubectl, command`${kind}.${IMAGE} --all`).run),
            expect: succeeds(),
          },
          {
            about,
            title: 'Every ImagePolicy has chosen a tag',
            good: 'a tag after each name',
            commands: [chosenTags(kubectl)],
            expect: { exitCode: 0, stdoutMatches: '^(?:\\S+=\\S+\\n)+$' },
            symptom: 'no tags in database',
          },
        ]
      : []),
    ...(cluster.hasWebhooks ? webhookChecks(cluster, about) : []),
  ];
}

function chosenTags(kubectl: Command): Command {
  const columns = '{range .items[*]}{.metadata.name}={.status.latestRef.tag}{"\\n"}{end}';
  return command`${kubectl} get imagepolicies.${IMAGE} --output ${`jsonpath=${columns}`}`;
}

/** Returns the checks that show whether webhooks have an address, and whether one has arrived. */
function webhookChecks({ namespace, source }: AdvisedCluster, about: string): Check[] {
  const kubectl = command`kubectl --namespace ${namespace}`;
  const { name } = source.apiObject;
  const requested = '{.metadata.annotations.reconcile\\.fluxcd\\.io/requestedAt}';
  return [
    {
      about,
      title: 'The Receivers of webhooks have an address',
      good: 'READY is `True`',
      commands: [command`flux get receivers --namespace ${namespace}`],
      ...awaits(kubectl, command`receivers.notification.toolkit.fluxcd.io --all`),
    },
    {
      about,
      title: 'A webhook has arrived',
      good: 'the time of the last one. Before the first push, there is none',
      commands: [command`${kubectl} get gitrepository ${name} --output ${`jsonpath=${requested}`}`],
      expect: prints(':'),
    },
  ];
}

function clusterSymptoms({ namespace, source }: AdvisedCluster): Symptom[] {
  const { name } = source.apiObject;
  return [
    {
      seen: "`authentication required` or `failed to checkout` at Flux's GitRepository",
      cause: `The credentials of GitRepository \`${name}\` cannot read the repository, or have expired.`,
      fix: `Create a token whose user can read the repository, and replace the Secret of GitRepository \`${name}\`.`,
      look: [command`flux get sources git ${name} --namespace ${namespace}`],
    },
    {
      seen: '`dependency … is not ready`',
      cause: 'An earlier deployment layer is not ready.',
      fix: 'Fix the layer that the message names. The message of that layer names the object that is not ready.',
      look: [
        command`flux get kustomizations --namespace ${namespace}`,
        command`flux events --namespace ${namespace} --types Warning`,
      ],
    },
    {
      seen: '`dry-run failed`',
      cause:
        'The API server rejects an object: its kind is not installed (`no matches for kind`), a field is immutable, or an admission rule denies it. Flux applies no object of the layer.',
      fix: 'Install the CustomResourceDefinition, change the object in `main.ts`, or change the rule. Then synth and commit.',
      look: [command`flux events --namespace ${namespace} --types Warning`],
    },
  ];
}

function imageSymptoms({ name, namespace }: AdvisedCluster): Symptom[] {
  return [
    {
      seen: '`Reconciliation in progress` at a layer for minutes after the first build, or after a tag that cannot be pulled',
      cause:
        'Flux applies a new commit only when the layer is ready, or after its `timeout`. The default is 5 minutes. Before the first build, no node can pull the initial tag.',
      fix: 'Wait 5 minutes, once. Or set `--feature-gates=CancelHealthCheckOnNewRevision=true` at kustomize-controller (Flux 2.8 or newer): Flux then stops waiting at each new commit.',
      look: [command`flux get kustomizations --namespace ${namespace}`],
    },
    {
      seen: 'an ImagePolicy has the new tag, and the repository does not',
      cause: 'The credentials of Flux cannot push, or the branch is protected.',
      fix: `Give the user of Flux the right to push to the branch. Then run ${codeSpan(command`flux reconcile image update ${name} --namespace ${namespace}`)}, which makes the commit.`,
      look: [command`flux get images update ${name} --namespace ${namespace}`],
    },
  ];
}
