import { Size } from 'cdk8s';
import { DNS_SUBDOMAIN, ForgeError, quoted } from '../support';

/** A storage type that is part of `Storage`. */
export enum StorageKind {
  /** A PersistentVolumeClaim that outlives the pod. */
  PERSISTENT = 'persistent',
  /** An emptyDir on the node's disk that is deleted with the pod. */
  EPHEMERAL = 'ephemeral',
  /** An emptyDir in memory that counts toward the container's memory limit. */
  MEMORY = 'memory',
}

/**
 * A storage definition for the data of a workload.
 *
 * @example
 *
 * Storage.persistent(Size.gibibytes(100), 'longhorn');
 */
export class Storage {
  /**
   * Creates storage with a separate claim for each replica. The data outlives the pod.
   *
   * @param size how much to ask for
   * @param storageClassName the class; the cluster's default class if left out
   * @throws FORGE-KUBE-015 if no storage class can have that name
   */
  static persistent(size: Size, storageClassName?: string): Storage {
    if (storageClassName !== undefined && storageClassName !== '' && !DNS_SUBDOMAIN.test(storageClassName)) {
      throw ForgeError.of({
        code: 'FORGE-KUBE-015',
        message: `storageClassName ${quoted(storageClassName)} is not the name of a storage class`,
        allowed:
          'a-z, 0-9, "-" and ".", as `kubectl get storageclasses` lists it; or an empty text for a volume that exists',
        fix: 'set storageClassName to a class of the cluster, or remove it for the default class',
        symptom: 'storageclass.storage.k8s.io not found; the pod stays Pending',
      });
    }
    return new Storage(StorageKind.PERSISTENT, size, storageClassName);
  }

  /**
   * Creates storage in an emptyDir on the node's disk, which is deleted with the pod.
   *
   * @param sizeLimit the pod is evicted when it writes more
   */
  static ephemeral(sizeLimit: Size): Storage {
    return new Storage(StorageKind.EPHEMERAL, sizeLimit);
  }

  /**
   * Creates storage in an emptyDir in memory (tmpfs). The storage is fast, is deleted with the pod, and counts toward
   * the memory limit.
   *
   * @param size the most it may hold
   */
  static memory(size: Size): Storage {
    return new Storage(StorageKind.MEMORY, size);
  }

  private constructor(
    /** The storage type of the data. */
    readonly kind: StorageKind,
    /** The size of the storage. */
    readonly size: Size,
    /** The storage class of a claim, or undefined for the cluster's default class and for emptyDirs. */
    readonly storageClassName?: string,
  ) {}

  /**
   * Reports whether the storage class name indicates a network file system. These file systems do not have the extended
   * attributes and device nodes that image layers need.
   */
  get isNfs(): boolean {
    return /(^|[^a-z])(nfs|nfs4|efs|cifs|smb)([^a-z]|$)/i.test(this.storageClassName ?? '');
  }
}

/**
 * Returns a size as a Kubernetes quantity, in the largest binary unit that represents the size exactly.
 *
 * @jsii ignore
 */
export function quantity(size: Size): string {
  const kibibytes = size.toKibibytes();
  const units = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
  let value = kibibytes;
  let unit = 0;
  while (unit < units.length - 1 && value >= 1024 && value % 1024 === 0) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit]}`;
}
