import { Repository } from '../../forge';
import { SecretSource } from '../../secret';
import { ImageUpdateOptions } from '../image/update-automation';
import { FluxVersion } from '../base/version';
import { GitVerification } from '../source/verification';
import { LayerOptions } from './cluster-layer';
import { Substitution } from './substitution';

/** A cluster that Flux keeps in sync with this repository. */
export interface ClusterProps {
  /** The repository that contains the committed output of this cdk8s app. */
  readonly source: Repository;

  /**
   * The branch that Flux follows and pushes commits to.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * The credentials for cloning and pushing.
   *
   * @default - `SecretSource.existing('flux-system')`, the Secret that `flux bootstrap` makes
   */
  readonly credentials?: SecretSource;

  /**
   * The verification of signatures on the followed branch. Flux applies no commit without a valid signature, so its own
   * commits of new image versions need `imageUpdates.signingKey`.
   *
   * @default - signatures are not verified
   */
  readonly verify?: GitVerification;

  /**
   * The version of Flux in the cluster.
   *
   * @default FluxVersion.LATEST_KNOWN
   */
  readonly version?: FluxVersion;

  /**
   * The namespace of the Flux objects.
   *
   * @default 'flux-system'
   */
  readonly namespace?: string;

  /**
   * The path of the output directory, relative to the repository root.
   *
   * @default - the `outdir` of the app, relative to the directory of `images.yaml`
   */
  readonly outputPath?: string;

  /**
   * The settings for Flux's commits of new image versions.
   *
   * @default - to the followed branch, unsigned
   */
  readonly imageUpdates?: ImageUpdateOptions;

  /**
   * A Secret with the key `token` for two webhooks, so that Flux detects pushes within seconds. Webhook `<cluster>`
   * reports pushes to the source. Webhook `<cluster>-images` reports pushed packages. The runbook explains how to find
   * the webhook URLs.
   *
   * @default - Flux looks by itself, at intervals
   */
  readonly webhookToken?: SecretSource;

  /**
   * A Secret with an age key (`<name>.agekey`) that decrypts SOPS files.
   *
   * @default - nothing is decrypted
   */
  readonly decryption?: SecretSource;

  /**
   * The variables that Flux substitutes in the manifests of this cluster.
   *
   * @default - none
   */
  readonly substitution?: Substitution;

  /**
   * The number of Kustomizations per deployment layer, from 1 to 64. The time that Flux needs for a Kustomization grows
   * with the square of its number of objects. Divide a layer of more than a thousand objects. The part of a chart
   * depends on the chart's own path. Changing this number later moves charts, and Flux may delete and recreate the
   * moved objects.
   *
   * @default 1
   */
  readonly parts?: number;

  /**
   * The options for the Kustomizations of deployment layers, by the name of the layer: `secrets`, `platform`, `apps`, or the
   * name of a layer of your own.
   *
   * @default - the defaults of LayerOptions
   */
  readonly layers?: Record<string, LayerOptions>;

  /**
   * DNS domain of the cluster: the kubelet's `--cluster-domain`. Addresses, certificates and proxy exceptions contain
   * the domain.
   *
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;
}
