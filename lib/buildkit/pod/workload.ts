import { ApiObject, ApiObjectProps } from 'cdk8s';
import { Construct } from 'constructs';
import type { DeploymentStrategy } from 'kubernetes-types/apps/v1';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { claimSpec, Storage, StorageKind } from '../../kube';
import { objectName } from '../../support';
import { ROOT_VOLUME } from './pod';
import { BuildkitTopology } from './topology';

interface WorkloadInput {
  readonly name: string;
  readonly labels: Record<string, string>;
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
export function ownClaim(daemon: Construct, topology: BuildkitTopology, storage: Storage): string | undefined {
  if (!isDeployment(topology, storage) || storage.kind !== StorageKind.PERSISTENT) {
    return undefined;
  }
  const name = objectName(daemon, 'root');
  new ApiObject(daemon, 'Claim', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
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
  const { name, labels, serviceName, topology, storage, template } = input;
  const metadata = { name, labels };
  const common = { replicas: topology.replicas, selector: { matchLabels: labels }, template };
  if (isDeployment(topology, storage)) {
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { ...common, strategy: strategy(topology) },
    } as ApiObjectProps;
  }
  const claims =
    storage.kind === StorageKind.PERSISTENT
      ? { volumeClaimTemplates: [{ metadata: { name: ROOT_VOLUME }, spec: claimSpec(storage) }] }
      : {};
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: { ...common, serviceName, podManagementPolicy: 'Parallel', ...claims },
  } as ApiObjectProps;
}

function strategy({ name }: BuildkitTopology): DeploymentStrategy {
  return name === 'pool'
    ? { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }
    : { type: 'Recreate' };
}
