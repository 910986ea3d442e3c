/**
 * An event that starts a workflow and has no trigger of its own kind, by its name in the file.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
export enum WorkflowEvent {
  /** A change of a branch protection rule. */
  BRANCH_PROTECTION_RULE = 'branch_protection_rule',
  /** A change of a check run. */
  CHECK_RUN = 'check_run',
  /** Completion of a check suite. */
  CHECK_SUITE = 'check_suite',
  /** Creation of a branch or tag. */
  CREATE = 'create',
  /** Deletion of a branch or tag. */
  DELETE = 'delete',
  /** Creation of a deployment. */
  DEPLOYMENT = 'deployment',
  /** A new status of a deployment. */
  DEPLOYMENT_STATUS = 'deployment_status',
  /** A change of a discussion. */
  DISCUSSION = 'discussion',
  /** A change of a comment on a discussion. */
  DISCUSSION_COMMENT = 'discussion_comment',
  /** A fork of the repository. */
  FORK = 'fork',
  /** A change of a wiki page. */
  GOLLUM = 'gollum',
  /** A new version of a runner image. */
  IMAGE_VERSION = 'image_version',
  /** A change of a comment on an issue or a pull request. */
  ISSUE_COMMENT = 'issue_comment',
  /** A change of an issue. */
  ISSUES = 'issues',
  /** A change of a label. */
  LABEL = 'label',
  /** Entry of a pull request into the merge queue. */
  MERGE_GROUP = 'merge_group',
  /** A change of a milestone. */
  MILESTONE = 'milestone',
  /** A build of the pages. */
  PAGE_BUILD = 'page_build',
  /** A change of a project. */
  PROJECT = 'project',
  /** A change of a project card. */
  PROJECT_CARD = 'project_card',
  /** A change of a project column. */
  PROJECT_COLUMN = 'project_column',
  /** A change of the repository to public. */
  PUBLIC = 'public',
  /** A change of a comment on a pull request. */
  PULL_REQUEST_COMMENT = 'pull_request_comment',
  /** Submission or withdrawal of a review. */
  PULL_REQUEST_REVIEW = 'pull_request_review',
  /** A change of a review comment. */
  PULL_REQUEST_REVIEW_COMMENT = 'pull_request_review_comment',
  /** Publication or update of a package. */
  REGISTRY_PACKAGE = 'registry_package',
  /** A request from outside the forge. */
  REPOSITORY_DISPATCH = 'repository_dispatch',
  /** A new status of a commit. */
  STATUS = 'status',
  /** A new star on the repository. */
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
 * Activity types of each event that has activity types. A test compares the list with the official schema.
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
 * Events whose activity types are free text.
 *
 * @jsii ignore
 */
export const FREE_ACTIVITIES = ['repository_dispatch', 'pull_request_comment'];

/**
 * Returns whether an event has a trigger of its own.
 *
 * @jsii ignore
 */
export function isKnownEvent(event: string): boolean {
  const own = [
    'push',
    'pull_request',
    'pull_request_target',
    'workflow_dispatch',
    'workflow_call',
    'workflow_run',
    'schedule',
    'release',
  ];
  return own.includes(event) || Object.values<string>(WorkflowEvent).includes(event);
}
