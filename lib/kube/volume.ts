import type { PersistentVolumeClaimSpec, Volume } from 'kubernetes-types/core/v1';
import { quantity, Storage, StorageKind } from './storage';

/**
 * Returns the emptyDir volume of ephemeral storage or of in-memory storage.
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
 * Returns the spec of a persistent storage claim, for a PersistentVolumeClaim or a claim template. The claim allows a
 * single writer at a time.
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
