/** What kind of place a secret lives in. */
export enum SecretHome {
  /** A Secret of the cluster. */
  KUBERNETES = 'kubernetes',
  /** An Actions secret of the forge, for workflows. */
  ACTIONS = 'actions',
  /** The environment of whoever runs a command, on a machine outside the cluster. */
  ENVIRONMENT = 'environment',
}

/**
 * What a construct needs of a Secret.
 */
export interface SecretNeed {
  /** What the secret is for, in half a sentence: the runbook says it. */
  readonly purpose: string;

  /** The Kubernetes Secret type, e.g. `Opaque` or `kubernetes.io/dockerconfigjson`. `Opaque` stands for any. */
  readonly type: string;

  /** The data keys that must be there. */
  readonly keys: string[];

  /**
   * The token scope that the value needs at the forge, e.g. `write:package`.
   *
   * @default - none
   */
  readonly tokenScope?: string;

  /**
   * The namespace that the Secret is needed in.
   *
   * @default - the namespace of the construct's chart
   */
  readonly namespace?: string;

  /**
   * The registries' `host` or `host:port` that a `kubernetes.io/dockerconfigjson` must hold an entry for.
   *
   * @default - none
   */
  readonly registryHosts?: string[];

  /**
   * How to replace the value without an outage.
   *
   * @default - advice that fits the kind of secret
   */
  readonly rotation?: string;
}

/**
 * One entry of the platform's secret inventory.
 */
export interface SecretRequirement extends SecretNeed {
  /** Name of the Secret, of the Actions secret, or of the environment variable. */
  readonly secretName: string;

  /**
   * The kind of place that it lives in.
   *
   * @default SecretHome.KUBERNETES
   */
  readonly home?: SecretHome;

  /**
   * Who puts it there, in a few words, e.g. `created by hand` or `ExternalSecret from store vault`.
   *
   * @default 'created by hand'
   */
  readonly origin?: string;
}
