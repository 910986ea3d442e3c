import { Forge, Repository } from '../forge';
import { ForgeError, quoted } from '../support';

/**
 * Whose jobs a runner takes. It is decided by the registration token: a token of this scope must be in the Secret.
 *
 * An instance token works: the runner then takes jobs of every repository. Where jobs of such a runner stay waiting, the token came
 * from the settings of a *user*, or a label is missing; docs/runner.md has the whole tree.
 *
 * @see https://docs.gitea.com/usage/actions/act-runner#obtain-a-registration-token
 *
 * @example
 *
 * RunnerScope.organization('homelab');
 */
export class RunnerScope {
  /** Jobs of every repository of the forge. Its token is on the page `/-/admin/actions/runners`, not in anybody's own settings. */
  static instance(): RunnerScope {
    return new RunnerScope('instance');
  }

  /**
   * Jobs of an organization's repositories.
   *
   * @throws FORGE-RUN-003 if it is not the name of one
   */
  static organization(name: string): RunnerScope {
    return new RunnerScope('organization', checkedOwner(name));
  }

  /**
   * Jobs of a user's own repositories.
   *
   * @throws FORGE-RUN-003 if it is not the name of one
   */
  static user(name: string): RunnerScope {
    return new RunnerScope('user', checkedOwner(name));
  }

  /** Jobs of one repository. */
  static repository(repository: Repository): RunnerScope {
    return new RunnerScope('repository', repository.fullName, repository.forge);
  }

  private constructor(
    /** `instance`, `organization`, `user` or `repository`. */
    readonly kind: string,
    /** The name of the organization or user, or the repository's `owner/name`; undefined for the instance. */
    readonly target?: string,
    /** @internal */
    readonly _forge?: Forge,
  ) {}

  /** The scope in words: `instance`, `organization homelab`. */
  get description(): string {
    return this.target === undefined ? this.kind : `${this.kind} ${this.target}`;
  }

  /** Whether a job of this repository may land on the runner. Forges do not tell upper from lower case in names. */
  covers(repository: Repository): boolean {
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
   * The part of the API's path that stands for this scope; a user's own is that of whoever asks.
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
   * What an API token must be allowed to do in this scope, e.g. `read:admin`.
   *
   * @internal
   */
  _tokenScope(access: 'read' | 'write'): string {
    return `${access}:${this.kind === 'instance' ? 'admin' : this.kind}`;
  }

  /**
   * The page on which a person finds runners and the registration token.
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
