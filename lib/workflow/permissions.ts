/** What a job's token may do with one kind of thing. */
export enum Access {
  /** Nothing. */
  NONE = 'none',
  /** Look at it. */
  READ = 'read',
  /** Look at it and change it. */
  WRITE = 'write',
}

/**
 * What the token of a job may do. What is not named, it may not do.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
 * @see https://docs.gitea.com/usage/actions/token-permissions
 */
export interface Permissions {
  /**
   * Actions: runs, artifacts.
   * @default Access.NONE
   */
  readonly actions?: Access;
  /**
   * Provenance of artifacts. GitHub only.
   * @default Access.NONE
   */
  readonly attestations?: Access;
  /**
   * Check runs. GitHub only.
   * @default Access.NONE
   */
  readonly checks?: Access;
  /**
   * Commits, branches, tags; on GitHub releases too.
   * @default Access.NONE
   */
  readonly contents?: Access;
  /**
   * Deployments. GitHub only.
   * @default Access.NONE
   */
  readonly deployments?: Access;
  /**
   * Discussions. GitHub only.
   * @default Access.NONE
   */
  readonly discussions?: Access;
  /**
   * A token of OpenID Connect: `WRITE` or `NONE`. GitHub only.
   * @default Access.NONE
   */
  readonly idToken?: Access;
  /**
   * Issues and their comments.
   * @default Access.NONE
   */
  readonly issues?: Access;
  /**
   * Packages, container images among them.
   * @default Access.NONE
   */
  readonly packages?: Access;
  /**
   * Pages. GitHub only.
   * @default Access.NONE
   */
  readonly pages?: Access;
  /**
   * Projects. Gitea only, in this form.
   * @default Access.NONE
   */
  readonly projects?: Access;
  /**
   * Pull requests.
   * @default Access.NONE
   */
  readonly pullRequests?: Access;
  /**
   * Releases. Gitea only; GitHub counts them as contents.
   * @default Access.NONE
   */
  readonly releases?: Access;
  /**
   * Findings of code scanning. GitHub only.
   * @default Access.NONE
   */
  readonly securityEvents?: Access;
  /**
   * Statuses of commits. GitHub only.
   * @default Access.NONE
   */
  readonly statuses?: Access;
  /**
   * The wiki. Gitea only.
   * @default Access.NONE
   */
  readonly wiki?: Access;
}

/** How each member is written. */
const SCOPES: Record<keyof Permissions, string> = {
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
};

/**
 * Permissions as a map of the workflow file, in a fixed order.
 *
 * @jsii ignore
 */
export function permissionScopes(permissions: Permissions): Record<string, string> {
  const keys = (Object.keys(SCOPES) as (keyof Permissions)[]).filter((key) => permissions[key] !== undefined);
  return Object.fromEntries(keys.map((key) => [SCOPES[key], permissions[key]!]));
}
