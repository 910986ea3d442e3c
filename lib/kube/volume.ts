import type { PersistentVolumeClaimSpec, Volume } from 'kubernetes-types/core/v1';
import { quantity, Storage, StorageKind } from './storage';

/**
 * The emptyDir of ephemeral storage or of storage in memory.
 *
 * @jsii ignore
 */
export function emptyDirVolume(name: string, storage: Storage): Volume {
  return {
    name,
    emptyDir: {
      ...(storage.kind === StorageKind.MEMORY ? { medium: 'Memory' } : {}),
      sizeLimit: quantity(storage.size),
    },
  };
}

/**
 * The claim of persistent storage, as it stands in a PersistentVolumeClaim or in a claim template. One writer at a time.
 *
 * @jsii ignore
 */
export function claimSpec(storage: Storage): PersistentVolumeClaimSpec {
  return {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: quantity(storage.size) } },
    ...(storage.storageClassName ? { storageClassName: storage.storageClassName } : {}),
  };
}
