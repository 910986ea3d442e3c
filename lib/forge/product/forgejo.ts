import { frozen } from '../../support';
import { ActionsFacts, WORKFLOW_FILE_LIMIT } from './actions-facts';
import { ForgeAdvisory } from './advisories';
import { FeatureFact, ForgeFeature } from './feature';
import { GiteaProduct } from './gitea';

const DIFFERENCES = 'https://forgejo.org/docs/latest/user/actions/github-actions/';
const REFERENCE = 'https://forgejo.org/docs/latest/user/actions/reference/';
const REGISTRATION = 'https://forgejo.org/docs/latest/admin/actions/registration/';

/**
 * Features of the server, by version. Forgejo's versions match Gitea's up to 1.21 (Forgejo 1.21), then continue with 7,
 * 8, 9 … Forgejo has no `PUBLIC_URL_DETECTION` and behaves like `legacy`.
 */
const FEATURES: FeatureFact[] = frozen([
  { feature: ForgeFeature.REGISTRY, since: '*', source: 'https://forgejo.org/docs/latest/user/packages/container/' },
  {
    feature: ForgeFeature.ACTIONS_FROM_ANY_URL,
    since: '*',
    source: 'https://forgejo.org/docs/latest/admin/config-cheat-sheet/#actions-actions',
  },
  {
    feature: ForgeFeature.IMAGE_ATTESTATIONS,
    since: '*',
    source: 'https://codeberg.org/forgejo/forgejo/issues/780: listed as unknown/unknown',
  },
  { feature: ForgeFeature.RUNS_API, since: '12.0', source: 'forgejo/forgejo routers/api/v1/api.go' },
  { feature: ForgeFeature.RUNNERS_API, since: '15.0', source: 'forgejo/forgejo routers/api/v1/api.go' },
  { feature: ForgeFeature.TOKENS_API, since: '*', source: 'forgejo/forgejo routers/api/v1/user/app.go' },
  { feature: ForgeFeature.PREDECLARED_RUNNERS, since: '*', source: REGISTRATION },
  { feature: ForgeFeature.EPHEMERAL_RUNNERS, since: '*', source: REGISTRATION },
  {
    feature: ForgeFeature.CLEAR_WAIT_REASON,
    since: '*',
    source: 'forgejo/forgejo routers/web/repo/actions/actions.go',
  },
]);

/** Published vulnerabilities, from the project's releases. */
const ADVISORIES: ForgeAdvisory[] = frozen([
  { id: 'CVE-2026-89094', since: '16.0.0', fixedIn: '16.0.4', effect: 'see the advisory', isSevere: false },
  { id: 'CVE-2026-89094', fixedIn: '15.0.8', effect: 'see the advisory', isSevere: false },
]);

/** Facts about workflow files, by version. */
const ACTIONS: ActionsFacts = frozen({
  actionDirectory: '.forgejo/actions',
  defaultActionsUrl: 'https://data.forgejo.org',
  absoluteUses: true,
  cronAliases: true,
  jobLimit: 256,
  fileLimit: WORKFLOW_FILE_LIMIT,
  tagsBesideBranches: false,
  callsNeedRunner: true,
  artifactsSinceRunner: '3.0',
  // Forgejo's runner has the same act/runner/action.go: runActionImpl executes `node` in the container of the job.
  nodeFromImage: true,
  // Not set, because it could not be verified: node24SinceRunner. The releases of Forgejo's runner could not be read.
  secretsInCalls: true,
  events: [
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
    'workflow_call',
    'workflow_dispatch',
  ],
  permissionScopes: ['actions', 'contents', 'issues', 'packages', 'pull-requests'],
  keys: [
    { key: 'steps.background', source: DIFFERENCES },
    { key: 'steps.parallel', source: DIFFERENCES },
    { key: 'concurrency.queue', source: DIFFERENCES },
    { key: 'jobs.services.command', source: DIFFERENCES },
    { key: 'uses.self', source: DIFFERENCES },
    { key: 'concurrency', since: '13.0', source: REFERENCE },
    { key: 'jobs.concurrency', source: REFERENCE },
    { key: 'permissions', source: DIFFERENCES },
    { key: 'jobs.permissions', source: DIFFERENCES },
    { key: 'jobs.continue-on-error', source: DIFFERENCES },
    { key: 'on.schedule.timezone', since: '15.0', source: REFERENCE },
    { key: 'jobs.environment', source: DIFFERENCES },
    { key: 'jobs.snapshot', source: DIFFERENCES },
    { key: 'jobs.runs-on.group', source: REFERENCE },
    { key: 'jobs.cancel-timeout-minutes', source: REFERENCE },
    { key: 'run-name', since: '17.0', source: 'release notes of Forgejo 17.0' },
  ],
});

/**
 * Forgejo, with its facts by version. Pages, API paths and token scopes are those of Gitea, which Forgejo is a fork of.
 *
 * @see https://forgejo.org/docs/latest/
 */
export class ForgejoProduct extends GiteaProduct {
  /** Short name in lower case: `forgejo`. */
  readonly name: string = 'forgejo';

  /** Display name: `Forgejo`. */
  readonly title: string = 'Forgejo';

  /** Facts about workflow files. */
  get actions(): ActionsFacts {
    return ACTIONS;
  }

  /** Features of the server. */
  get features(): FeatureFact[] {
    return [...FEATURES];
  }

  /** Published vulnerabilities of the software. */
  get advisories(): ForgeAdvisory[] {
    return [...ADVISORIES];
  }

  /** Directories with workflow files. */
  get workflowDirectories(): string[] {
    return ['.forgejo/workflows', '.github/workflows'];
  }

  /** Name of the runner binary: `forgejo`. */
  get runnerProgram(): string {
    return 'forgejo';
  }

  /** Prefixes that the name of an Actions secret must not have. */
  get reservedSecretPrefixes(): string[] {
    return ['FORGEJO_', 'GITEA_', 'GITHUB_'];
  }

  /** Text by which the API's answer shows a successful run. */
  get successfulRun(): string | undefined {
    return '"status":"success"';
  }

  /** Texts by which the API's answer shows a runner that is online: without a job, or with one. */
  get onlineRunner(): string[] {
    return ['"status":"idle"', '"status":"active"'];
  }

  /** Prefix of the environment variables for the server's settings: `FORGEJO`. */
  get settingsPrefix(): string | undefined {
    return 'FORGEJO';
  }
}
