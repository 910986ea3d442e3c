import { Size } from 'cdk8s';

/** How a volume is kept; part of `Storage`. */
export enum StorageKind {
  /** A PersistentVolumeClaim: survives the pod. */
  PERSISTENT = 'persistent',
  /** An emptyDir on the node's disk: lives as long as the pod. */
  EPHEMERAL = 'ephemeral',
  /** An emptyDir in memory: counts into the container's memory limit. */
  MEMORY = 'memory',
}

/**
 * Where a workload keeps its data.
 *
 * @example
 *
 * Storage.persistent(Size.gibibytes(100), 'longhorn');
 */
export class Storage {
  /**
   * A claim of its own for each replica; the data survives the pod.
   *
   * @param size how much to ask for
   * @param storageClassName the class; the cluster's default class if left out
   */
  static persistent(size: Size, storageClassName?: string): Storage {
    return new Storage(StorageKind.PERSISTENT, size, storageClassName);
  }

  /**
   * An emptyDir on the node's disk, gone with the pod.
   *
   * @param sizeLimit the pod is evicted when it writes more
   */
  static ephemeral(sizeLimit: Size): Storage {
    return new Storage(StorageKind.EPHEMERAL, sizeLimit);
  }

  /**
   * An emptyDir in memory (tmpfs): fast, gone with the pod, and counted into the memory limit.
   *
   * @param size the most it may hold
   */
  static memory(size: Size): Storage {
    return new Storage(StorageKind.MEMORY, size);
  }

  private constructor(
    /** How the data is kept. */
    readonly kind: StorageKind,
    /** How much there is. */
    readonly size: Size,
    /** The storage class of a claim; undefined for the cluster's default and for emptyDirs. */
    readonly storageClassName?: string,
  ) {}

  /**
   * Whether the class is, by its name, one of network file systems without the extended attributes and device nodes that layers of
   * images need.
   */
  get isNfs(): boolean {
    return /(^|[^a-z])(nfs|nfs4|efs|cifs|smb)([^a-z]|$)/i.test(this.storageClassName ?? '');
  }
}

/**
 * A size as a Kubernetes quantity, in the largest binary unit that holds it exactly.
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
