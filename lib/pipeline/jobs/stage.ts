import { IStepSource } from '../../workflow';

/** The named parts of a build job. */
export enum Stage {
  /** The checkout of the repository. */
  CHECKOUT = 'checkout',
  /** The tags of the image. Builds of pull requests have no such part. */
  TAGS = 'tags',
  /** The build, which also pushes the image. */
  BUILD = 'build',
}

/** A position in the build jobs of a pipeline. */
export interface StepPosition {
  /**
   * The stage that the step follows; not together with `before`.
   *
   * @default - the end of the job
   */
  readonly after?: Stage;

  /**
   * The stage that the step precedes; not together with `after`.
   *
   * @default - the end of the job
   */
  readonly before?: Stage;

  /**
   * Whether to add the step to the builds of pull requests too. Such builds run code that is not reviewed, without secrets.
   *
   * @default false
   */
  readonly inPullRequests?: boolean;
}

/**
 * A step of the user with its position.
 *
 * @jsii ignore
 */
export interface PlacedStep extends StepPosition {
  readonly step: IStepSource;
}
