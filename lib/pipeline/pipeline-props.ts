import { IBuilder } from '../buildkit';
import { IRunsOn, Repository } from '../forge';
import { Scan, Sign, TellFluxProps } from '../recipe';
import { Registry } from '../registry';
import { DispatchTriggerProps, IStepSource, ScheduleTriggerProps } from '../workflow';
import { CatalogueImage, ImageOptions } from './catalogue/image-options';
import { Delivery } from './delivery/delivery';
import { SkipFlag } from './jobs/skip-flag';

/**
 * A pipeline that leads from a repository to running images. The options of `ImageOptions` apply to all images; an image of
 * `images` can have its own.
 */
export interface ImagePipelineProps extends ImageOptions {
  /** The repository that contains the sources. */
  readonly repository: Repository;

  /** The registry that the images are pushed to and pulled from. */
  readonly registry: Registry;

  /**
   * The runner that runs the workflow: a runner of this cdk8s app, a `HostedRunner`, or the labels of a runner that runs
   * already, for example `RunsOn.existing('ubuntu-latest')`.
   */
  readonly runner: IRunsOn;

  /**
   * The way in which the workflow files reach the repository, for example `Delivery.job({ token })`.
   *
   * @default Delivery.COMMAND
   */
  readonly delivery?: Delivery;

  /**
   * The builder that builds the images. A runner that is given by its labels has no builder of its own.
   *
   * @default - the builder of the runner
   */
  readonly builder?: IBuilder;

  /**
   * Images that are built from the repository.
   *
   * @default - one image
   */
  readonly images?: CatalogueImage[];

  /**
   * Name of the only image in the registry, without host and owner, for example `team/web`. Not together with `images`.
   *
   * @default - the id of the construct
   */
  readonly image?: string;

  /**
   * Name of the Flux objects of the only image, unique among the images of the cluster. Not together with `images`.
   *
   * @default - the id of the construct
   */
  readonly policyName?: string;

  /**
   * Display name of the workflow in the forge.
   *
   * @default - the id of the construct
   */
  readonly workflowName?: string;

  /**
   * Name of the workflow file, without directory.
   *
   * @default - the id of the construct, with `.yml`
   */
  readonly workflowFileName?: string;

  /**
   * Whether to write one workflow file per image. Each file is named `<workflow file>-<image>`.
   *
   * @default false - one workflow that builds all images
   */
  readonly filePerImage?: boolean;

  /**
   * The branch that is built and deployed.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * Other paths that all images are built from, such as a lock file at the root of a monorepo, as patterns of a path filter.
   *
   * @default - none
   */
  readonly sharedPaths?: string[];

  /**
   * Whether to build pull requests for the branch. Such a build pushes nothing, has no secrets, reads the cache and does not
   * write it, and has cache mounts of its own.
   *
   * @default false
   */
  readonly pullRequests?: boolean;

  /**
   * Runner for builds of pull requests. A pull request can change the workflow itself, so its runner must be new for each
   * job, or a runner that only pull requests use.
   *
   * @default - the runner of the workflow
   */
  readonly pullRequestRunner?: IRunsOn;

  /**
   * Manual start of the workflow, with its inputs.
   *
   * @default - the workflow cannot be started manually
   */
  readonly dispatch?: DispatchTriggerProps;

  /**
   * Schedule of builds, for example to update base images.
   *
   * @default - no schedule
   */
  readonly schedule?: ScheduleTriggerProps;

  /**
   * Flags in commit messages that leave images out of a build.
   *
   * @default - none
   */
  readonly skip?: SkipFlag[];

  /**
   * Scan of each image for vulnerabilities, after the image is pushed. An image that fails the scan is not signed, and the
   * version is not tagged. Tags that are pushed are not removed: a cluster that must not run such an image verifies
   * signatures.
   *
   * @default - no scan
   */
  readonly scan?: Scan;

  /**
   * Signature of each image, after the scan. `sign.verifiedIn(…)` creates the policy of the cluster.
   *
   * @default - no signature
   */
  readonly sign?: Sign;

  /**
   * Call of a Receiver of Flux after each image is pushed, scanned and signed, for registries without webhooks. The call is
   * the last step of a build job, and never fails the job.
   *
   * @default - none: the registry calls Flux, or Flux scans at its interval
   */
  readonly tellFlux?: TellFluxProps;

  /**
   * Notification after each run, such as `Notify.ntfy(…)`. It reports a failure if a job failed.
   *
   * @default - none
   */
  readonly notify?: IStepSource;
}
