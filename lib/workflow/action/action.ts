import { Dialect } from '../../forge';
import { ForgeError, quoted } from '../../support';
import { isUnknownAction, NODE_ACTIONS } from './known';

/** Which version of an action. */
export interface ActionVersion {
  /** The tag or branch, e.g. `v4.2.2`. With `sha`: the version that the comment names. */
  readonly ref: string;

  /**
   * The commit, 40 hexadecimal digits: what cannot be moved under you. The `ref` is kept as a comment, in the form that Renovate and
   * Dependabot update.
   *
   * @default - not pinned; reported as a warning for an action that is not your own
   */
  readonly sha?: string;

  /**
   * The folder of the action inside its repository.
   *
   * @default - the root
   */
  readonly path?: string;
}

type ActionKind = 'repository' | 'url' | 'local' | 'docker';

/**
 * What a step uses.
 *
 * @example
 *
 * const checkout = Action.repository('actions', 'checkout', { ref: 'v4.2.2', sha: '11bd71901bbe5b1630ceea73d27597364c9af683' });
 */
export class Action {
  /**
   * An action in a repository `owner/name`. Where it is fetched from is the forge's choice: GitHub, unless its `DEFAULT_ACTIONS_URL` says otherwise.
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
   * An action by the absolute URL of its repository, e.g. `https://gitea.com/actions/checkout`. Gitea and Forgejo only.
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
   * An action in the repository itself; it must be checked out first.
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
   * An image that is run as the step.
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

  /** As it stands after `uses:`. */
  get uses(): string {
    const { ref, sha } = this.version;
    return ref === undefined ? this.base : `${this.base}@${sha ?? ref}`;
  }

  /**
   * What stands behind it as a comment, if anything.
   *
   * @internal
   */
  get _comment(): string | undefined {
    return this.version.sha === undefined ? undefined : this.version.ref;
  }

  /**
   * Whether someone else can change what it runs.
   *
   * @internal
   */
  get _movable(): boolean {
    return (this.kind === 'repository' || this.kind === 'url') && this.version.sha === undefined;
  }

  /**
   * What it is written in, where that is known.
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
   * Whether its owner is known to have no action of that name.
   *
   * @internal
   */
  get _unknown(): boolean {
    const [owner, name] = this.base.split('/');
    return this.kind === 'repository' && isUnknownAction(owner, name) === true;
  }

  /**
   * Whether it is fetched without encryption.
   *
   * @internal
   */
  get _plain(): boolean {
    return this.base.startsWith('http:');
  }

  /**
   * What must be reachable to fetch it, if that is outside the repository.
   *
   * @internal
   */
  _origin(dialect: Dialect): string | undefined {
    if (this.kind === 'local') {
      return undefined;
    }
    if (this.kind === 'repository') {
      return `${dialect.defaultActionsUrl}/${this.base.split('/').slice(0, 2).join('/')}`;
    }
    return this.base;
  }

  /**
   * Throws if the forge does not take this form.
   *
   * @internal
   */
  _checkFor(dialect: Dialect): void {
    if (this.kind === 'url' && !dialect.facts.absoluteUses) {
      throw bad(this.uses, `${dialect.name} takes no absolute URL`, 'use Action.repository(owner, name, …)');
    }
  }

  /**
   * Whether it is `owner/name`, wherever it is fetched from.
   *
   * @internal
   */
  _is(fullName: string): boolean {
    return this.base === fullName || this.base.endsWith(`/${fullName}`);
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
