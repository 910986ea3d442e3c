import { Size } from 'cdk8s';

/** The way in which nodes may use the volume of a claim. */
export enum AccessMode {
  /** The pods of one node read and write. */
  READ_WRITE_ONCE = 'ReadWriteOnce',
  /** One pod reads and writes. */
  READ_WRITE_ONCE_POD = 'ReadWriteOncePod',
  /** The pods of all nodes read and write. */
  READ_WRITE_MANY = 'ReadWriteMany',
}

/**
 * The parts of a claim that Kubernetes does not let anybody change. To take over a workload that runs, set them to what
 * `kubectl get statefulset <name> --output yaml` shows under `volumeClaimTemplates`.
 */
export interface ClaimProps {
  /**
   * The name of the claim template of a StatefulSet, and of its volume in the pod. The claims of the pods are named
   * `<name>-<workload>-<number>`. For a Deployment, the name of the claim itself.
   *
   * @default - chosen by the workload, for example `data` and `layers` for a runner, and `root` for buildkitd
   */
  readonly name?: string;

  /**
   * The labels of the claim.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;

  /**
   * The annotations of the claim.
   *
   * @default - none
   */
  readonly annotations?: Record<string, string>;

  /**
   * The access mode of the claim.
   *
   * @default AccessMode.READ_WRITE_ONCE
   */
  readonly accessMode?: AccessMode;
}

/** The form of a path on the node that the kubelet expects. */
export enum HostPathType {
  /** A directory that exists. The pod does not start without it. */
  DIRECTORY = 'Directory',
  /** A directory, which the kubelet creates for root if it does not exist. */
  DIRECTORY_OR_CREATE = 'DirectoryOrCreate',
  /** A file that exists. `PodVolume.hostPath` only: storage is a directory. */
  FILE = 'File',
  /** A Unix socket that exists. `PodVolume.hostPath` only: storage is a directory. */
  SOCKET = 'Socket',
}

/** The place of a directory in the cluster. */
export interface HostPathProps {
  /** The node with the directory: the value of its label `kubernetes.io/hostname`. */
  readonly node: string;

  /**
   * The form of the directory that the kubelet expects at the path.
   *
   * @default HostPathType.DIRECTORY
   */
  readonly type?: HostPathType;

  /**
   * The size that the workload may count on. `Buildkitd` needs it, because garbage collection depends on it.
   *
   * @default - unknown
   */
  readonly size?: Size;
}
