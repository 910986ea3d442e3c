import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, PodSpec, Volume } from 'kubernetes-types/core/v1';
import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../support';
import { quantity, Storage, StorageKind } from './storage';
import { AccessMode, HostPathType } from './storage-props';

/**
 * Storage of a workload, with the name that mounts use.
 *
 * @jsii ignore
 */
export interface NamedStorage {
  readonly name: string;
  readonly storage: Storage;
}

/**
 * Returns the volume of storage for which no claim is created: an emptyDir, an existing claim, or a directory of a node.
 *
 * @jsii ignore
 */
export function storageVolume(name: string, storage: Storage): Volume {
  const { kind, size, _claim, _host } = storage;
  if (_host !== undefined) {
    return { name, hostPath: { path: _host.path, type: _host.type ?? HostPathType.DIRECTORY } };
  }
  if (kind === StorageKind.EXISTING_CLAIM) {
    return { name, persistentVolumeClaim: { claimName: _claim.name! } };
  }
  return {
    name,
    emptyDir: { ...(kind === StorageKind.MEMORY ? { medium: 'Memory' } : {}), sizeLimit: quantity(size!) },
  };
}

/**
 * Returns the volumes of storage that has no claim for each pod.
 *
 * @jsii ignore
 */
export function storagePodVolumes(stores: readonly NamedStorage[]): Volume[] {
  return stores
    .filter(({ storage }) => storage.kind !== StorageKind.PERSISTENT)
    .map(({ name, storage }) => storageVolume(name, storage));
}

/**
 * Returns the spec of a persistent storage claim, for a PersistentVolumeClaim or a claim template. The claim allows a
 * single writer at a time, unless it says otherwise.
 *
 * @jsii ignore
 */
export function claimSpec(storage: Storage): PersistentVolumeClaimSpec {
  const { size, storageClassName, _claim } = storage;
  return {
    accessModes: [_claim.accessMode ?? AccessMode.READ_WRITE_ONCE],
    resources: { requests: { storage: quantity(size!) } },
    // An empty class is a choice: no class, so that a volume that exists is bound.
    ...(storageClassName === undefined ? {} : { storageClassName }),
  };
}

/**
 * Returns the metadata of a claim, without its name.
 *
 * @jsii ignore
 */
export function claimMetadata(storage: Storage): PersistentVolumeClaim['metadata'] {
  const { labels, annotations } = storage._claim;
  return { ...(labels ? { labels: { ...labels } } : {}), ...(annotations ? { annotations: { ...annotations } } : {}) };
}

/**
 * Returns the claim templates of storage that has a claim for each pod.
 *
 * @jsii ignore
 */
export function claimTemplates(stores: readonly NamedStorage[]): PersistentVolumeClaim[] {
  return stores
    .filter(({ storage }) => storage.kind === StorageKind.PERSISTENT)
    .map(({ name, storage }) => ({
      metadata: { name: storage._claim.name ?? name, ...claimMetadata(storage) },
      spec: claimSpec(storage),
    }));
}

/**
 * Returns a pod whose volumes have the names of the claim templates.
 *
 * @throws FORGE-KUBE-022 if another volume has that name
 *
 * @jsii ignore
 */
export function withClaimNames(at: IConstruct, pod: PodSpec, stores: readonly NamedStorage[]): PodSpec {
  const named = stores.flatMap(({ name, storage: { kind, _claim } }): [string, string][] =>
    kind === StorageKind.PERSISTENT && _claim.name !== undefined && _claim.name !== name ? [[name, _claim.name]] : [],
  );
  if (named.length === 0) {
    return pod;
  }
  const names = new Map(named);
  const others = [...(pod.volumes ?? []), ...stores].map(({ name }) => name).filter((name) => !names.has(name));
  for (const [i, [, name]] of named.entries()) {
    if (others.includes(name) || named.some(([, other], j) => j < i && other === name)) {
      throw ForgeError.at(at, {
        code: 'FORGE-KUBE-022',
        message: `the claim is named ${quoted(name)}, as is another volume of the pod`,
        allowed: `every name but ${[...new Set(others)].join(', ')}`,
        fix: 'set another claim.name; or bind the data with Storage.existingClaim(…), which needs no name in the pod',
        symptom: 'spec.template.spec.volumes: Duplicate value',
      });
    }
  }
  const renamed = <T extends { readonly name: string }>(one: T): T => ({
    ...one,
    name: names.get(one.name) ?? one.name,
  });
  const mounted = (containers: PodSpec['containers']) =>
    containers.map((container) => ({ ...container, volumeMounts: container.volumeMounts?.map(renamed) }));
  return {
    ...pod,
    ...(pod.initContainers ? { initContainers: mounted(pod.initContainers) } : {}),
    containers: mounted(pod.containers),
    volumes: pod.volumes?.map(renamed),
  };
}
