/** The resources of a forge that an API token can give access to. */
export enum TokenResource {
  /** Packages, including container images. */
  PACKAGES = 'packages',
  /** Content of repositories. */
  REPOSITORY = 'repository',
  /** Commit statuses of repositories. */
  COMMIT_STATUS = 'commit-status',
  /** Runners and settings of a repository. */
  REPOSITORY_RUNNERS = 'repository-runners',
  /** Runners and settings of an organization. */
  ORGANIZATION_RUNNERS = 'organization-runners',
  /** Runners and settings of the token's own user. */
  USER_RUNNERS = 'user-runners',
  /** Runners and settings of the whole server. */
  INSTANCE_RUNNERS = 'instance-runners',
}

/** The kinds of access that an API token can give. */
export enum TokenAccess {
  /** Read access. */
  READ = 'read',
  /** Read and write access. */
  WRITE = 'write',
  /** Write access, including deletion. */
  DELETE = 'delete',
}
