import { frozen } from '../../support';
import { ActionsFacts, WORKFLOW_FILE_LIMIT } from './actions-facts';
import { ForgeAdvisory } from './advisories';
import { FeatureFact, ForgeFeature } from './feature';
import { ForgeCreation, ForgeProduct } from './product';
import { ForgeScopeKind, ScopeTarget } from './scope-target';
import { TokenAccess, TokenResource } from './token-scope';

/** Per-version documentation of the differences to GitHub. */
const COMPARISON = 'https://docs.gitea.com/usage/actions/comparison (per version)';
const SERVER_SETTINGS = 'go-gitea/gitea modules/setting/server.go';

/** Features of the server, by version. */
const FEATURES: FeatureFact[] = frozen([
  { feature: ForgeFeature.REGISTRY, since: '*', source: 'https://docs.gitea.com/usage/packages/container' },
  { feature: ForgeFeature.PUBLIC_URL_DETECTION, since: '1.24', source: SERVER_SETTINGS },
  { feature: ForgeFeature.PUBLIC_URL_NEVER, since: '1.26', source: SERVER_SETTINGS },
  { feature: ForgeFeature.PUBLIC_URL_AUTO_BY_DEFAULT, since: '1.26', source: SERVER_SETTINGS },
  {
    feature: ForgeFeature.ACTIONS_URL_KEYWORDS,
    since: '*',
    source: 'https://docs.gitea.com/administration/config-cheat-sheet#actions-actions',
  },
  {
    feature: ForgeFeature.IMAGE_ATTESTATIONS,
    since: '1.26',
    source: 'go-gitea/gitea#37093 (1.25.3); routers/api/packages/container/manifest.go of 1.26.0 and 1.27.3',
  },
  { feature: ForgeFeature.RUNS_API, since: '1.25', source: 'go-gitea/gitea routers/api/v1/api.go' },
  { feature: ForgeFeature.RUNNERS_API, since: '1.24', source: 'go-gitea/gitea#33873' },
  { feature: ForgeFeature.TOKENS_API, since: '*', source: 'go-gitea/gitea routers/api/v1/user/app.go' },
  {
    feature: ForgeFeature.SHARED_REGISTRATION_TOKENS,
    since: '*',
    source: 'go-gitea/gitea models/actions/runner_token.go',
  },
  {
    feature: ForgeFeature.EPHEMERAL_RUNNERS,
    since: '1.25',
    source:
      'go-gitea/gitea models/actions/task.go (1.24); routers/api/v1/shared/action.go, jobs by several states (1.25)',
  },
  {
    feature: ForgeFeature.SCOPED_WORKFLOWS,
    since: '1.27',
    source: 'go-gitea/gitea modules/setting/actions.go of 1.27.3: SCOPED_WORKFLOW_DIRS; not in 1.26.0',
  },
  {
    feature: ForgeFeature.RERUN_LIMIT,
    since: '1.27',
    source: 'go-gitea/gitea modules/setting/actions.go of 1.27.3: MAX_RERUN_ATTEMPTS; not in 1.26.0',
  },
  { feature: ForgeFeature.CLEAR_WAIT_REASON, since: '1.26', source: 'go-gitea/gitea#35722' },
]);

/** Published vulnerabilities, from the project's releases. */
const ADVISORIES: ForgeAdvisory[] = frozen([
  {
    id: 'CVE-2026-112887, CVE-2026-117685',
    fixedIn: '28.3.0',
    effect: 'see the advisories of Gitea 28.3.0',
    isSevere: false,
  },
  {
    id: 'CVE-2026-104626',
    fixedIn: '1.27.4',
    effect: 'a pull request of a fork starts workflows without approval',
    isSevere: false,
  },
  { id: 'CVE-2026-60004', fixedIn: '1.27.1', effect: 'a user executes code on the server', isSevere: true },
]);

/** The model of workflow files of the server and of the runner. */
const NO_SUCH_KEY =
  'gitea.com/gitea/act v0.261.10 and gitea.com/gitea/runner v1.0.8, act/model/workflow.go: no such key';

