/** A record that describes how a product supports a key of a workflow file. */
export interface KeySupport {
  /** The key, as a path below the workflow, for example `jobs.timeout-minutes`. */
  readonly key: string;
  /** First version that supports the key: `*` for all versions, undefined for no version yet. */
  readonly since?: string;
  /** Source of the fact. */
  readonly source: string;
}

/** A set of facts that describes the Actions features of a product. */
export interface ActionsFacts {
  /** Directory for composite actions of the repository itself. The directory is a convention, not a rule. */
  readonly actionDirectory: string;
  /** Default URL from which `uses: owner/name@ref` is fetched, if the server is not configured otherwise. */
  readonly defaultActionsUrl: string;
  /** Support for an absolute URL in `uses`. */
  readonly absoluteUses: boolean;
  /** Support for aliases such as @daily in `schedule`. */
  readonly cronAliases: boolean;
  /** Support for a time zone next to the cron expression in `schedule`. */
  readonly cronTimezone: boolean;
  /** Maximum number of jobs per run. Each combination of a matrix counts as a job. */
  readonly jobLimit?: number;
  /** Maximum size of a workflow file, in bytes. */
  readonly fileLimit: number;
  /** Events that start workflows; undefined if all of GitHub's events do. */
  readonly events?: readonly string[];
  /** Supported scopes of `permissions`. */
  readonly permissionScopes: readonly string[];
  /** Keys that only some versions support. All versions support keys that are not listed. */
  readonly keys: readonly KeySupport[];
}

const COMPARISON = 'https://docs.gitea.com/usage/actions/comparison (per version)';
const FORGEJO_DIFFERENCES = 'https://forgejo.org/docs/latest/user/actions/github-actions/';
const FORGEJO_REFERENCE = 'https://forgejo.org/docs/latest/user/actions/reference/';

/** Events of Gitea itself, from modules/actions/github.go and modules/webhook/type.go. */
const GITEA_EVENTS = [
  'create',
  'delete',
  'fork',
  'gollum',
  'issue_comment',
  'issues',
  'pull_request',
  'pull_request_comment',
  'pull_request_review',
  'pull_request_review_comment',
  'pull_request_target',
  'push',
  'registry_package',
  'release',
  'schedule',
  'status',
  'workflow_call',
  'workflow_dispatch',
  'workflow_run',
];

const MEBIBYTE = 1024 * 1024;

/** Facts about Gitea, by version. */
export const GITEA_FACTS: ActionsFacts = {
  actionDirectory: '.gitea/actions',
  defaultActionsUrl: 'https://github.com',
  absoluteUses: true,
  cronAliases: true,
  cronTimezone: false,
  jobLimit: 256,
  fileLimit: MEBIBYTE,
  events: GITEA_EVENTS,
  permissionScopes: ['actions', 'contents', 'issues', 'packages', 'projects', 'pull-requests', 'releases', 'wiki'],
  keys: [
    { key: 'run-name', since: '1.25', source: 'go-gitea/gitea#34301' },
    { key: 'on.workflow_dispatch', since: '1.23', source: COMPARISON },
    {
      key: 'on.workflow_call.map',
      since: '1.27',
      source: 'gitea.com/gitea/act v0.261.8 pkg/jobparser ParseRawOn: "map should only for workflow_dispatch"',
    },
    { key: 'on.workflow_run', since: '1.25', source: 'go-gitea/gitea: HookEventWorkflowRun' },
    { key: 'concurrency', since: '1.26', source: 'go-gitea/gitea#32751' },
    { key: 'jobs.concurrency', since: '1.26', source: 'go-gitea/gitea#32751' },
    { key: 'permissions', since: '1.26', source: 'go-gitea/gitea#36173' },
    { key: 'jobs.permissions', since: '1.26', source: 'go-gitea/gitea#36173' },
    { key: 'jobs.timeout-minutes', since: '1.27', source: 'go-gitea/gitea#38100' },
    { key: 'jobs.continue-on-error', since: '1.27', source: 'go-gitea/gitea#38100' },
    { key: 'jobs.environment', source: COMPARISON },
    { key: 'jobs.runs-on.group', source: COMPARISON },
    {
      key: 'jobs.cancel-timeout-minutes',
      source: 'modules/actions/jobparser/model.go: jobs are written anew without it',
    },
  ],
};

/**
 * Facts about Forgejo, by version. Forgejo's versions match Gitea's up to 1.21 (Forgejo 1.21), then continue with 7, 8,
 * 9 …
 */
export const FORGEJO_FACTS: ActionsFacts = {
  actionDirectory: '.forgejo/actions',
  defaultActionsUrl: 'https://data.forgejo.org',
  absoluteUses: true,
  cronAliases: true,
  cronTimezone: false,
  jobLimit: 256,
  fileLimit: MEBIBYTE,
  events: GITEA_EVENTS.filter((event) => event !== 'workflow_run'),
  permissionScopes: ['actions', 'contents', 'issues', 'packages', 'pull-requests'],
  keys: [
    { key: 'concurrency', since: '13.0', source: FORGEJO_REFERENCE },
    { key: 'jobs.concurrency', source: FORGEJO_REFERENCE },
    { key: 'permissions', source: FORGEJO_DIFFERENCES },
    { key: 'jobs.permissions', source: FORGEJO_DIFFERENCES },
    { key: 'jobs.continue-on-error', source: FORGEJO_DIFFERENCES },
    { key: 'jobs.environment', source: FORGEJO_DIFFERENCES },
    { key: 'jobs.runs-on.group', source: FORGEJO_REFERENCE },
    { key: 'jobs.cancel-timeout-minutes', source: FORGEJO_REFERENCE },
    { key: 'run-name', source: FORGEJO_REFERENCE },
  ],
};

/** Facts about GitHub. */
export const GITHUB_FACTS: ActionsFacts = {
  actionDirectory: '.github/actions',
  defaultActionsUrl: 'https://github.com',
  absoluteUses: false,
  cronAliases: false,
  cronTimezone: true,
  fileLimit: MEBIBYTE,
  permissionScopes: [
    'actions',
    'attestations',
    'checks',
    'contents',
    'deployments',
    'discussions',
    'id-token',
    'issues',
    'packages',
    'pages',
    'pull-requests',
    'security-events',
    'statuses',
  ],
  keys: [],
};
