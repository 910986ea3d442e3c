import { command, frozen } from '../../support';
import { ActionsFacts, WORKFLOW_FILE_LIMIT } from './actions-facts';
import { FeatureFact, ForgeFeature } from './feature';
import { ForgeCreation, ForgeProduct, noSuchScope } from './product';
import { ForgeScopeKind, ScopeTarget } from './scope-target';
import { TokenAccess, TokenResource } from './token-scope';

const DOCS = 'https://docs.github.com/en';

/** Features of the server, by version of an Enterprise Server. */
const FEATURES: FeatureFact[] = frozen([
  {
    feature: ForgeFeature.JOB_TOKEN_PUSHES,
    since: '*',
    source: `${DOCS}/packages/managing-github-packages-using-github-actions-workflows`,
  },
  {
    feature: ForgeFeature.IMAGE_ATTESTATIONS,
    since: '*',
    source: 'https://docs.docker.com/build/ci/github-actions/attestations/',
  },
  { feature: ForgeFeature.BUILD_CACHE, since: '*', source: 'https://docs.docker.com/build/cache/backends/gha/' },
  { feature: ForgeFeature.RUNS_API, since: '*', source: `${DOCS}/rest/actions/workflow-runs` },
  { feature: ForgeFeature.RUNNERS_API, since: '*', source: `${DOCS}/rest/actions/self-hosted-runners` },
  {
    feature: ForgeFeature.HOSTED_RUNNERS,
    since: '*',
    source: `${DOCS}/actions/concepts/runners/github-hosted-runners`,
  },
  {
    feature: ForgeFeature.EPHEMERAL_RUNNERS,
    since: '3.10',
    source: `${DOCS}/enterprise-server@3.10/rest/actions/self-hosted-runners (just-in-time configuration)`,
  },
  { feature: ForgeFeature.CLEAR_WAIT_REASON, since: '*', source: `${DOCS}/actions` },
  { feature: ForgeFeature.CODE_SCANNING, since: '*', source: `${DOCS}/code-security/code-scanning` },
]);

/** Facts about workflow files. */
const ACTIONS: ActionsFacts = frozen({
  actionDirectory: '.github/actions',
  defaultActionsUrl: 'https://github.com',
  absoluteUses: false,
  cronAliases: false,
  caseFunction: true,
  typedCalls: true,
  // actions/languageservices workflow-parser/src/templates/template-reader.ts compares keys in upper case.
  keysIgnoreCase: true,
  // actions/checkout README: minimum version of the runner for v5 and later.
  node24SinceRunner: '2.327.1',
  // actions/runner src/Runner.Common/Constants.cs names the day; the runner then has node24 only.
  node20RemovedOn: '2026-09-16',
  // Enforced from 2026-09-25 on, with releases to be installed within 30 days (GitHub's changelog; read at secondary sources).
  oldestRunner: '2.329.0',
  fileLimit: WORKFLOW_FILE_LIMIT,
  rewritesJobs: false,
  computedMatrix: true,
  permissionScopes: [
    'actions',
    'artifact-metadata',
    'attestations',
    'checks',
    'code-quality',
    'contents',
    'copilot-requests',
    'deployments',
    'discussions',
    'drives',
    'id-token',
    'issues',
    'models',
    'packages',
    'pages',
    'pull-requests',
    'repository-projects',
    'security-events',
    'statuses',
    'vulnerability-alerts',
  ],
  // `snapshot` of a job is for larger runners that GitHub operates; whether a server knows the key is not documented.
  keys: [],
});

/**
 * Token scopes by resource. Packages need a classic token with the given scope. The other resources need a fine-grained
 * token with the given permission.
 */
const TOKEN_SCOPES: Record<TokenResource, string> = {
  [TokenResource.PACKAGES]: 'packages',
  [TokenResource.REPOSITORY]: 'contents',
  [TokenResource.COMMIT_STATUS]: 'statuses',
  [TokenResource.REPOSITORY_RUNNERS]: 'administration',
  [TokenResource.ORGANIZATION_RUNNERS]: 'organization_self_hosted_runners',
  [TokenResource.USER_RUNNERS]: 'administration',
  [TokenResource.INSTANCE_RUNNERS]: 'manage_runners:enterprise',
};

/**
 * GitHub, with its facts: github.com, or an Enterprise Server.
 *
 * @see https://docs.github.com/en/actions
 */
export class GitHubProduct extends ForgeProduct {
  /** Short name in lower case: `github`. */
  readonly name: string = 'github';

  /** Display name: `GitHub`. */
  readonly title: string = 'GitHub';

