import { Dialect } from '../../forge';
import { ForgeError, quoted } from '../../support';
import { isUnknownAction, NODE_ACTIONS, runsOnNode24 } from './known';

/** A reference that selects the version of an action. */
export interface ActionVersion {
  /** The tag or branch, for example `v4.2.2`. With `sha`, the version that the comment names. */
  readonly ref: string;

  /**
   * The commit, as 40 hexadecimal digits, which cannot be moved. The `ref` is kept as a comment, in the format that
   * Renovate and Dependabot update.
   *
   * @default - not pinned; reported as a warning for an action that is not your own
   */
  readonly sha?: string;

  /**
   * Directory of the action inside its repository.
   *
   * @default - the root
   */
  readonly path?: string;
}

type ActionKind = 'repository' | 'url' | 'local' | 'self' | 'composite' | 'docker';

/**
 * An action or image that a step uses.
 *
 * @example
 *
 * const checkout = Action.repository('actions', 'checkout', { ref: 'v4.2.2', sha: '11bd71901bbe5b1630ceea73d27597364c9af683' });
 */
export class Action {
  /**
   * Creates an action from a repository `owner/name`. The forge chooses the server: GitHub, unless its
   * `DEFAULT_ACTIONS_URL` sets another server.
   *
   * @throws FORGE-WF-030 for a bad owner, name, ref or commit
   */
  static repository(owner: string, name: string, version: ActionVersion): Action {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(owner) || !/^[A-Za-z0-9._-]+$/.test(name)) {
      throw bad(
        `${owner}/${name}`,
        'that is no owner and name',
        "write Action.repository('actions', 'checkout', { ref: 'v4.2.2' })",
      );
    }
    return Action.versioned('repository', `${owner}/${name}`, version);
  }

  /**
   * Creates an action from the absolute URL of its repository, for example `https://gitea.com/actions/checkout`. Gitea
   * and Forgejo only.
   *
   * @throws FORGE-WF-030 for a URL that is not http or https, or that holds credentials
   */
  static url(url: string, version: ActionVersion): Action {
    if (!/^https?:\/\/[A-Za-z0-9.-]+(?::\d+)?(?:\/[A-Za-z0-9._-]+){2,}$/.test(url)) {
      throw bad(
        url,
        'that is no URL of a repository',
        'write https://host/owner/name, without credentials and without a ref',
      );
    }
    return Action.versioned('url', url, version);
  }

  /**
   * Creates an action from the same repository. The repository must be checked out first.
   *
   * @param path from the root of the repository, e.g. `./.gitea/actions/greet`
   * @throws FORGE-WF-030
   */
  static local(path: string): Action {
    if (!/^\.(?:\/[A-Za-z0-9._-]+)+$/.test(path) || path.split('/').includes('..')) {
      throw bad(path, 'that is no path of the repository', 'write ./folder/of/the/action; it takes no ref');
    }
    return new Action('local', path, {});
  }

  /**
   * Creates an action from the same repository, at the commit of the workflow. On GitHub, the repository need not be checked
   * out. Elsewhere, the action is the same as `Action.local`: the repository must be checked out first.
   *
   * @param path from the root of the repository, e.g. `./.github/actions/greet`
   * @throws FORGE-WF-030
   */
  static self(path: string): Action {
    return new Action('self', Action.local(path).base, {});
  }

  /**
   * Creates an action that this cdk8s app contains.
   *
   * @internal
   */
  static _composite(path: string): Action {
    return new Action('composite', Action.local(path).base, {});
  }

  /**
   * Creates an action from an image that runs as the step.
   *
   * @throws FORGE-WF-030 for an image without a tag or digest
   */
  static docker(image: string): Action {
    if (!/^[A-Za-z0-9][A-Za-z0-9._:/-]*(?::[\w][\w.-]*|@sha256:[0-9a-f]{64})$/.test(image)) {
      throw bad(image, 'that is no image with a tag or digest', 'write registry/name:tag');
    }
    return new Action('docker', `docker://${image}`, {});
  }

  private static versioned(kind: ActionKind, base: string, version: ActionVersion): Action {
    const { ref, sha, path } = version;
    if (!/^[A-Za-z0-9._][A-Za-z0-9._/-]*$/.test(ref)) {
      throw bad(`${base}@${ref}`, `${quoted(ref)} is no tag or branch`, "name a version, e.g. { ref: 'v4.2.2' }");
    }
    if (sha !== undefined && !/^[0-9a-f]{40}$/.test(sha)) {
      throw bad(`${base}@${sha}`, `${quoted(sha)} is no commit`, 'give all 40 hexadecimal digits, in lower case');
    }
    if (
      path !== undefined &&
      (!/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/.test(path) || path.split('/').includes('..'))
    ) {
      throw bad(`${base}/${path}`, `${quoted(path)} is no folder of a repository`, 'write it without a leading "/"');
    }
    return new Action(kind, path ? `${base}/${path}` : base, version);
  }

  private constructor(
    private readonly kind: ActionKind,
    private readonly base: string,
    private readonly version: Partial<ActionVersion>,
  ) {}

  /** Text after `uses:` in the file. */
  get uses(): string {
    const { ref, sha } = this.version;
    return ref === undefined ? this.base : `${this.base}@${sha ?? ref}`;
  }

  /**
   * Returns the text after `uses:` for a forge.
   *
   * @internal
   */
  _usesAt(dialect: Dialect): string {
    const isSelf = this.kind === 'self' && dialect.ignores('uses.self') === undefined;
    return isSelf ? this.base.replace(/^\./, '$') : this.uses;
  }

  /**
   * Comment after the `uses:` text, if any.
   *
   * @internal
   */
  get _comment(): string | undefined {
    return this.version.sha === undefined ? undefined : this.version.ref;
  }

  /**
   * Tag or branch of the action, or the version that the comment names.
   *
   * @internal
   */
  get _ref(): string | undefined {
    return this.version.ref;
  }

  /**
   * Reports whether the code of the action is in the repository, and was not written by this cdk8s app.
   *
   * @internal
   */
  get _runsRepository(): boolean {
    return this.kind === 'local';
  }

  /**
   * Reports whether another person can change the code that the action runs.
   *
   * @internal
   */
  get _movable(): boolean {
    return (this.kind === 'repository' || this.kind === 'url') && this.version.sha === undefined;
  }

  /**
   * Language or format of the action, if known.
   *
   * @internal
   */
  get _language(): 'node' | 'container' | undefined {
    if (this.kind === 'docker') {
      return 'container';
    }
    return NODE_ACTIONS.some((fullName) => this._is(fullName)) ? 'node' : undefined;
  }

  /**
   * Reports whether the owner is known to have no action with that name.
   *
   * @internal
   */
  get _unknown(): boolean {
    const [owner, name] = this.base.split('/');
    return this.kind === 'repository' && isUnknownAction(owner, name) === true;
  }

  /**
   * Reports whether the action is fetched without encryption.
   *
   * @internal
   */
  get _plain(): boolean {
    return this.base.startsWith('http:');
  }

  /**
   * Returns the address that must be reachable to fetch the action, if the address is outside the repository.
   *
   * @internal
   */
  _origin(dialect: Dialect): string | undefined {
    if (this.kind === 'local' || this.kind === 'self' || this.kind === 'composite') {
      return undefined;
    }
    if (this.kind === 'repository') {
      return `${dialect.defaultActionsUrl}/${this.base.split('/').slice(0, 2).join('/')}`;
    }
    return this.base;
  }

  /**
   * Throws an error if the forge does not support this form of action.
   *
   * @internal
   */
  _checkFor(dialect: Dialect): void {
    if (this.kind === 'url' && !dialect.facts.absoluteUses) {
      throw bad(this.uses, `${dialect.name} takes no absolute URL`, 'use Action.repository(owner, name, …)');
    }
  }

  /**
   * Returns whether the action is `owner/name`, regardless of case and of the server that the action is fetched from.
   *
   * @internal
   */
  _is(fullName: string): boolean {
    return `/${this._fullName}`.endsWith(`/${fullName.toLowerCase()}`);
  }

  /**
   * Reports whether the action uses the artifact protocol of its version 4.
   *
   * @internal
   */
  get _needsNewArtifacts(): boolean {
    const isArtifact = this._is('actions/upload-artifact') || this._is('actions/download-artifact');
    return isArtifact && !/^v?[0-3](?:\.|$)/.test(this.version.ref ?? '');
  }

  /**
   * Reports whether the action runs on node24; undefined if that is not known.
   *
   * @internal
   */
  get _runsOnNode24(): boolean | undefined {
    const repository = this._fullName?.split('/').slice(0, 2).join('/');
    return repository === undefined ? undefined : runsOnNode24(repository, this.version.ref);
  }

  /**
   * Owner, name and directory of the action in lower case, without the server; undefined for an action that has none.
   *
   * @internal
   */
  get _fullName(): string | undefined {
    if (this.kind !== 'repository' && this.kind !== 'url') {
      return undefined;
    }
    return this.base.replace(/^https?:\/\/[^/]+\//, '').toLowerCase();
  }

  /**
   * Reports whether the action is a composite action of this cdk8s app, whose own steps are checked.
   *
   * @internal
   */
  get _isOwn(): boolean {
    return this.kind === 'composite';
  }
}

function bad(uses: string, why: string, fix: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-WF-030',
    message: `${quoted(uses)} cannot be used by a step: ${why}`,
    fix,
    symptom: 'Expected format {owner}/{repo}[/path]@{ref}',
  });
}
