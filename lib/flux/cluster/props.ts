import { Repository } from '../../forge';
import { SecretSource } from '../../secret';
import { ImageUpdateOptions } from '../image/update-automation';
import { FluxVersion } from '../base/version';
import { ExistingSource } from '../source/existing-source';
import { GitVerification } from '../source/verification';
import { ClusterKustomizations } from './cluster-kustomizations';
import { LayerOptions } from './cluster-layer';
import { FluxInstanceOptions } from './instance';
import { KubeConfig } from './kube-config';
import { Substitution } from './substitution';

/** The parts of image automation that a cluster emits. */
export enum ImageAutomationParts {
  /** Repositories, policies and the automation that commits. */
  ALL = 'all',
  /** Repositories and policies only: an automation that exists commits. It must be in the namespace of the policies. */
  REFLECT = 'reflect',
  /** The automation only: repositories and policies exist, with the names that this app gives them. */
  UPDATE = 'update',
}

/** A cluster that Flux keeps in sync with this repository. */
export interface ClusterProps {
  /** The repository that contains the committed output of this cdk8s app. */
  readonly source: Repository;

  /**
   * The source that Flux reads, if it exists, for example the one that `flux bootstrap` creates. No source is emitted then;
   * `branch` says what a GitRepository follows. If the source is an OCIRepository or a Bucket, a GitRepository is emitted
   * for the commits of new image versions.
   *
   * @default - a GitRepository is emitted
   */
  readonly existingSource?: ExistingSource;

  /**
   * An alternative clone URL, for example `ssh://git@git.example.com:22/platform/gitops.git`. With SSH, `credentials` has the
   * keys `identity` and `known_hosts`.
   *
   * @default - the forge's internal URL for the repository
   */
  readonly url?: string;

  /**
   * The Kustomizations that apply the output.
   *
   * @default ClusterKustomizations.own()
   */
  readonly kustomizations?: ClusterKustomizations;

  /**
   * The kubeconfig of another cluster, to which Flux applies the layers. The Flux objects stay in the cluster of Flux.
   *
   * @default - the cluster of Flux
   */
  readonly kubeConfig?: KubeConfig;

  /**
   * The shard of source-controller and kustomize-controller that reconciles the source and the Kustomizations: the value of
   * the label `sharding.fluxcd.io/key`.
   *
   * @default - the controllers without a shard
   */
  readonly shard?: string;

  /**
   * The shards of image-reflector-controller that scan the images: the values of the label `sharding.fluxcd.io/key`. The name
   * of an image decides which shard scans the image. A shard that you add gets its share of the images; the other images stay
   * in their shards. Without an `interval` of its own, an image is scanned more often if there are more shards.
   *
   * @default - the controller without a shard
   */
  readonly imageShards?: string[];

  /**
   * The parts of image automation that are emitted. The others exist in the cluster.
   *
   * @default ImageAutomationParts.ALL
   */
  readonly imageParts?: ImageAutomationParts;

  /**
   * The Flux that the Flux Operator installs in the cluster.
   *
   * @default - you install Flux, with `flux install` or `flux bootstrap`
   */
  readonly instance?: FluxInstanceOptions;

  /**
   * The branch that Flux follows and pushes commits to.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * The credentials for cloning and pushing: `username` and `password` for HTTP(S), `identity` and `known_hosts` for SSH. The
   * Secret that `flux bootstrap` creates has an SSH key, unless bootstrap ran with `--token-auth`: set `url` to an SSH URL to
   * use it, or `existingSource` to use its GitRepository. The key must be allowed to push (`--read-write-key`).
   *
   * @default - `SecretSource.existing('flux-system')`, with the keys for the clone URL
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
   * The number of images that the cluster is to have in some years, at most 25,000. The time that Flux needs for a
   * Kustomization grows with the square of its number of objects. The number decides how many Kustomizations apply each
   * deployment layer, and how many apply the objects that follow images, so that each has less than 500 objects. All
   * numbers up to 100 mean one Kustomization for each layer. A larger number moves objects: if Flux applies the cluster
   * already, use `cdk8s-forge diff --migrate`.
   *
   * @default - one Kustomization for each layer; that of the entry point applies the objects that follow images
   */
  readonly expected?: number;

  /**
   * The number of Kustomizations per deployment layer, from 1 to 256. Choose it yourself if images are not what makes the
   * layers large. The part of a chart depends on the chart's own path. Changing this number later moves charts, and Flux
   * may delete and recreate the moved objects: use `cdk8s-forge diff --migrate`.
   *
   * @default - follows from `expected`
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
