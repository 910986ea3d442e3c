import { Resources } from '../resources';
import { ContainerSecurityOptions, PodSecurityOptions } from './pod-security-options';
import { IPodSecret } from './pod-secret';
import { PodServiceAccount } from './pod-service-account';
import { PodVariable, PodVariables } from './pod-variable';
import { PodVolume } from './pod-volume';

/** A mount of a volume in a container. */
export interface PodMount {
  /** The volume. */
  readonly volume: PodVolume;

  /** The absolute path in the container. */
  readonly path: string;

  /**
   * The file or directory of the volume that is mounted.
   *
   * @default - the whole volume
   */
  readonly subPath?: string;

  /**
   * Whether to mount the volume read-only.
   *
   * @default false
   */
  readonly readOnly?: boolean;
}

/** Additions to a container. */
export interface ContainerOptions {
  /**
   * Environment variables, by name. A variable that the workload sets itself cannot be replaced.
   *
   * @default - none
   */
  readonly env?: Record<string, PodVariable>;

  /**
   * Environment variables for all keys of Secrets and ConfigMaps. Variables that the workload sets itself win.
   *
   * @default - none
   */
  readonly envFrom?: PodVariables[];

  /**
   * Volumes, with the paths at which they are mounted.
   *
   * @default - none
   */
  readonly mounts?: PodMount[];
}

/** Additions to a container that the workload has beside its main container. */
export interface OtherContainerOptions extends ContainerOptions {
  /**
   * Overrides of the container's security context.
   *
   * @default - none
   */
  readonly security?: ContainerSecurityOptions;
}

/** A container of your own. It has no privilege unless `security` says so. */
export interface PodContainer extends OtherContainerOptions {
  /** The name of the container. */
  readonly name: string;

  /** The image, with a tag or digest. */
  readonly image: string;

  /**
   * The command.
   *
   * @default - that of the image
   */
  readonly command?: string[];

  /**
   * The arguments.
   *
   * @default - those of the image
   */
  readonly args?: string[];

  /**
   * The working directory.
   *
   * @default - that of the image
   */
  readonly workingDir?: string;

  /**
   * Resource requests and limits.
   *
   * @default - requests of 10 thousandths of a core and 32 MiB, and at most 256 MiB of memory
   */
  readonly resources?: Resources;
}

/** The source of a pod's DNS settings. */
export enum DnsPolicy {
  /** The cluster's DNS. */
  CLUSTER_FIRST = 'ClusterFirst',
  /** The cluster's DNS, for pods in the network of the node. */
  CLUSTER_FIRST_WITH_HOST_NET = 'ClusterFirstWithHostNet',
  /** The DNS of the node. Names of Services are unknown. */
  DEFAULT = 'Default',
  /** The given settings only. */
  NONE = 'None',
}

/** DNS settings of a pod. */
export interface PodDns {
  /**
   * The source of the settings, to which the others are added.
   *
   * @default - the cluster's DNS
   */
  readonly policy?: DnsPolicy;

  /**
   * Addresses of DNS servers, at most 3.
   *
   * @default - none
   */
  readonly nameservers?: string[];

  /**
   * Domains in which short names are searched, at most 32.
   *
   * @default - none
   */
  readonly searches?: string[];

  /**
   * Options of the resolver, for example `{ ndots: '1' }`. An option without a value has an empty text.
   *
   * @default - none
   */
  readonly options?: Record<string, string>;
}

/**
 * Additions to the pods of a workload. Every workload of the library accepts the same additions. What a workload cannot
 * accept is an error that says why.
 *
 * The node and the priority of pods are a `Placement`.
 */
export interface PodOptions extends ContainerOptions {
  /**
   * Secrets of type `kubernetes.io/dockerconfigjson` for the images of the pod.
   *
   * @default - those of the namespace's `default` service account
   */
  readonly imagePullSecrets?: IPodSecret[];

  /**
   * The service account of the pod, and whether its token is mounted.
   *
   * @default - the `default` service account of the namespace, without a token
   */
  readonly serviceAccount?: PodServiceAccount;

  /**
   * Containers that run to their end, one after the other, before all others.
   *
   * @default - none
   */
  readonly initContainers?: PodContainer[];

  /**
   * Containers that start after `initContainers` and run beside the workload, until it ends. Kubernetes 1.29 or newer.
   *
   * @default - none
   */
  readonly sidecars?: PodContainer[];

  /**
   * Additions to the other containers of the workload, by name, for example `docker`.
   *
   * @default - none
   */
  readonly containers?: Record<string, OtherContainerOptions>;

  /**
   * Addresses of hosts, by host name: `{ 'git.example.com': '192.168.1.10' }`.
   *
   * @default - none
   */
  readonly hostAliases?: Record<string, string>;

  /**
   * DNS settings.
   *
   * @default - those of the cluster
   */
  readonly dns?: PodDns;

  /**
   * The name of a RuntimeClass, for example `gvisor` or `sysbox-runc`.
   *
   * @default - the runtime of the node
   */
  readonly runtimeClassName?: string;

  /**
   * Overrides of the security context of the pod and of its main container.
   *
   * @default - none
   */
  readonly security?: PodSecurityOptions;
}
