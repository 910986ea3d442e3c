/** The home directory of a runner that does not run as root. */
export const ACTIONS_HOME = '/home/runner';
/** The ID of the unprivileged user in the images. The rootless images work only with this user. */
export const ACTIONS_USER = 1000;

/**
 * The environment variables that every runner binary overwrites in jobs: those of a job, of its run, and of its files.
 * `CI` and `RUNNER_TOOL_CACHE` are not among them: a value that is set is kept, or is the user's to set. Source: `withGithubEnv`
 * of act's `run_context.go`; docs.github.com "Default environment variables".
 */
export const RESERVED_ENVIRONMENT = [
  'GITHUB_ACTION',
  'GITHUB_ACTIONS',
  'GITHUB_ACTOR',
  'GITHUB_API_URL',
  'GITHUB_BASE_REF',
  'GITHUB_ENV',
  'GITHUB_EVENT_NAME',
  'GITHUB_EVENT_PATH',
  'GITHUB_GRAPHQL_URL',
  'GITHUB_HEAD_REF',
  'GITHUB_JOB',
  'GITHUB_OUTPUT',
  'GITHUB_PATH',
  'GITHUB_REF',
  'GITHUB_REF_NAME',
  'GITHUB_REF_TYPE',
  'GITHUB_REPOSITORY',
  'GITHUB_REPOSITORY_OWNER',
  'GITHUB_RUN_ID',
  'GITHUB_RUN_NUMBER',
  'GITHUB_SERVER_URL',
  'GITHUB_SHA',
  'GITHUB_STATE',
  'GITHUB_STEP_SUMMARY',
  'GITHUB_WORKFLOW',
  'GITHUB_WORKSPACE',
];
