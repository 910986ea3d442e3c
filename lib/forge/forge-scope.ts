import { IForge } from './i-forge';
import { ForgeScopeKind, ScopeTarget } from './product/scope-target';
import { TokenAccess, TokenResource } from './product/token-scope';
import { Repository } from './repository';
import { ForgeError, quoted } from '../support';

/** Resource that a token needs to manage the runners of a scope. */
const RUNNERS: Record<ForgeScopeKind, TokenResource> = {
  [ForgeScopeKind.INSTANCE]: TokenResource.INSTANCE_RUNNERS,
  [ForgeScopeKind.ORGANIZATION]: TokenResource.ORGANIZATION_RUNNERS,
  [ForgeScopeKind.USER]: TokenResource.USER_RUNNERS,
  [ForgeScopeKind.REPOSITORY]: TokenResource.REPOSITORY_RUNNERS,
};

/**
 * A part of a forge that has its own runners, secrets and settings: the whole server, an organization, a user or a
 * repository.
 *
 * @example
 *
 * gitea.organization('homelab');
 */
export class ForgeScope {
  /** Returns the scope of the whole server. */
  static instance(forge: IForge): ForgeScope {
    return new ForgeScope(forge, ForgeScopeKind.INSTANCE);
  }

  /**
   * Returns the scope of an organization.
   *
   * @throws FORGE-FRG-014 if the name is not one
   */
  static organization(forge: IForge, name: string): ForgeScope {
    return new ForgeScope(forge, ForgeScopeKind.ORGANIZATION, checkedOwner(name));
  }

  /**
   * Returns the scope of a user.
   *
   * @throws FORGE-FRG-014 if the name is not one
   */
  static user(forge: IForge, name: string): ForgeScope {
    return new ForgeScope(forge, ForgeScopeKind.USER, checkedOwner(name));
  }

  /** Returns the scope of one repository. */
  static repository(repository: Repository): ForgeScope {
    return new ForgeScope(repository.forge, ForgeScopeKind.REPOSITORY, repository.fullName);
  }

  private constructor(
    /** The forge that the scope is a part of. */
    readonly forge: IForge,
    /** Level of the scope. */
    readonly kind: ForgeScopeKind,
    /** Name of the organization or user, or `owner/name` of the repository; undefined for the whole server. */
    readonly target?: string,
  ) {}

  /** Scope in words, for example `organization homelab`. */
  get description(): string {
    return this.target === undefined ? this.kind : `${this.kind} ${this.target}`;
  }

  /** Page that lists the runners of the scope. */
  get runnersPage(): string {
    return this.forge.product.runnersPage(this.forge.url, this.place);
  }

  /** Page that lists the Actions secrets of the scope. */
  get secretsPage(): string {
    return this.forge.product.secretsPage(this.forge.url, this.place);
  }

  /** First part of the API path for the scope, for example `orgs/homelab`. */
  get apiPath(): string {
    return this.forge.product.apiPath(this.place);
  }

  /**
   * Returns the token scope that manages the runners of this scope, for example `write:organization`.
   *
   * @param access kind of access
   */
  tokenScope(access: TokenAccess): string {
    return this.forge.product.tokenScope(RUNNERS[this.kind], access);
  }

  /**
   * Returns whether the scope includes a repository. Forges compare names case-insensitively.
   *
   * @param repository the repository
   */
  isScopeOf(repository: Repository): boolean {
    if (!this.forge.isSameAs(repository.forge)) {
      return false;
    }
    const target = this.target?.toLowerCase();
    switch (this.kind) {
      case ForgeScopeKind.INSTANCE:
        return true;
      case ForgeScopeKind.REPOSITORY:
        return repository.fullName.toLowerCase() === target;
      default:
        return repository.owner.toLowerCase() === target;
    }
  }

  private get place(): ScopeTarget {
    return { kind: this.kind, target: this.target };
  }
}

function checkedOwner(name: string): string {
  if (typeof name === 'string' && /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-FRG-014',
    message: `${quoted(name)} is not the name of an organization or user`,
    allowed: 'letters, digits, ".", "_" and "-", first and last a letter or digit',
    fix: "set the name only; for one repository use forge.repository('owner/name')",
  });
}
