/**
 * The events that start a workflow and are no trigger of their own kind, by the name in the file.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
export enum WorkflowEvent {
  /** A rule that guards a branch changed. */
  BRANCH_PROTECTION_RULE = 'branch_protection_rule',
  /** A check run changed. */
  CHECK_RUN = 'check_run',
  /** A suite of checks is through. */
  CHECK_SUITE = 'check_suite',
  /** A branch or tag was made. */
  CREATE = 'create',
  /** A branch or tag was deleted. */
  DELETE = 'delete',
  /** A deployment was made. */
  DEPLOYMENT = 'deployment',
  /** A deployment has a new status. */
  DEPLOYMENT_STATUS = 'deployment_status',
  /** A discussion changed. */
  DISCUSSION = 'discussion',
  /** A comment on a discussion changed. */
  DISCUSSION_COMMENT = 'discussion_comment',
  /** The repository was forked. */
  FORK = 'fork',
  /** A page of the wiki changed. */
  GOLLUM = 'gollum',
  /** A runner image has a new version. */
  IMAGE_VERSION = 'image_version',
  /** A comment on an issue or a pull request changed. */
  ISSUE_COMMENT = 'issue_comment',
  /** An issue changed. */
  ISSUES = 'issues',
  /** A label changed. */
  LABEL = 'label',
  /** A pull request entered the merge queue. */
  MERGE_GROUP = 'merge_group',
  /** A milestone changed. */
  MILESTONE = 'milestone',
  /** The pages were built. */
  PAGE_BUILD = 'page_build',
  /** A project changed. */
  PROJECT = 'project',
  /** A card of a project changed. */
  PROJECT_CARD = 'project_card',
  /** A column of a project changed. */
  PROJECT_COLUMN = 'project_column',
  /** The repository was made public. */
  PUBLIC = 'public',
  /** A comment on a pull request changed. */
  PULL_REQUEST_COMMENT = 'pull_request_comment',
  /** A review was given or withdrawn. */
  PULL_REQUEST_REVIEW = 'pull_request_review',
  /** A comment of a review changed. */
  PULL_REQUEST_REVIEW_COMMENT = 'pull_request_review_comment',
  /** A package was published or updated. */
  REGISTRY_PACKAGE = 'registry_package',
  /** Something outside asked for it. */
  REPOSITORY_DISPATCH = 'repository_dispatch',
  /** A commit has a new status. */
  STATUS = 'status',
  /** Someone starred the repository. */
  WATCH = 'watch',
}

const EDITS = ['created', 'edited', 'deleted'];
const PULL_REQUEST = [
  'assigned',
  'unassigned',
  'labeled',
  'unlabeled',
  'opened',
  'edited',
  'closed',
  'reopened',
  'synchronize',
  'converted_to_draft',
  'locked',
  'unlocked',
  'enqueued',
  'dequeued',
  'milestoned',
  'demilestoned',
  'ready_for_review',
  'review_requested',
  'review_request_removed',
  'auto_merge_enabled',
  'auto_merge_disabled',
  'stacked',
];

/**
 * The activity types of each event that has some; a test compares them with the official schema.
 *
 * @jsii ignore
 */
export const ACTIVITIES: Record<string, readonly string[]> = {
  branch_protection_rule: EDITS,
  check_run: ['completed', 'created', 'rerequested', 'requested_action'],
  check_suite: ['completed'],
  discussion: [
    'created',
    'edited',
    'deleted',
    'transferred',
    'pinned',
    'unpinned',
    'labeled',
    'unlabeled',
    'locked',
    'unlocked',
    'category_changed',
    'answered',
    'unanswered',
  ],
  discussion_comment: EDITS,
  image_version: ['created', 'ready', 'deleted'],
  issue_comment: EDITS,
  issues: [
    'opened',
    'edited',
    'deleted',
    'transferred',
    'pinned',
    'unpinned',
    'closed',
    'reopened',
    'assigned',
    'unassigned',
    'labeled',
    'unlabeled',
    'locked',
    'unlocked',
    'milestoned',
    'demilestoned',
    'field_added',
    'field_removed',
    'typed',
    'untyped',
  ],
  label: EDITS,
  merge_group: ['checks_requested'],
  milestone: ['created', 'closed', 'opened', 'edited', 'deleted'],
  project: ['created', 'closed', 'reopened', 'edited', 'deleted'],
  project_card: ['created', 'moved', 'converted', 'edited', 'deleted'],
  project_column: ['created', 'updated', 'moved', 'deleted'],
  pull_request: PULL_REQUEST,
  pull_request_review: ['submitted', 'edited', 'dismissed'],
  pull_request_review_comment: EDITS,
  pull_request_target: PULL_REQUEST,
  registry_package: ['published', 'updated'],
  release: ['published', 'unpublished', 'created', 'edited', 'deleted', 'prereleased', 'released'],
  watch: ['started'],
  workflow_run: ['requested', 'completed', 'in_progress'],
};

/**
 * Events whose activity types anyone may choose.
 *
 * @jsii ignore
 */
export const FREE_ACTIVITIES = ['repository_dispatch', 'pull_request_comment'];
