import { Repository } from '../../forge';
import { SecretSource } from '../../secret';
import { ImageUpdateOptions } from '../image/update-automation';
import { Substitution } from './substitution';

/**
 * A cluster that Flux keeps in step with this repository.
 */
export interface ClusterProps {
  /** The repository that this program's output is committed to. */
  readonly source: Repository;

  /**
   * The branch that Flux follows and commits to.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * Credentials to clone and push with.
   *
   * @default - `SecretSource.existing('flux-system')`, the Secret that `flux bootstrap` makes
   */
  readonly credentials?: SecretSource;

  /**
   * The namespace of the Flux objects.
   *
   * @default 'flux-system'
   */
  readonly namespace?: string;

  /**
   * Where the output directory lies in the repository.
   *
   * @default 'dist'
   */
  readonly outputPath?: string;

  /**
   * How Flux commits new image versions.
   *
   * @default - to the followed branch, unsigned
   */
  readonly imageUpdates?: ImageUpdateOptions;

  /**
   * A Secret with the key `token` for two webhooks, so that Flux sees pushes in seconds: `<cluster>` for pushes to the source,
   * `<cluster>-images` for pushed packages. The runbook says how to find their URLs.
   *
   * @default - Flux looks by itself, at intervals
   */
  readonly webhookToken?: SecretSource;

  /**
   * A Secret with an age key (`<name>.agekey`), to decrypt SOPS files with.
   *
   * @default - nothing is decrypted
   */
  readonly decryption?: SecretSource;

  /**
   * Variables that Flux puts into the manifests of this cluster.
   *
   * @default - none
   */
  readonly substitution?: Substitution;

  /**
   * Into how many Kustomizations each layer is divided: 1 to 64. The time that Flux needs for one grows with the square of its
   * objects, so divide a layer of more than a thousand. A chart's part follows from its own path. Changing this number later
   * moves charts, and Flux may delete and make again what moves.
   *
   * @default 1
   */
  readonly parts?: number;
}
