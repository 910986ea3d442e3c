import { Storage } from '../../kube';

/** Settings of the executor with an external Docker daemon. */
export interface ExternalDockerExecutorProps {
  /**
   * The storage for the runner's identity.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;
}
