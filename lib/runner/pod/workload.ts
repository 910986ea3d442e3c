import type { PodSpec, PodTemplateSpec, Volume } from 'kubernetes-types/core/v1';
import { claimMetadata, claimSpec, Identity, StorageKind, storageVolume } from '../../kube';
import { BlueprintStore } from '../blueprint';
import { PerJobScalingProps } from '../scaling/scaling';

/** The metadata that all pods of a runner have. */
export interface WorkloadMeta {
  readonly identity: Identity;
  readonly configHash: string;
}

/**
 * Returns the volumes of stores that exist only as long as their pod. Their claims are created and deleted with the
 * pod.
 */
export function podVolumes(stores: readonly BlueprintStore[]): Volume[] {
  return stores.map(({ name, storage }) =>
    storage.kind === StorageKind.PERSISTENT
      ? { name, ephemeral: { volumeClaimTemplate: claimOfPod(storage) } }
      : storageVolume(name, storage),
  );
}

function claimOfPod(storage: BlueprintStore['storage']) {
  const metadata = claimMetadata(storage);
  return { ...(Object.keys(metadata!).length > 0 ? { metadata } : {}), spec: claimSpec(storage) };
}

/** The settings that decide how pods are started for jobs. */
export interface ScaledParts {
  readonly scaling: PerJobScalingProps;
  readonly trigger: object;
}

/** Returns the ScaledJob specification that runs one pod for each job. */
export function scaledJob(meta: WorkloadMeta, pod: PodSpec, { scaling, trigger }: ScaledParts): object {
  return {
    pollingInterval: scaling.pollingInterval?.toSeconds({ integral: false }) ?? 30,
    minReplicaCount: scaling.min ?? 0,
    maxReplicaCount: scaling.max,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    // Changing the template leaves jobs alone that run.
    rollout: { strategy: 'gradual' },
    // Every trigger counts the jobs that wait and those that run, so what is missing is that number less the pods that are there.
    // `accurate` is for a count without the running ones: Forgejo's would start a pod for each running job at every poll, and a count of
    // waiting jobs alone a second pod for each job whose pod is up and has not asked for it yet.
    scalingStrategy: { strategy: 'default' },
    jobTargetRef: {
      parallelism: 1,
      completions: 1,
      // A second pod would find the identity of the first used up.
      backoffLimit: 0,
      ttlSecondsAfterFinished: scaling.keepFinished?.toSeconds({ integral: false }) ?? 300,
      template: template(meta, pod),
    },
    triggers: [trigger],
  };
}

/** Returns the template of a runner's pods. */
export function template({ identity, configHash }: WorkloadMeta, spec: PodSpec): PodTemplateSpec {
  return {
    metadata: {
      labels: identity.labels,
      annotations: {
        'cdk8s-forge/config-hash': configHash,
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        ...identity.podAnnotations,
      },
    },
    spec,
  };
}
