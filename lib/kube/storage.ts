import { Size } from 'cdk8s';
import { DNS_SUBDOMAIN, ForgeError, quoted } from '../support';
import { ClaimProps, HostPathProps } from './storage-props';
import { checkClaimName, checkClaimProps, checkHostPath, checkSize } from './storage-check';

/** A storage type that is part of `Storage`. */
export enum StorageKind {
  /** A PersistentVolumeClaim that outlives the pod. */
  PERSISTENT = 'persistent',
  /** An emptyDir on the node's disk that is deleted with the pod. */
  EPHEMERAL = 'ephemeral',
  /** An emptyDir in memory that counts toward the container's memory limit. */
  MEMORY = 'memory',
  /** A PersistentVolumeClaim that exists already, with its data. */
  EXISTING_CLAIM = 'existing-claim',
  /** A directory of one node. */
  HOST_PATH = 'host-path',
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
   * @param claim what Kubernetes keeps of a claim once it exists: name, labels, access mode; set it to take over a workload that runs
   * @throws FORGE-KUBE-015 if no storage class can have that name, FORGE-KUBE-016 if a claim cannot have that name or those labels,
   * FORGE-KUBE-026 for a size of 0
   */
  static persistent(size: Size, storageClassName?: string, claim?: ClaimProps): Storage {
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
    checkClaimProps(claim ?? {});
    return new Storage({ kind: StorageKind.PERSISTENT, size, storageClassName, claim: { ...claim } });
  }

  /**
   * Uses a claim that exists, with its data. The library neither creates nor changes the claim. A workload of several
   * pods cannot use it.
   *
   * @param claimName the name of the PersistentVolumeClaim, in the namespace of the workload
   * @param size the size of its volume; `Buildkitd` needs it, because garbage collection depends on it
   * @throws FORGE-KUBE-016 if no claim can have that name, FORGE-KUBE-026 for a size of 0
   */
  static existingClaim(claimName: string, size?: Size): Storage {
    checkClaimName(claimName);
    return new Storage({ kind: StorageKind.EXISTING_CLAIM, size, claim: { name: claimName } });
  }

  /**
   * Uses a directory of one node, and places the pod on this node.
   *
   * The pod needs the Pod Security level `privileged`, and a warning says so: what writes to the directory of a node can
   * write to the node. Kubernetes does not change the owner of the directory; make it writable for the pod's user.
   *
   * @param path the absolute path on the node
   * @param props the node, and whether the directory must exist
   * @throws FORGE-KUBE-016 for a path that is not absolute, or a node that cannot exist, FORGE-KUBE-026 for a size of 0
   */
  static hostPath(path: string, props: HostPathProps): Storage {
    checkHostPath(path, props);
    return new Storage({ kind: StorageKind.HOST_PATH, size: props.size, host: { ...props, path } });
  }

  /**
   * Creates storage in an emptyDir on the node's disk, which is deleted with the pod.
   *
   * @param sizeLimit the pod is evicted when it writes more
   * @throws FORGE-KUBE-026 for a size of 0
   */
  static ephemeral(sizeLimit: Size): Storage {
    return new Storage({ kind: StorageKind.EPHEMERAL, size: sizeLimit });
  }

  /**
   * Creates storage in an emptyDir in memory (tmpfs). The storage is fast, is deleted with the pod, and counts toward
   * the memory limit.
   *
   * @param size the most it may hold
   * @throws FORGE-KUBE-026 for a size of 0
   */
  static memory(size: Size): Storage {
    return new Storage({ kind: StorageKind.MEMORY, size });
  }

  /** The storage type of the data. */
  readonly kind: StorageKind;

  /** The size of the storage; undefined if an existing claim or a host path was given without one. */
  readonly size?: Size;

  /** The storage class of a claim, or undefined for the cluster's default class and for other storage. */
  readonly storageClassName?: string;

  /**
   * The known parts of the claim.
   *
   * @internal
   */
  readonly _claim: ClaimProps;

  /**
   * The directory of a node; undefined for other storage.
   *
   * @internal
   */
  readonly _host?: HostDirectory;

  private constructor({ kind, size, storageClassName, claim, host }: StorageParts) {
    checkSize(size);
    this.kind = kind;
    this.size = size;
    this.storageClassName = storageClassName;
    this._claim = claim ?? {};
    this._host = host;
  }

  /** Reports whether the data outlives the pod. */
  get isKept(): boolean {
    return this.kind !== StorageKind.EPHEMERAL && this.kind !== StorageKind.MEMORY;
  }

  /** Reports whether there is one place for the data, whatever the number of pods. */
  get isSingle(): boolean {
    return this.kind === StorageKind.EXISTING_CLAIM || this.kind === StorageKind.HOST_PATH;
  }

  /**
   * Reports whether the storage class name indicates a network file system. These file systems do not have the extended
   * attributes and device nodes that image layers need.
   */
  get isNfs(): boolean {
    return /(^|[^a-z])(nfs|nfs4|efs|cifs|smb)([^a-z]|$)/i.test(this.storageClassName ?? '');
  }
}

/** A directory of a node. */
interface HostDirectory extends HostPathProps {
  readonly path: string;
}

interface StorageParts {
  readonly kind: StorageKind;
  readonly size?: Size;
  readonly storageClassName?: string;
  readonly claim?: ClaimProps;
  readonly host?: HostDirectory;
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
