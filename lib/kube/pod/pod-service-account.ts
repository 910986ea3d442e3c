import { checkedName } from './pod-variable';

/**
 * A service account of pods, and whether its token is mounted. Every job of a runner can read a token that is mounted.
 *
 * @example
 *
 * PodServiceAccount.withoutToken('runner');
 */
export class PodServiceAccount {
  /**
   * Returns a service account whose token is mounted. Programs in the pod can use the Kubernetes API.
   *
   * @param name the name of the service account, in the namespace of the workload
   * @throws FORGE-KUBE-023 for a name that Kubernetes rejects
   */
  static withToken(name: string): PodServiceAccount {
    return new PodServiceAccount(name, true);
  }

  /**
   * Returns a service account without its token, for example for its `imagePullSecrets` or for a cloud identity.
   *
   * @param name the name of the service account, in the namespace of the workload
   * @throws FORGE-KUBE-023 for a name that Kubernetes rejects
   */
  static withoutToken(name: string): PodServiceAccount {
    return new PodServiceAccount(name, false);
  }

  private constructor(
    /** The name of the service account. */
    readonly name: string,
    /** Whether to mount the token. */
    readonly isTokenMounted: boolean,
  ) {
    checkedName('service account', name);
  }
}
