/** The levels of a forge at which runners, secrets and settings exist. */
export enum ForgeScopeKind {
  /** The whole server. */
  INSTANCE = 'instance',
  /** An organization and its repositories. */
  ORGANIZATION = 'organization',
  /** A user and the user's own repositories. */
  USER = 'user',
  /** One repository. */
  REPOSITORY = 'repository',
}

/** A part of a forge that has its own runners, secrets and settings. */
export interface ScopeTarget {
  /** Level of the part. */
  readonly kind: ForgeScopeKind;

  /**
   * Name of the organization or user, or `owner/name` of the repository.
   *
   * @default - none: the whole server
   */
  readonly target?: string;
}
