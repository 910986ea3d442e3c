/** The kinds of places where a secret is stored. */
export enum SecretHome {
  /** A Secret in the cluster. */
  KUBERNETES = 'kubernetes',
  /** An Actions secret of the forge, for workflows. */
  ACTIONS = 'actions',
  /** The environment of the user who runs a command, on a machine outside the cluster. */
  ENVIRONMENT = 'environment',
}

/**
 * Origin of a Secret that you create.
 *
 * @jsii ignore
 */
export const CREATED_MANUALLY = 'created by hand';

/**
 * The beginning of the origin of a secret that this cdk8s app creates.
 *
 * @jsii ignore
 */
export const CREATED_BY_APP = 'created by this cdk8s app';

/** A set of requirements that a construct has for a Secret. */
export interface SecretNeed {
  /** Purpose of the secret, as a short phrase for the runbook. */
  readonly purpose: string;

  /** The Kubernetes Secret type, for example `Opaque` or `kubernetes.io/dockerconfigjson`. `Opaque` means any type. */
  readonly type: string;

  /** Required data keys. */
  readonly keys: string[];

  /**
   * Token scope that the value needs at the forge, for example `write:package`.
   *
   * @default - none
   */
  readonly tokenScope?: string;

  /**
   * URL of the forge that issues the token, or that stores the Actions secret.
   *
   * @default - none: the value is no token of a forge
   */
  readonly forgeUrl?: string;

  /**
   * Support for other keys: the construct reads the values under the keys that `SecretSource.keyOf` returns.
   *
   * @default false: the construct, or what reads its objects, reads the keys by their fixed names
   */
  readonly readsAnyKey?: boolean;

  /**
   * Namespace in which the Secret is needed.
   *
   * @default - the namespace of the construct's chart
   */
  readonly namespace?: string;

  /**
   * Registry hosts, `host` or `host:port`, for which a `kubernetes.io/dockerconfigjson` must have an entry.
   *
   * @default - none
   */
  readonly registryHosts?: string[];

  /**
   * Instructions for replacing the value without an outage.
   *
   * @default - advice that fits the kind of secret
   */
  readonly rotation?: string;
}

/** An entry that the platform's secret inventory contains. */
export interface SecretRequirement extends SecretNeed {
  /** Name of the Secret, of the Actions secret, or of the environment variable. */
  readonly secretName: string;

  /**
   * Kind of place where the secret is stored.
   *
   * @default SecretHome.KUBERNETES
   */
  readonly home?: SecretHome;

  /**
   * Origin of the secret, in a few words, for example `created by hand` or `ExternalSecret from store vault`.
   *
   * @default 'created by hand'
   */
  readonly origin?: string;
}

/**
 * Returns the requirement for a secret that an object of this cdk8s app is, if nothing else creates the secret.
 *
 * @jsii ignore
 */
export function createdByApp<T extends SecretRequirement>(secret: T, path: string): T {
  return secret.origin === CREATED_MANUALLY ? { ...secret, origin: `${CREATED_BY_APP}: ${path}` } : secret;
}
