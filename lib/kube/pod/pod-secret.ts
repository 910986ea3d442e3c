import { IConstruct } from 'constructs';

/** The part of a Secret that a pod needs. */
export interface PodSecretNeed {
  /** Purpose of the Secret, as a short phrase for the runbook. */
  readonly purpose: string;

  /** The Kubernetes Secret type, for example `Opaque` or `kubernetes.io/dockerconfigjson`. */
  readonly type: string;

  /** Required data keys. */
  readonly keys: string[];
}

/** A Secret that a pod can use: a `SecretSource`. */
export interface IPodSecret {
  /** Name of the Secret. */
  readonly secretName: string;

  /** Returns the key of the Secret that has a value. */
  keyOf(needed: string): string;

  /** Notes that the pods of a construct need the Secret, and returns the name of the Secret. */
  provideTo(construct: IConstruct, need: PodSecretNeed): string;
}

/**
 * The place of a pod: the construct that notes what its Secrets are for, and the name of the workload.
 *
 * @jsii ignore
 */
export interface PodSite {
  readonly construct: IConstruct;
  readonly name: string;
}
