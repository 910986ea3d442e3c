import { Input } from '../input';

/** Which pushes start a workflow. */
export interface PushTriggerProps {
  /**
   * Branches: names or patterns, `!` in front leaves some out again.
   * @default - all, unless tags are given
   */
  readonly branches?: string[];
  /**
   * Branches whose pushes do not count; not together with `branches`.
   * @default - none
   */
  readonly branchesIgnore?: string[];
  /**
   * Tags: names or patterns.
   * @default - all, unless branches are given
   */
  readonly tags?: string[];
  /**
   * Tags whose pushes do not count; not together with `tags`.
   * @default - none
   */
  readonly tagsIgnore?: string[];
  /**
   * Only pushes that change one of these paths.
   * @default - all
   */
  readonly paths?: string[];
  /**
   * Not pushes that change these paths alone; not together with `paths`.
   * @default - none
   */
  readonly pathsIgnore?: string[];
}

/** Which pull requests start a workflow. */
export interface PullRequestTriggerProps {
  /**
   * What happened to it, e.g. `opened`, `synchronize`, `closed`.
   * @default - opened, synchronize, reopened
   */
  readonly types?: string[];
  /**
   * Branches that it goes to.
   * @default - all
   */
  readonly branches?: string[];
  /**
   * Branches that do not count; not together with `branches`.
   * @default - none
   */
  readonly branchesIgnore?: string[];
  /**
   * Only if it changes one of these paths.
   * @default - all
   */
  readonly paths?: string[];
  /**
   * Not if it changes these paths alone; not together with `paths`.
   * @default - none
   */
  readonly pathsIgnore?: string[];
}

/** A trigger that hands a stranger's doing the repository's secrets. */
export interface PrivilegedPullRequestTriggerProps extends PullRequestTriggerProps {
  /** Why no step runs code of the pull request; kept in the workflow file as a comment. */
  readonly acknowledgement: string;
}

/** What people give who start a workflow. */
export interface DispatchTriggerProps {
  /**
   * What they are asked for.
   * @default - nothing
   */
  readonly inputs?: Input[];
}

/** When a schedule starts a workflow. */
export interface ScheduleTriggerProps {
  /** Crons of five fields, in UTC: `30 5 * * 1-5`. Gitea and Forgejo take aliases too, such as daily behind an at sign. */
  readonly crons: string[];

  /**
   * The time zone that the crons are in, e.g. `Europe/Zurich`. GitHub only.
   * @default - UTC
   */
  readonly timezone?: string;
}

/** What another workflow gives and gets. */
export interface CallTriggerProps {
  /**
   * What it gives: texts, booleans, numbers.
   * @default - nothing
   */
  readonly inputs?: Input[];
  /**
   * Secrets that it must give.
   * @default - none
   */
  readonly secrets?: string[];
}

/** Which runs of other workflows start a workflow. */
export interface WorkflowRunTriggerProps {
  /** Names of the other workflows. */
  readonly workflows: string[];
  /**
   * `requested`, `in_progress` or `completed`.
   * @default - all
   */
  readonly types?: string[];
  /**
   * Only runs for these branches.
   * @default - all
   */
  readonly branches?: string[];
  /** Why nothing of the other run is trusted; kept in the workflow file as a comment. */
  readonly acknowledgement: string;
}

/** Which activities of an event start a workflow. */
export interface EventTriggerProps {
  /**
   * What happened, e.g. `opened`.
   * @default - whatever the forge takes if nothing is said
   */
  readonly types?: string[];
}
