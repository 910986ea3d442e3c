/** How a product takes a key of a workflow file. */
export interface KeySupport {
  /** The key, as a path below the workflow: `jobs.timeout-minutes`. */
  readonly key: string;
  /** First version that heeds it: `*` for all, undefined for none so far. */
  readonly since?: string;
  /** Where this was read. */
  readonly source: string;
}

/** What the Actions of one product understand. */
export interface ActionsFacts {
  /** Folder for composite actions of the repository's own; a habit, not a rule. */
  readonly actionDirectory: string;
  /** Where `uses: owner/name@ref` is fetched from, if the server is not told otherwise. */
  readonly defaultActionsUrl: string;
  /** Whether `uses` takes an absolute URL. */
  readonly absoluteUses: boolean;
  /** Whether `schedule` takes @daily and the like. */
  readonly cronAliases: boolean;
  /** Whether `schedule` takes a time zone beside the cron. */
  readonly cronTimezone: boolean;
  /** Most jobs of one run, each combination of a matrix counted. */
  readonly jobLimit?: number;
  /** Largest workflow file in bytes. */
  readonly fileLimit: number;
  /** Events that start workflows; undefined if all of GitHub's do. */
  readonly events?: readonly string[];
  /** Scopes of `permissions`. */
  readonly permissionScopes: readonly string[];
  /** Keys that not every version heeds. What is not listed is heeded by all. */
  readonly keys: readonly KeySupport[];
}

const COMPARISON = 'https://docs.gitea.com/usage/actions/comparison (per version)';
const FORGEJO_DIFFERENCES = 'https://forgejo.org/docs/latest/user/actions/github-actions/';
const FORGEJO_REFERENCE = 'https://forgejo.org/docs/latest/user/actions/reference/';

/** Gitea's own events: modules/actions/github.go and modules/webhook/type.go. */
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

/** Gitea, by version. */
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

/** Forgejo. Its versions follow those of Gitea up to 1.21 (Forgejo 1.21), then count 7, 8, 9 … */
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

/** GitHub. */
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
