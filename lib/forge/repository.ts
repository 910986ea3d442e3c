import { ForgeError, quoted } from '../support';
import { IForge } from './i-forge';

/** A Git repository that a forge hosts. Create a repository with `forge.repository('owner/name')`. */
export class Repository {
  /**
   * Returns the repository `owner/name` of a forge.
   *
   * @throws FORGE-FRG-003 if the name is not of that form
   */
  static of(forge: IForge, fullName: string): Repository {
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
    /** The forge that hosts the repository. */
    readonly forge: IForge,
    /** The user or organization that owns the repository. */
    readonly owner: string,
    /** Name of the repository, without its owner. */
    readonly name: string,
  ) {}

  /** Full name of the repository: `owner/name`. */
  get fullName(): string {
    return `${this.owner}/${this.name}`;
  }

  /** URL from which people clone the repository. */
  get cloneUrl(): string {
    return `${this.forge.url}/${this.fullName}.git`;
  }

  /** URL for cloning over SSH; undefined if the forge does not support SSH. */
  get sshCloneUrl(): string | undefined {
    const { ssh } = this.forge;
    return ssh && `ssh://git@${ssh.host}:${ssh.port}/${this.fullName}.git`;
  }

  /**
   * Returns whether another object describes the same repository of the same forge.
   *
   * @param other the other repository
   */
  isSameAs(other: Repository): boolean {
    return this.forge.isSameAs(other.forge) && this.fullName.toLowerCase() === other.fullName.toLowerCase();
  }

  /** URL from which pods clone the repository. */
  get internalCloneUrl(): string {
    return `${this.forge.internalUrl}/${this.fullName}.git`;
  }
}
