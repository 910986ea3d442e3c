import { Repository } from '../forge';
import { ForgeError, quoted, scriptText } from '../support';
import { Expression, Step } from '../workflow';

/** A set of properties that define how much is checked out, and with which credentials. */
export interface GitCheckoutProps {
  /**
   * The commit, branch or tag.
   *
   * @default Expression.SHA - what the workflow runs for
   */
  readonly ref?: string;

  /**
   * Whether to fetch all commits of all branches, and all tags. The full history is needed to count or describe
   * commits.
   *
   * @default false - one commit
   */
  readonly fullHistory?: boolean;

  /**
   * Whether to fetch the tags. Without the full history, `git describe` does not work even with the tags.
   *
   * @default - the same as `fullHistory`
   */
  readonly tags?: boolean;

  /**
   * Whether to check out submodules, including nested submodules. Submodules of the same forge are read with the same
   * token.
   *
   * @default false
   */
  readonly submodules?: boolean;

  /**
   * Whether to fetch the files of Git LFS. The runner needs git-lfs.
   *
   * @default false
   */
  readonly lfs?: boolean;

  /**
   * Token for login over HTTP.
   *
   * @default Expression.JOB_TOKEN
   */
  readonly token?: string;

  /**
   * A private deploy key, `Expression.secret('…')`, to check out over SSH instead. The host key is the key of the
   * forge's `SshEndpoint`.
   *
   * @default - over HTTP
   */
  readonly sshKey?: string;
}

/**
 * A checkout that gets the sources of a repository into the job's directory.
 *
 * @example
 *
 * Checkout.git(repository, { fullHistory: true });
 */
export class Checkout {
  /**
   * Creates a checkout step with plain git, for runners without Node.js. The credential is not in a URL, not in an
   * argument, and not on a disk. Later steps do not have the credential.
   *
   * @throws FORGE-RECIPE-001 for a key in plain text or a forge without SSH, FORGE-FRG-006 if no host key of it is known
   */
  static git(repository: Repository, props: GitCheckoutProps = {}): Step {
    const { fullHistory = false, submodules = false, lfs = false } = props;
    const flag = (on: boolean): string => (on ? 'yes' : 'no');
    return Step.run({
      name: 'Check out',
      script: scriptText(__dirname, 'git-checkout.sh'),
      env: {
        ...access(repository, props),
        REF: props.ref ?? Expression.SHA,
        HISTORY: fullHistory ? 'full' : 'one',
        TAGS: flag(props.tags ?? fullHistory),
        SUBMODULES: flag(submodules),
        LFS: flag(lfs),
      },
    });
  }

  private constructor() {}
}

function access(
  repository: Repository,
  { token = Expression.JOB_TOKEN, sshKey }: GitCheckoutProps,
): Record<string, string> {
  checkSecret(sshKey ?? token);
  if (sshKey === undefined) {
    return { REPOSITORY_URL: repository.internalCloneUrl, TOKEN: token };
  }
  const { ssh } = repository.forge;
  if (!ssh || !repository.sshCloneUrl) {
    throw bad(
      `the forge of ${quoted(repository.fullName)} takes no SSH`,
      "say where it does: Forge.gitea({ …, ssh: SshEndpoint.of('git.example.com', 22, { hostKeys: ['ssh-ed25519 …'] }) })",
    );
  }
  return { REPOSITORY_URL: repository.sshCloneUrl, SSH_KEY: sshKey, KNOWN_HOSTS: ssh.knownHosts };
}

function checkSecret(value: string): void {
  if (!/^\$\{\{ (secrets\.\w+|github\.token) \}\}$/.test(value)) {
    throw bad(
      'the credential of a checkout stands in the program',
      "put it into a secret of the forge and pass Expression.secret('…')",
    );
  }
}

function bad(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-001', message, fix });
}
