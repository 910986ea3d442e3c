import { Repository } from '../../forge';
import { JobIdentity, Placement, PodOptions } from '../../kube';
import { SecretSource } from '../../secret';

/** A set of options for a Job that brings files to a repository. */
export interface DeliveryJobOptions {
  /**
   * Secret with an access token under the key `token`. The token needs the right to write to the repository, and no other: at
   * Gitea and Forgejo the scope `write:repository`.
   */
  readonly token: SecretSource;

  /**
   * Names and labels of the Job. The Job's name gets a suffix that changes with the files, because a Job cannot be changed.
   *
   * @default - made from the construct ids below the chart
   */
  readonly workload?: JobIdentity;

  /**
   * The node placement of the pod.
   *
   * @default - anywhere
   */
  readonly placement?: Placement;

  /**
   * Additions to the pods: image pull Secrets, a service account, environment, volumes, containers, DNS, security context.
   *
   * @default - none
   */
  readonly pod?: PodOptions;
}

/** Settings of a Job that brings files to a repository. */
export interface DeliveryJobProps extends DeliveryJobOptions {
  /** The repository. All files that the program has for the repository are delivered. */
  readonly repository: Repository;
}
