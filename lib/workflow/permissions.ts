/** A level of access that a job's token has to one kind of resource. */
export enum Access {
  /** No access. */
  NONE = 'none',
  /** Read access. */
  READ = 'read',
  /** Read and write access. */
  WRITE = 'write',
}

/**
 * A set of permissions that the token of a job has. Permissions that are not listed are denied.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
 * @see https://docs.gitea.com/usage/actions/token-permissions
 */
export interface Permissions {
  /**
   * Access to actions: runs and artifacts.
   *
   * @default Access.NONE
   */
  readonly actions?: Access;
  /**
   * Access to provenance of artifacts. GitHub only.
   *
   * @default Access.NONE
   */
  readonly attestations?: Access;
  /**
   * Access to check runs. GitHub only.
   *
   * @default Access.NONE
   */
  readonly checks?: Access;
  /**
   * Access to commits, branches and tags; on GitHub, also to releases.
   *
   * @default Access.NONE
   */
  readonly contents?: Access;
  /**
   * Access to deployments. GitHub only.
   *
   * @default Access.NONE
   */
  readonly deployments?: Access;
  /**
   * Access to discussions. GitHub only.
   *
   * @default Access.NONE
   */
  readonly discussions?: Access;
  /**
   * Access to an OpenID Connect token: `WRITE` or `NONE`. GitHub only.
   *
   * @default Access.NONE
   */
  readonly idToken?: Access;
  /**
   * Access to issues and their comments.
   *
   * @default Access.NONE
   */
  readonly issues?: Access;
  /**
   * Access to packages, including container images.
   *
   * @default Access.NONE
   */
  readonly packages?: Access;
  /**
   * Access to pages. GitHub only.
   *
   * @default Access.NONE
   */
  readonly pages?: Access;
  /**
   * Access to projects. Gitea only, in this form.
   *
   * @default Access.NONE
   */
  readonly projects?: Access;
  /**
   * Access to pull requests.
   *
   * @default Access.NONE
   */
  readonly pullRequests?: Access;
  /**
   * Access to releases. Gitea only; on GitHub, releases belong to contents.
   *
   * @default Access.NONE
   */
  readonly releases?: Access;
  /**
   * Access to code scanning results. GitHub only.
   *
   * @default Access.NONE
   */
  readonly securityEvents?: Access;
  /**
   * Access to commit statuses. GitHub only.
   *
   * @default Access.NONE
   */
  readonly statuses?: Access;
  /**
   * Access to the wiki. Gitea only.
   *
   * @default Access.NONE
   */
  readonly wiki?: Access;
  /**
   * Access to metadata of artifacts. GitHub only.
   *
   * @default Access.NONE
   */
  readonly artifactMetadata?: Access;
  /**
   * Access to code quality results. GitHub only.
   *
   * @default Access.NONE
   */
  readonly codeQuality?: Access;
  /**
   * Access to requests to Copilot: `WRITE` or `NONE`. GitHub only.
   *
   * @default Access.NONE
   */
  readonly copilotRequests?: Access;
  /**
   * Access to drives. GitHub only.
   *
   * @default Access.NONE
   */
  readonly drives?: Access;
  /**
   * Access to AI models: `READ` or `NONE`. GitHub only.
   *
   * @default Access.NONE
   */
  readonly models?: Access;
  /**
   * Access to classic projects of the repository. GitHub only.
   *
   * @default Access.NONE
   */
  readonly repositoryProjects?: Access;
  /**
   * Access to vulnerability alerts: `READ` or `NONE`. GitHub only.
   *
   * @default Access.NONE
   */
  readonly vulnerabilityAlerts?: Access;
  /**
   * Access to scopes that this library does not support yet, by name in the file. The names are not checked.
   *
   * @default - none
   */
  readonly other?: Record<string, Access>;
}

/** Name of each permission in the workflow file. */
const SCOPES: Record<Exclude<keyof Permissions, 'other'>, string> = {
  actions: 'actions',
  attestations: 'attestations',
  checks: 'checks',
  contents: 'contents',
  deployments: 'deployments',
  discussions: 'discussions',
  idToken: 'id-token',
  issues: 'issues',
  packages: 'packages',
  pages: 'pages',
  projects: 'projects',
  pullRequests: 'pull-requests',
  releases: 'releases',
  securityEvents: 'security-events',
  statuses: 'statuses',
  wiki: 'wiki',
  artifactMetadata: 'artifact-metadata',
  codeQuality: 'code-quality',
  copilotRequests: 'copilot-requests',
  drives: 'drives',
  models: 'models',
  repositoryProjects: 'repository-projects',
  vulnerabilityAlerts: 'vulnerability-alerts',
};

/**
 * Returns permissions as a map of the workflow file, in a fixed order.
 *
 * @jsii ignore
 */
export function permissionScopes(permissions: Permissions): Record<string, string> {
  const keys = (Object.keys(SCOPES) as (keyof typeof SCOPES)[]).filter((key) => permissions[key] !== undefined);
  const named = Object.fromEntries(keys.map((key) => [SCOPES[key], permissions[key] as string]));
  return { ...named, ...permissions.other };
}

/**
 * Returns the scopes that both a prop and `other` set. One of the two would be lost.
 *
 * @jsii ignore
 */
export function namedTwice({ other = {}, ...named }: Permissions): string[] {
  const scopes = permissionScopes(named);
  return Object.keys(other).filter((scope) => Object.hasOwn(scopes, scope));
}
