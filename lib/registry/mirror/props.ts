import { Duration } from 'cdk8s';
import { Architecture, Egress, JobIdentity, Placement, PodGroup, PodOptions, Resources, Storage } from '../../kube';
import { SecretSource } from '../../secret';
import { Endpoint } from '../endpoint';

/** A set of options that configures a mirror of a registry. */
export interface RegistryMirrorProps {
  /**
   * Registry that the mirror copies from. A mirror has one: use a second mirror for a second registry.
   *
   * @default Endpoint.https('docker.io')
   */
  readonly of?: Endpoint;

  /** Storage for the images. With a claim, the images outlive the pod. */
  readonly storage: Storage;

  /**
   * Secret with `username` and `password` of an account at the registry. The mirror asks no client for a login: whoever
   * reaches the mirror can pull what the account can pull. The keys are read again within a minute after a change.
   *
   * @default - none: the mirror pulls without a login
   */
  readonly credentials?: SecretSource;

  /**
   * Time after which an image is deleted from the mirror. The next pull fetches the image again.
   *
   * @default - 7 days; with `seed`, images are kept
   */
  readonly expireAfter?: Duration;

  /**
   * Port from 30000 to 32767 that is open on every node, at which the nodes pull: `http://localhost:<nodePort>`. Nodes do
   * not find the Service, because they do not ask the cluster's DNS.
   *
   * @default - none: pods use the mirror, nodes do not
   */
  readonly nodePort?: number;

  /**
   * Networks of the nodes, in CIDR notation. Only these networks and `clients` reach the pod.
   *
   * @default - with `nodePort`, every address
   */
  readonly nodeNetworks?: string[];

  /**
   * Pods that may use the mirror.
   *
   * @default - every pod of the cluster
   */
  readonly clients?: PodGroup[];

  /**
   * Images that a CronJob pulls through the mirror, so that clients get them while the registry is not reachable. Full
   * names with a tag or digest, for example `docker.io/library/node:22-alpine`.
   *
   * @default - none: images are copied when a client pulls them
   */
  readonly seed?: string[];

  /**
   * Architectures of the images of `seed`.
   *
   * @default - the architecture of the node on which the CronJob runs
   */
  readonly seedArchitectures?: Architecture[];

  /**
   * Schedule of the CronJob: cron's five fields, an alias such as `@daily`, or an interval such as `@every 6h`, in the
   * time of the cluster's clock.
   *
   * @default '7 2 * * *'
   */
  readonly seedSchedule?: string;

  /**
   * Image of distribution 3, with a tag or digest: `proxy.exec` of its configuration does not exist in version 2.
   *
   * @default - a pinned version, see docs/versions.md
   */
  readonly image?: string;

  /**
   * Destinations that the mirror can connect to. The registry is a declared endpoint.
   *
   * @default Egress.internet()
   */
  readonly egress?: Egress;

  /**
   * CPU and memory of the mirror.
   *
   * @default - 50m CPU and 64 MiB requested, 512 MiB at most
   */
  readonly resources?: Resources;

  /**
   * Names and labels of the workload.
   *
   * @default - made from the construct ids below the chart
   */
  readonly workload?: JobIdentity;

  /**
   * The node placement of the pods.
   *
   * @default - anywhere
   */
  readonly placement?: Placement;

  /**
   * Additions to the pod of the mirror: image pull Secrets, a service account, environment, volumes, containers, DNS.
   *
   * @default - none
   */
  readonly pod?: PodOptions;
}
