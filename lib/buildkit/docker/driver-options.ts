import { Size } from 'cdk8s';
import { Resources } from '../../kube';
import { Registry } from '../../registry';
import { Platform } from '../build/platform';
import { BuildkitVersion } from '../version';
import { RemoteTls } from './remote-tls';

/** A set of options that configures BuildKit in a container of the Docker daemon. */
export interface DockerContainerOptions {
  /**
   * The release of BuildKit.
   *
   * @default BuildkitVersion.LATEST_KNOWN
   */
  readonly version?: BuildkitVersion;

  /**
   * Name of the image without tag, for a copy in your own registry. The copy must have the tags of the original (`v0.32.2`).
   *
   * @default 'moby/buildkit'
   */
  readonly image?: string;
}

/** A set of options that configures the BuildKit of the Docker daemon. */
export interface DockerDriverOptions {
  /**
   * Registries that the Docker daemon of the runner trusts: the registries of `Executor.docker({ daemon: { registries } })`.
   * Registries with public TLS can be omitted.
   *
   * @default - registries with public TLS
   */
  readonly registries?: Registry[];
}

/** A set of options that describes a buildkitd which this cdk8s app does not describe. */
export interface RemoteAddressOptions {
  /**
   * The certificate with which jobs connect.
   *
   * @default - none: the connection has no TLS
   */
  readonly tls?: RemoteTls;

  /**
   * Registries that buildkitd is configured for. Registries with public TLS can be omitted.
   *
   * @default - registries with public TLS
   */
  readonly registries?: Registry[];

  /**
   * Platforms that buildkitd builds for.
   *
   * @default - not known: every platform is accepted
   */
  readonly platforms?: Platform[];
}

/** A set of options that configures BuildKit in pods that jobs create. */
export interface KubernetesDriverOptions {
  /** Namespace of the pods. It must allow privileged pods. */
  readonly namespace: string;

  /**
   * A kubeconfig: a secret of the forge, for example `Expression.secret('KUBECONFIG')`. The account needs the rights that
   * the page about pipelines lists.
   */
  readonly kubeconfig: string;

  /**
   * The release of BuildKit.
   *
   * @default BuildkitVersion.LATEST_KNOWN
   */
  readonly version?: BuildkitVersion;

  /**
   * Name of the image without tag, for a copy in your own registry. The copy must have the tags of the original (`v0.32.2`).
   *
   * @default 'moby/buildkit'
   */
  readonly image?: string;

  /**
   * Size of the volume that keeps the layers of a pod. Requires buildx 0.34.
   *
   * @default - none: the layers are deleted with the pod
   */
  readonly storage?: Size;

  /**
   * Number of pods.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * CPU and memory of each pod.
   *
   * @default - no requests and no limits
   */
  readonly resources?: Resources;

  /**
   * Labels of the nodes that the pods run on.
   *
   * @default - any node
   */
  readonly nodeSelector?: Record<string, string>;
}
