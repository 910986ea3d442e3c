import { Egress, Placement, PodOptions, Resources, WorkloadIdentity } from '../../kube';
import { DaemonJsonProps } from '../../registry';
import { RunnerProxy } from '../pod/proxy';

/** Settings of a Docker daemon on each node. */
export interface PrivilegedDockerDaemonProps {
  /**
   * The directory on each node that holds images, image layers and the jobs' volumes. It must be on a local file system
   * such as ext4 or xfs. Set the directory of a daemon that runs already to keep its images.
   *
   * @default - `/var/lib/cdk8s-forge/<namespace>-<name>`; the node creates it
   */
  readonly dataDirectory?: string;

  /**
   * The directory on each node in which the daemon creates its socket, `docker.sock`. Pods of runners mount this directory.
   *
   * @default - `/run/cdk8s-forge/<namespace>-<name>`; the node creates it
   */
  readonly socketDirectory?: string;

  /**
   * The ID of the group that may use the socket. Pods of runners get this group. Everyone with this group on a node, or in a
   * pod that mounts the socket, is root on the node.
   *
   * @default 2375
   */
  readonly group?: number;

  /**
   * Settings of the Docker daemon: registries, concurrency, MTU. `dataDirectory` decides `dataRoot`.
   *
   * @default - the daemon's defaults, with containerd's image store
   */
  readonly daemon?: DaemonJsonProps;

  /**
   * The Docker daemon's image, with a version tag.
   *
   * @default 'docker:29.9.0-dind'
   */
  readonly image?: string;

  /**
   * The resource requests and limits of the daemon. Job containers are children of the daemon, so the jobs of all runners on
   * a node share them.
   *
   * @default - 500m CPU and 1 GiB of memory are requested, without a limit
   */
  readonly resources?: Resources;

  /**
   * The nodes with a daemon. Pods of runners that use the daemon run on these nodes only.
   *
   * @default - every node without a taint
   */
  readonly placement?: Placement;

  /**
   * The destinations that job containers can connect to. The registries of `daemon` are declared endpoints.
   *
   * @default Egress.open()
   */
  readonly egress?: Egress;

  /**
   * The proxy through which the daemon pulls images.
   *
   * @default - straight
   */
  readonly proxy?: RunnerProxy;

  /**
   * The names and labels of the DaemonSet, to take over one that runs already.
   *
   * @default - made from the construct ids below the chart
   */
  readonly workload?: WorkloadIdentity;

  /**
   * Additions to the pods: image pull Secrets, a service account, environment, volumes, containers, DNS, security context.
   *
   * @default - none
   */
  readonly pod?: PodOptions;
}
