import { Repository } from '../forge';
import { IgnoredKeys } from './check/dialect';
import { Concurrency } from './job-base';
import { Permissions } from './permissions';
import { Trigger } from './trigger/trigger';

/** A workflow that belongs to a repository. */
export interface WorkflowProps {
  /** The repository that the file belongs to. The forge of the repository decides what the file may contain. */
  readonly repository: Repository;

  /**
   * Triggers that start the workflow. To add more triggers, use `addTrigger`.
   *
   * @default - nothing yet
   */
  readonly triggers?: Trigger[];

  /**
   * Display name in the forge.
   *
   * @default - the id of the construct
   */
  readonly name?: string;

  /**
   * Name of the file, without directory.
   *
   * @default - the id of the construct, with `.yml`
   */
  readonly fileName?: string;

  /**
   * Directory of the file. The forge must read workflows from this directory. On Gitea from 1.27 on,
   * `.gitea/scoped_workflows` is the directory of workflows that run for the repositories of an owner or of the server; an
   * administrator registers the repository as their source.
   *
   * @default - the one that hides the others, e.g. `.gitea/workflows`
   */
  readonly directory?: string;

  /**
   * Name of a workflow run in the forge.
   *
   * @default - what the forge makes of the event
   */
  readonly runName?: string;

  /**
   * Permissions of the tokens of the workflow's jobs.
   *
   * @default - read the contents of the repository
   */
  readonly permissions?: Permissions;

  /**
   * Concurrency group of the workflow, with one run at a time.
   *
   * @default - as many as there are runners
   */
  readonly concurrency?: Concurrency;

  /**
   * Environment variables of all steps. Pass secrets only to the step that needs them.
   *
   * @default - none
   */
  readonly env?: Record<string, string>;

  /**
   * Policy for keys that the forge ignores.
   *
   * @default IgnoredKeys.LOWER
   */
  readonly ignoredKeys?: IgnoredKeys;

  /**
   * Whether to write the file to the root of this repository, which contains the cdk8s app. The forge reads the file
   * there. An existing file is overwritten only if it states that it is generated.
   *
   * @default false
   */
  readonly inThisRepository?: boolean;
}
