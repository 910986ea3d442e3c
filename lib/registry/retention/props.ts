import { Duration, Size } from 'cdk8s';
import { JobIdentity, Placement, PodOptions } from '../../kube';
import { SecretSource } from '../../secret';
import { Registry } from '../registry';

/** An image whose old tags are deleted. */
export interface RetentionImage {
  /** Name of the image in the registry, without host and owner. */
  readonly image: string;

  /**
   * Deployed tags of the image. Set a pipeline's `image.tag`: it carries Flux's marker, so Flux keeps the list up to
   * date. If one of these tags is not in the registry, no tag of the image is deleted.
   */
  readonly deployedTags: string[];

  /**
   * Approximate size of one tag. If several tags share layers, count only the layers that are not shared.
   *
   * @default - not counted
   */
  readonly size?: Size;
}

/** A set of options that defines the tags that are deleted and the tags that are always kept. */
export interface RegistryRetentionProps {
  /** The registry of a Gitea or Forgejo server. */
  readonly registry: Registry;

  /** Images whose old tags are deleted. Images that are not listed are not changed. */
  readonly images: RetentionImage[];

  /** Number of the newest tags of each image that are always kept. */
  readonly keepLast: number;

  /**
   * Secret with an access token under the key `token`. The token needs the scope `write:package`, and its owner needs
   * write access to the packages.
   */
  readonly token: SecretSource;

  /**
   * Minimum age of a tag before it is deleted.
   *
   * @default Duration.days(30)
   */
  readonly olderThan?: Duration;

  /**
   * Additional tags to keep: JavaScript regular expressions that match the whole tag, for example `v\\d+\\.\\d+\\.0`.
   *
   * @default - none
   */
  readonly keepMatching?: string[];

  /**
   * Storage capacity of the registry for packages, excluding build caches. If the sum of the images' `size` times
   * `keepLast` exceeds this value, synth reports an error.
   *
   * @default - not checked
   */
  readonly capacity?: Size;

  /**
   * Whether to only print the tags that the job would delete.
   *
   * @default true
   */
  readonly dryRun?: boolean;

  /**
   * Schedule of the job: cron's five fields, an alias such as `@daily`, or an interval such as `@every 6h`, in the
   * time of the cluster's clock.
   *
   * @default '17 3 * * *'
   */
  readonly schedule?: string;

  /**
   * Names and labels of the CronJob.
   *
   * @default - made from the construct ids below the chart
   */
  readonly workload?: JobIdentity;

  /**
   * The node placement of the pods.
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
