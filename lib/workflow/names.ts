import { ForgeError, quoted } from '../support';

/**
 * Environment variables that the runners set themselves, whatever the workflow says. Other names with the same prefix
 * are free, for example GITHUB_COM_TOKEN and RUNNER_TOOL_CACHE.
 */
const OVERWRITTEN = new RegExp(
  `^(?:${[
    'GITHUB_(?:ACTIONS?|ACTION_(?:PATH|REF|REPOSITORY)|ACTOR(?:_ID)?|API_URL|BASE_REF|ENV|EVENT_(?:NAME|PATH)|GRAPHQL_URL)',
    'GITHUB_(?:HEAD_REF|JOB|OUTPUT|PATH|REF(?:_NAME|_PROTECTED|_TYPE)?|REPOSITORY(?:_ID|_OWNER|_OWNER_ID)?|RETENTION_DAYS)',
    'GITHUB_(?:RUN_(?:ATTEMPT|ID|NUMBER)|SERVER_URL|SHA|STATE|STEP_SUMMARY|TRIGGERING_ACTOR|WORKFLOW(?:_REF|_SHA)?|WORKSPACE)',
    'RUNNER_(?:ARCH|DEBUG|ENVIRONMENT|NAME|OS|TEMP|WORKSPACE)',
    '(?:GITEA|FORGEJO)_(?:ACTIONS|ACTIONS_RUNNER_VERSION|SHA|REF|REF_NAME|REPOSITORY|WORKSPACE|RUN_ID|RUN_NUMBER)',
  ].join('|')})$`,
);

/**
 * Checks the names of jobs, steps and outputs.
 *
 * @jsii ignore
 */
export function checkId(id: string, what: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/.test(id) && !id.startsWith('__')) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-021',
    message: `${quoted(id)} cannot be the id of a ${what}`,
    allowed: 'letters, digits, "_" and "-", first a letter or a single "_", at most 100',
    fix: `use an id such as build or build-image`,
    symptom: "IDs may only contain alphanumeric characters, '_', and '-'",
  });
}

/**
 * Checks the names of environment variables. Every shell must be able to read the name, and no runner may set the name
 * itself.
 *
 * @jsii ignore
 */
export function checkEnv(env: Record<string, string>, owner: string): void {
  const wrong = Object.keys(env).find(
    (name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || OVERWRITTEN.test(name) || /^ACTIONS_ALLOW_UNSECURE/.test(name),
  );
  if (wrong === undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-032',
    message: `${quoted(wrong)} of ${owner} cannot be an environment variable`,
    allowed:
      'letters, digits and "_", first no digit; no variable that the runner sets itself, such as GITHUB_SHA or RUNNER_TEMP',
    fix: 'name it otherwise',
  });
}