/** Facts about workflow files, by version. */
const ACTIONS: ActionsFacts = frozen({
  actionDirectory: '.gitea/actions',
  scopedWorkflowDirectory: '.gitea/scoped_workflows',
  // docs.gitea.com/usage/actions/scoped-workflows, limitations; modules/actions/scoped_workflows.go of 1.27.3.
  unscopedEvents: ['schedule', 'workflow_run'],
  defaultActionsUrl: 'https://github.com',
  absoluteUses: true,
  cronAliases: true,
  jobLimit: 256,
  fileLimit: WORKFLOW_FILE_LIMIT,
  // Runner 3.0 patches upload-artifact from v4.4.0 and download-artifact from v4.1.8 on (README of the runner: patch_actions). That
  // upload-artifact v7 and download-artifact v8 work with it is not verified.
  artifactsSinceRunner: '3.0',
  // gitea.com/gitea/act pkg/runner/action.go: runActionImpl executes `node` in the container of the job.
  nodeFromImage: true,
  // gitea.com/gitea/runner v1.0.8 act/model/action.go: ActionRunsUsingNode24; gitea.com/gitea/act v0.261.8 has it too, but which
  // runners between 0.2.12 (of June 2025, before node24 existed) and 1.0 were built with it cannot be verified.
  node24SinceRunner: '1.0',
  withoutNode24Runner: '0.2.12',
  computedMatrix: false,
  needsInNames: false,
  sharedJobGroups: {
    lostIn: ['1.26.0'],
    source: 'measured with 1.26.0: no run, and the log has "InsertRun: run has changed"; services/actions/run.go',
  },
  secretsInCalls: true,
  // From modules/actions/github.go and modules/webhook/type.go. `status` is a webhook type only: it starts no workflow.
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
    'workflow_run',
  ],
  permissionScopes: ['actions', 'contents', 'issues', 'packages', 'projects', 'pull-requests', 'releases', 'wiki'],
  keys: [
    { key: 'steps.background', source: NO_SUCH_KEY },
    { key: 'steps.parallel', source: NO_SUCH_KEY },
    { key: 'concurrency.queue', source: NO_SUCH_KEY },
    { key: 'jobs.services.command', source: NO_SUCH_KEY },
    { key: 'uses.self', source: NO_SUCH_KEY },
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
    // The server hands the key on; the runner enforces it.
    {
      key: 'jobs.timeout-minutes',
      since: '1.27',
      sinceRunner: '2.0',
      source:
        'modules/actions/jobparser/model.go of 1.26.0 and 1.27.3; act of runner 1.0.8 ignores it. A runner that is not known counts as newer than 2.0 beside a server from 1.27 on',
    },
    {
      key: 'jobs.continue-on-error',
      since: '1.27',
      source:
        'go-gitea/gitea#38100: models/actions/run_job.go and services/actions/job_emitter.go of 1.27.3, not of 1.26.0',
    },
    { key: 'on.schedule.timezone', source: COMPARISON },
    { key: 'on.schedule.utc', since: '1.23', source: 'go-gitea/gitea#31742' },
    { key: 'jobs.environment', source: COMPARISON },
    { key: 'jobs.snapshot', source: NO_SUCH_KEY },
    {
      key: 'jobs.runs-on.group',
      source: 'gitea.com/gitea/act v0.261.10 pkg/model/workflow.go RunsOn: a group is one more label',
    },
    {
      key: 'jobs.cancel-timeout-minutes',
      source: 'modules/actions/jobparser/model.go: jobs are written anew without it',
    },
  ],
});

/** Token scopes by resource, from models/auth/access_token_scope.go. Gitea has no scope for deletion only. */
const TOKEN_SCOPES: Record<TokenResource, string> = {
  [TokenResource.PACKAGES]: 'package',
  [TokenResource.REPOSITORY]: 'repository',
  [TokenResource.COMMIT_STATUS]: 'repository',
  [TokenResource.REPOSITORY_RUNNERS]: 'repository',
  [TokenResource.ORGANIZATION_RUNNERS]: 'organization',
  [TokenResource.USER_RUNNERS]: 'user',
  [TokenResource.INSTANCE_RUNNERS]: 'admin',
};

/**
 * Gitea, with its facts by version.
 *
 * @see https://docs.gitea.com
 */
