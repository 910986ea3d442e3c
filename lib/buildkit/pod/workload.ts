import { ApiObject, ApiObjectProps } from 'cdk8s';
import { Construct } from 'constructs';
import type { DeploymentStrategy } from 'kubernetes-types/apps/v1';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { claimMetadata, claimSpec, claimTemplates, Identity, Storage, StorageKind } from '../../kube';
import { ROOT_VOLUME } from './pod';
import { BuildkitTopology } from './topology';

interface WorkloadInput {
  readonly identity: Identity;
  /** Name of the headless Service of the pods. */
  readonly serviceName: string;
  readonly topology: BuildkitTopology;
  readonly storage: Storage;
  readonly template: PodTemplateSpec;
}

/**
 * Returns whether the workload is a Deployment. A StatefulSet gives each buildkitd its own claim or name. If neither is
 * needed, the workload is a Deployment.
 *
 * @internal
 */
export function isDeployment({ name }: BuildkitTopology, { kind }: Storage): boolean {
  return name === 'singleDeployment' || (name === 'pool' && kind !== StorageKind.PERSISTENT);
}

/**
 * Creates the claim of a Deployment, whose template cannot create a claim, and returns the claim's name.
 *
 * @internal
 */
export function ownClaim(
  daemon: Construct & { readonly name: string },
  topology: BuildkitTopology,
  storage: Storage,
): string | undefined {
  if (!isDeployment(topology, storage) || storage.kind !== StorageKind.PERSISTENT) {
    return undefined;
  }
  const name = storage._claim.name ?? `${daemon.name}-root`;
  new ApiObject(daemon, 'Claim', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, ...claimMetadata(storage) },
    spec: claimSpec(storage),
  });
  return name;
}

/**
 * Returns the StatefulSet or Deployment. A root directory has one writer. Its lock makes a second buildkitd fail, so
 * updates never overlap.
 *
 * @internal
 */
export function workload(input: WorkloadInput): ApiObjectProps {
  const { identity, serviceName, topology, storage, template } = input;
  const metadata = { name: identity.name, labels: identity.labels, ...identity.annotations() };
  const common = { replicas: topology.replicas, selector: { matchLabels: identity.selector }, template };
  if (isDeployment(topology, storage)) {
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { ...common, strategy: strategy(topology) },
    } as ApiObjectProps;
  }
  const volumeClaimTemplates = claimTemplates([{ name: ROOT_VOLUME, storage }]);
  const claims = volumeClaimTemplates.length > 0 ? { volumeClaimTemplates } : {};
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: { ...common, serviceName, podManagementPolicy: identity.podManagement, ...claims },
  } as ApiObjectProps;
}

function strategy({ name }: BuildkitTopology): DeploymentStrategy {
  return name === 'pool'
    ? { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }
    : { type: 'Recreate' };
}
