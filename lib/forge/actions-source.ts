import { ForgeError, quoted } from '../support';

/**
 * A source from which a forge fetches an action that a workflow names as `owner/name`, without a host. The source is
 * the server's `[actions] DEFAULT_ACTIONS_URL`.
 *
 * @see https://docs.gitea.com/administration/config-cheat-sheet#actions-actions
 *
 * @example
 *
 * Forge.gitea({ version: '1.26', url: 'https://git.example.com', actionsSource: ActionsSource.self() });
 */
export class ActionsSource {
  /** Returns github.com as the source. */
  static github(): ActionsSource {
    return new ActionsSource('github', 'https://github.com');
  }

  /**
   * Returns the forge itself as the source. No external server is needed, but every action must be mirrored at the
   * forge.
   */
  static self(): ActionsSource {
    return new ActionsSource('self');
  }

  /**
   * Returns another server as the source. Use this source for Forgejo only: Gitea accepts GitHub or itself, and reads
   * any other address as GitHub.
   *
   * @param url `https://` and a host, perhaps a path
   * @throws FORGE-FRG-011 if it is not a URL
   */
  static url(url: string): ActionsSource {
    if (!/^https?:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[A-Za-z0-9._~/-]*)?$/.test(url)) {
      throw ForgeError.of({
        code: 'FORGE-FRG-011',
        message: `${quoted(url)} is no place to fetch actions from`,
        allowed: 'http:// or https://, a host, perhaps a port and a path; no credentials',
        fix: "write it as the server's DEFAULT_ACTIONS_URL has it, e.g. 'https://data.forgejo.org'",
      });
    }
    return new ActionsSource('url', url.replace(/\/+$/, ''));
  }

  private constructor(
    /** Kind of the source: `github`, `self` or `url`. */
    readonly kind: string,
    private readonly address?: string,
  ) {}

  /**
   * Returns the address before `owner/name`, for a forge at the given URL.
   *
   * @internal
   */
  _urlAt(forgeUrl: string): string {
    return this.address ?? forgeUrl;
  }

  /**
   * Returns the value of `DEFAULT_ACTIONS_URL`. Gitea requires keywords, and Forgejo requires an address.
   *
   * @internal
   */
  _setting(forgeUrl: string, takesWords: boolean): string {
    return takesWords ? this.kind : this._urlAt(forgeUrl);
  }
}
