import type { Forge } from './forge';
import { ForgeError, quoted } from '../support';

/**
 * A Git repository at a forge. Made by `forge.repository('owner/name')`.
 */
export class Repository {
  /**
   * The repository `owner/name` of a forge.
   *
   * @throws FORGE-FRG-003 if the name is not of that form
   */
  static of(forge: Forge, fullName: string): Repository {
    const parts = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\/([A-Za-z0-9._-]+)$/.exec(fullName);
    if (!parts || parts[2] === '.' || parts[2] === '..' || /\.(git|wiki|rss|atom)$/.test(parts[2])) {
      throw ForgeError.of({
        code: 'FORGE-FRG-003',
        message: `${quoted(fullName)} is not a repository`,
        allowed: '`owner/name`, letters, digits, ".", "_" and "-"; no URL and no ".git" at the end',
        fix: "write it as it stands in the browser's address, e.g. 'platform/hello'",
      });
    }
    return new Repository(forge, parts[1], parts[2]);
  }

  private constructor(
    /** The forge that it lives at. */
    readonly forge: Forge,
    /** The user or organization that owns it. */
    readonly owner: string,
    /** Its name. */
    readonly name: string,
  ) {}

  /** `owner/name`. */
  get fullName(): string {
    return `${this.owner}/${this.name}`;
  }

  /** Where people clone it from. */
  get cloneUrl(): string {
    return `${this.forge.url}/${this.fullName}.git`;
  }

  /** Where it is cloned from over SSH; undefined if the forge takes no SSH. */
  get sshCloneUrl(): string | undefined {
    const { ssh } = this.forge;
    return ssh && `ssh://git@${ssh.host}:${ssh.port}/${this.fullName}.git`;
  }

  /** Where pods clone it from. */
  get internalCloneUrl(): string {
    return `${this.forge.internalUrl}/${this.fullName}.git`;
  }
}