  /** Facts about workflow files. */
  get actions(): ActionsFacts {
    return ACTIONS;
  }

  /** Returns the OIDC issuer of the identities of workflow runs: github.com has one, an Enterprise Server is not trusted. */
  oidcIssuer(url: string): string | undefined {
    return url === 'https://github.com' ? 'https://token.actions.githubusercontent.com' : undefined;
  }

  /** Features of the server. */
  get features(): FeatureFact[] {
    return [...FEATURES];
  }

  /** Directory with workflow files. */
  get workflowDirectories(): string[] {
    return ['.github/workflows'];
  }

  /** Name of the runner binary: `github`. */
  get runnerProgram(): string {
    return 'github';
  }

  /** Prefixes that the name of an Actions secret must not have. */
  get reservedSecretPrefixes(): string[] {
    return ['GITHUB_'];
  }

  /** Type of Flux's notification provider that sets commit statuses: `github`. */
  get fluxProvider(): string | undefined {
    return 'github';
  }

  /** Type of Flux's notification provider that comments in pull requests: `githubpullrequestcomment`. */
  get fluxCommentProvider(): string | undefined {
    return 'githubpullrequestcomment';
  }

  /** Type of Flux's notification provider that sends `repository_dispatch`: `githubdispatch`. */
  get fluxDispatchProvider(): string | undefined {
    return 'githubdispatch';
  }

  /**
   * Returns the scope that an API token needs: `write:packages` of a classic token, `contents: write` of a fine-grained
   * token.
   */
  tokenScope(resource: TokenResource, access: TokenAccess): string {
    const name = TOKEN_SCOPES[resource];
    if (resource === TokenResource.PACKAGES) {
      return `${access}:${name}`;
    }
    return name.includes(':') ? name : `${name}: ${access === TokenAccess.READ ? 'read' : 'write'}`;
  }

  /** Returns the page on which a user creates API tokens. */
  tokenPage(url: string): string {
    return `${url}/settings/tokens`;
  }

  /** Returns the page on which a user creates an organization, a repository or a team. */
  creationPage(url: string, what: ForgeCreation, owner: string = ''): string | undefined {
    const pages = { organization: 'account/organizations/new', repository: 'new', team: `orgs/${owner}/new-team` };
    return `${url}/${pages[what]}`;
  }

  /**
   * Returns the page that lists the Actions secrets of a part of the forge.
   *
   * @throws FORGE-FRG-013 for a user and for the whole server
   */
  secretsPage(url: string, scope: ScopeTarget): string {
    return `${url}/${this.settingsPath(scope)}/secrets/actions`;
  }

  /**
   * Returns the page that lists the runners of a part of the forge.
   *
   * @throws FORGE-FRG-013 for a user and for the whole server
   */
  runnersPage(url: string, scope: ScopeTarget): string {
    return `${url}/${this.settingsPath(scope)}/actions/runners`;
  }

  /**
   * Returns the URL of an API call. On github.com and ghe.com, the API has a separate host. On an Enterprise Server, the
   * API is below the server's URL.
   *
   * @see https://docs.github.com/en/enterprise-server@3.14/rest/overview/resources-in-the-rest-api
   */
  apiUrl(url: string, path: string): string {
    const { protocol, host, hostname } = new URL(url);
    const isCloud = hostname === 'github.com' || hostname.endsWith('.ghe.com');
    return `${isCloud ? `${protocol}//api.${host}` : `${url}/api/v3`}/${path}`;
  }

  /**
   * Returns the first part of the API path for a part of the forge.
   *
   * @throws FORGE-FRG-013 for a user and for the whole server
   */
  apiPath(scope: ScopeTarget): string {
    switch (scope.kind) {
      case ForgeScopeKind.ORGANIZATION:
        return `orgs/${scope.target}`;
      case ForgeScopeKind.REPOSITORY:
        return `repos/${scope.target}`;
      default:
        throw noSuchScope(this, scope);
    }
  }

  /** Text by which the command's output shows a successful run. */
  get successfulRun(): string | undefined {
    return 'success';
  }

  /** Returns a command that lists the newest runs, with GitHub's own command-line tool. */
  runsCommand(url: string, fullName: string): string | undefined {
    return command`gh run list --repo ${`${new URL(url).host}/${fullName}`} --limit 5`.text;
  }

  private settingsPath(scope: ScopeTarget): string {
    switch (scope.kind) {
      case ForgeScopeKind.ORGANIZATION:
        return `organizations/${scope.target}/settings`;
      case ForgeScopeKind.REPOSITORY:
        return `${scope.target}/settings`;
      default:
        throw noSuchScope(this, scope);
    }
  }
}
