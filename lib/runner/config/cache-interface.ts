import { PodGroup } from '../../kube';
import { SecretSource } from '../../secret';

/** A cache server that several runners share, for `cache.server` of their `config`. */
export interface IRunnerCache {
  /** The URL of the server, with a slash at its end. */
  readonly url: string;

  /** The secret that the server and its runners share, under the key `secret`. */
  readonly secret: SecretSource;

  /**
   * Lets pods connect to the server. The pods of runners are admitted by themselves.
   *
   * @param pods the pods
   */
  admit(pods: PodGroup): void;
}
