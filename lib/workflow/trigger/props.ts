import { Input } from '../input';

/** A set of filters that select the pushes that start a workflow. */
export interface PushTriggerProps {
  /**
   * Branches, as names or patterns. A pattern with a leading `!` excludes branches again.
   *
   * @default - all, unless tags are given
   */
  readonly branches?: string[];
  /**
   * Branches whose pushes are ignored; not together with `branches`.
   *
   * @default - none
   */
  readonly branchesIgnore?: string[];
  /**
   * Tags, as names or patterns.
   *
   * @default - all, unless branches are given
   */
  readonly tags?: string[];
  /**
   * Tags whose pushes are ignored; not together with `tags`.
   *
   * @default - none
   */
  readonly tagsIgnore?: string[];
  /**
   * Paths that a push must change. A push matches if it changes at least one of the paths.
   *
   * @default - all
   */
  readonly paths?: string[];
  /**
   * Paths to ignore. A push that changes only these paths does not match; not together with `paths`.
   *
   * @default - none
   */
  readonly pathsIgnore?: string[];
}

/** A set of filters that select the pull requests that start a workflow. */
export interface PullRequestTriggerProps {
  /**
   * Activity types of the pull request, for example `opened`, `synchronize`, `closed`.
   *
   * @default - opened, synchronize, reopened
   */
  readonly types?: string[];
  /**
   * Target branches of the pull request.
   *
   * @default - all
   */
  readonly branches?: string[];
  /**
   * Target branches that are ignored; not together with `branches`.
   *
   * @default - none
   */
  readonly branchesIgnore?: string[];
  /**
   * Paths that a pull request must change. A pull request matches if it changes at least one of the paths.
   *
   * @default - all
   */
  readonly paths?: string[];
  /**
   * Paths to ignore. A pull request that changes only these paths does not match; not together with `paths`.
   *
   * @default - none
   */
  readonly pathsIgnore?: string[];
}

/** A trigger that combines untrusted input with the repository's secrets. */
export interface PrivilegedPullRequestTriggerProps extends PullRequestTriggerProps {
  /** Reason why no step runs code of the pull request. The reason is kept in the workflow file as a comment. */
  readonly acknowledgement: string;
}

/** A set of inputs that people pass when they start a workflow. */
export interface DispatchTriggerProps {
  /**
   * Inputs that the user is asked for.
   *
   * @default - nothing
   */
  readonly inputs?: Input[];
}

/** A schedule that starts a workflow. */
export interface ScheduleTriggerProps {
  /**
   * Cron expressions of five fields: `30 5 * * 1-5`. Gitea and Forgejo also accept aliases, such as daily after an at
   * sign, intervals, such as every 2h after an at sign, and a time zone in front, such as `TZ=Europe/Zurich`.
   */
  readonly crons: string[];

  /**
   * Time zone of the cron expressions, for example `Europe/Zurich`. If the forge has no key for it, the time zone is
   * written in front of each cron expression.
   *
   * @default - UTC
   */
  readonly timezone?: string;
}

/** A set of values that another workflow passes to and receives from a workflow. */
export interface CallTriggerProps {
  /**
   * Inputs that the calling workflow passes: texts, booleans, numbers.
   *
   * @default - nothing
   */
  readonly inputs?: Input[];
  /**
   * Secrets that the calling workflow must pass.
   *
   * @default - none
   */
  readonly secrets?: string[];
}

/** A set of filters that select the runs of other workflows that start a workflow. */
export interface WorkflowRunTriggerProps {
  /** Names of the other workflows. */
  readonly workflows: string[];
  /**
   * Activity types: `requested`, `in_progress` or `completed`.
   *
   * @default - all
   */
  readonly types?: string[];
  /**
   * Branches that the other runs must be for.
   *
   * @default - all
   */
  readonly branches?: string[];
  /** Reason why nothing of the other run is trusted. The reason is kept in the workflow file as a comment. */
  readonly acknowledgement: string;
}

/** A set of activity types that select the events that start a workflow. */
export interface EventTriggerProps {
  /**
   * Activity types, for example `opened`.
   *
   * @default - whatever the forge takes if nothing is said
   */
  readonly types?: string[];

  /**
   * Reason why activity types that this library does not know are valid. The reason is kept in the workflow file as a
   * comment.
   *
   * @default - an unknown activity type is an error
   */
  readonly allowUnknownTypes?: string;
}
