import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { Identity } from './identity';
import { Storage, StorageKind } from './storage';
import { claimMetadata, claimSpec, claimTemplates, NamedStorage } from './volume';
import { WorkloadController } from './workload-identity';

/**
 * Returns the storage of a workload as its controller sees it: a Deployment has no claim templates, so its storage is a
 * claim beside it, of which there is one, whatever the number of pods.
 *
 * @jsii ignore
 */
export function storesUnder<T extends NamedStorage>(identity: Identity, stores: readonly T[]): T[] {
  return identity.controller === WorkloadController.DEPLOYMENT
    ? stores.map((store) => ({ ...store, storage: besideDeployment(identity, store) }))
    : [...stores];
}

function besideDeployment(identity: Identity, { name, storage }: NamedStorage): Storage {
  return storage.kind === StorageKind.PERSISTENT
    ? Storage.existingClaim(storage._claim.name ?? `${identity.name}-${name}`, storage.size)
    : storage;
}

/**
 * Creates the claims of a Deployment. A StatefulSet creates its claims itself.
 *
 * @jsii ignore
 */
export function claimsBeside(construct: Construct, identity: Identity, stores: readonly NamedStorage[]): void {
  if (identity.controller !== WorkloadController.DEPLOYMENT) {
    return;
  }
  for (const { name, storage } of stores.filter((store) => store.storage.kind === StorageKind.PERSISTENT)) {
    new ApiObject(construct, `Claim${name[0].toUpperCase()}${name.slice(1)}`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: storage._claim.name ?? `${identity.name}-${name}`, ...claimMetadata(storage) },
      spec: claimSpec(storage),
    });
  }
}

/** The parts of a workload whose pods run permanently. */
interface PermanentParts {
  readonly identity: Identity;
  readonly replicas: number;
  readonly template: PodTemplateSpec;
  /** The storage, before `storesUnder`. */
  readonly stores: readonly NamedStorage[];
}

/**
 * Creates the StatefulSet or Deployment of pods that run permanently. A Deployment ends its pod before it starts the next,
 * because two of them would use one claim.
 *
 * @jsii ignore
 */
export function permanentWorkload(
  construct: Construct,
  { identity, replicas, template, stores }: PermanentParts,
): void {
  const metadata = { name: identity.name, labels: identity.labels, ...identity.annotations() };
  const selector = { matchLabels: identity.selector };
  if (identity.controller === WorkloadController.DEPLOYMENT) {
    new ApiObject(construct, 'Resource', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas, strategy: { type: 'Recreate' }, selector, template },
    });
    return;
  }
  const volumeClaimTemplates = claimTemplates(stores);
  new ApiObject(construct, 'Resource', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      replicas,
      serviceName: identity.serviceName(),
      podManagementPolicy: identity.podManagement,
      selector,
      template,
      ...(volumeClaimTemplates.length > 0 ? { volumeClaimTemplates } : {}),
    },
  });
}