export class GiteaProduct extends ForgeProduct {
  /** Short name in lower case: `gitea`. */
  readonly name: string = 'gitea';

  /** Display name: `Gitea`. */
  readonly title: string = 'Gitea';

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

  /**
   * Returns a warning about a version that is probably a mistake: after 1.27 comes 28.
   *
   * @param version version of the server
   */
  versionWarning(version: string): string | undefined {
    const [major, minor] = version.split('.').map(Number);
    return this.name === 'gitea' && major === 1 && minor > 27
      ? `Gitea has no known version ${version}: after 1.27 comes 28.0. Set the output of \`GET /api/v1/version\``
      : undefined;
  }

  /** Directories with workflow files: the default of `[actions] WORKFLOW_DIRS`. */
  get workflowDirectories(): string[] {
    return ['.gitea/workflows', '.github/workflows'];
  }

  /** Name of the runner binary: `gitea`. */
  get runnerProgram(): string {
    return 'gitea';
  }

  /** Prefixes that the name of an Actions secret must not have, from services/secrets/validation.go. */
  get reservedSecretPrefixes(): string[] {
    return ['GITEA_', 'GITHUB_'];
  }

  /** Names that an Actions secret must not have, from services/secrets/validation.go. */
  get reservedSecretNames(): string[] {
    return ['CI'];
  }

  /** Prefix of the environment variables for the server's settings: `GITEA`. */
  get settingsPrefix(): string | undefined {
    return 'GITEA';
  }

  /** Type of Flux's notification provider that sets commit statuses: `gitea`. */
  get fluxProvider(): string | undefined {
    return 'gitea';
  }

  /** Type of Flux's notification provider that comments in pull requests: `giteapullrequestcomment`. */
  get fluxCommentProvider(): string | undefined {
    return 'giteapullrequestcomment';
  }

  /** Text by which the API's answer shows a successful run. */
  get successfulRun(): string | undefined {
    return '"conclusion":"success"';
  }

  /** Texts by which the API's answer shows a runner that is online. */
  get onlineRunner(): string[] {
    return ['"status":"online"'];
  }

  /** Returns the scope that an API token needs, for example `write:package`. */
  tokenScope(resource: TokenResource, access: TokenAccess): string {
    return `${access === TokenAccess.READ ? 'read' : 'write'}:${TOKEN_SCOPES[resource]}`;
  }

  /** Returns the page on which a user creates API tokens. */
  tokenPage(url: string): string {
    return `${url}/user/settings/applications`;
  }

  /** Returns the page on which a user creates an organization, a repository or a team. */
  creationPage(url: string, what: ForgeCreation, owner: string = ''): string | undefined {
    const pages = { organization: 'org/create', repository: 'repo/create', team: `org/${owner}/teams/new` };
    return `${url}/${pages[what]}`;
  }

  /** Returns the page that lists the Actions secrets of a part of the forge. */
  secretsPage(url: string, scope: ScopeTarget): string {
    return `${url}/${settingsPath(scope)}/actions/secrets`;
  }

  /** Returns the page that lists the runners of a part of the forge, and shows the registration token. */
  runnersPage(url: string, scope: ScopeTarget): string {
    return `${url}/${settingsPath(scope)}/actions/runners`;
  }

  /** Returns the URL of an API call. */
  apiUrl(url: string, path: string): string {
    return `${url}/api/v1/${path}`;
  }

  /** Returns the first part of the API path. For a user, the path refers to the user who sends the request. */
  apiPath({ kind, target }: ScopeTarget): string {
    switch (kind) {
      case ForgeScopeKind.ORGANIZATION:
        return `orgs/${target}`;
      case ForgeScopeKind.USER:
        return 'user';
      case ForgeScopeKind.REPOSITORY:
        return `repos/${target}`;
      default:
        return 'admin';
    }
  }
}

function settingsPath({ kind, target }: ScopeTarget): string {
  switch (kind) {
    case ForgeScopeKind.ORGANIZATION:
      return `org/${target}/settings`;
    case ForgeScopeKind.USER:
      return 'user/settings';
    case ForgeScopeKind.REPOSITORY:
      return `${target}/settings`;
    default:
      return '-/admin';
  }
}
