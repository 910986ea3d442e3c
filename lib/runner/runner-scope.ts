import { IForge, Repository } from '../forge';
import { ForgeError, quoted } from '../support';

/**
 * A scope that decides whose jobs a runner accepts. The registration token sets the scope: the Secret must contain a
 * token of this scope.
 *
 * With an instance token, the runner accepts jobs of every repository. If jobs of such a runner stay waiting, the token
 * is from the settings of a *user*, or a label is missing. docs/runner.md contains the full decision tree.
 *
 * @see https://docs.gitea.com/usage/actions/act-runner#obtain-a-registration-token
 *
 * @example
 *
 * RunnerScope.organization('homelab');
 */
export class RunnerScope {
  /**
   * Creates a scope for the jobs of every repository of the forge. The token is on the page `/-/admin/actions/runners`,
   * not in a user's own settings.
   */
  static instance(): RunnerScope {
    return new RunnerScope('instance');
  }

  /**
   * Creates a scope for the jobs of an organization's repositories.
   *
   * @throws FORGE-RUN-003 if it is not the name of one
   */
  static organization(name: string): RunnerScope {
    return new RunnerScope('organization', checkedOwner(name));
  }

  /**
   * Creates a scope for the jobs of a user's own repositories.
   *
   * @throws FORGE-RUN-003 if it is not the name of one
   */
  static user(name: string): RunnerScope {
    return new RunnerScope('user', checkedOwner(name));
  }

  /** Creates a scope for the jobs of one repository. */
  static repository(repository: Repository): RunnerScope {
    return new RunnerScope('repository', repository.fullName, repository.forge);
  }

  private constructor(
    /** The kind of scope: `instance`, `organization`, `user` or `repository`. */
    readonly kind: string,
    /** The name of the organization or user, or the repository's `owner/name`; undefined for the instance. */
    readonly target?: string,
    /** @internal */
    readonly _forge?: IForge,
  ) {}

  /** The scope as text: `instance`, `organization homelab`. */
  get description(): string {
    return this.target === undefined ? this.kind : `${this.kind} ${this.target}`;
  }

  /** Returns whether a job of this repository can run on the runner. Forges compare names case-insensitively. */
  isScopeOf(repository: Repository): boolean {
    const target = this.target?.toLowerCase();
    switch (this.kind) {
      case 'organization':
      case 'user':
        return repository.owner.toLowerCase() === target;
      case 'repository':
        return repository.fullName.toLowerCase() === target;
      default:
        return true;
    }
  }

  /**
   * The part of the API path for this scope. For a user scope, the path refers to the user who sends the request.
   *
   * @internal
   */
  get _apiPath(): string {
    switch (this.kind) {
      case 'organization':
        return `orgs/${this.target}`;
      case 'user':
        return 'user';
      case 'repository':
        return `repos/${this.target}`;
      default:
        return 'admin';
    }
  }

  /**
   * Returns the scope that an API token needs for this runner scope, for example `read:admin`.
   *
   * @internal
   */
  _tokenScope(access: 'read' | 'write'): string {
    return `${access}:${this.kind === 'instance' ? 'admin' : this.kind}`;
  }

  /**
   * The path of the page that shows the runners and the registration token.
   *
   * @internal
   */
  get _settingsPath(): string {
    switch (this.kind) {
      case 'organization':
        return `org/${this.target}/settings/actions/runners`;
      case 'user':
        return 'user/settings/actions/runners';
      case 'repository':
        return `${this.target}/settings/actions/runners`;
      default:
        return '-/admin/actions/runners';
    }
  }
}

function checkedOwner(name: string): string {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-003',
    message: `${quoted(name)} is not the name of an organization or user`,
    allowed: 'letters, digits, ".", "_" and "-", first and last a letter or digit',
    fix: "give the bare name; for one repository use RunnerScope.repository(forge.repository('owner/name'))",
  });
}
