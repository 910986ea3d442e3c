import { Construct } from 'constructs';
import { Repository } from '../forge';
import { Trigger } from './trigger/trigger';

/** A workflow, as its jobs and the workflows that call it see it. Create a `Workflow` instead. */
export abstract class WorkflowBase extends Construct {
  /** The repository that the file belongs to. */
  abstract readonly repository: Repository;

  /** Name of the file. */
  abstract readonly fileName: string;

  /** Path of the file in the repository. */
  abstract readonly path: string;

  /** Addresses that the runner must reach in addition to the forge: the sources of actions and images. */
  abstract get reaches(): string[];

  /** Warnings that are not errors. */
  abstract get warnings(): string[];

  /**
   * Returns the trigger for an event.
   *
   * @internal
   */
  abstract _trigger(event: string): Trigger | undefined;

  /**
   * Names of the outputs that a caller receives.
   *
   * @internal
   */
  abstract get _callOutputs(): string[];
}
