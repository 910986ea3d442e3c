import { Repository } from '../forge';
import { ForgeError, quoted, scriptText } from '../support';
import { Expression, Step } from '../workflow';

/**
 * How much is checked out, and as whom.
 */
export interface GitCheckoutProps {
  /**
   * The commit, branch or tag.
   *
   * @default Expression.SHA - what the workflow runs for
   */
  readonly ref?: string;

  /**
   * Whether to get all commits of all branches, and all tags: to count or describe commits.
   *
   * @default false - one commit
   */
  readonly fullHistory?: boolean;

  /**
   * Whether to get the tags. Without full history `git describe` does not work even then.
   *
   * @default - the same as `fullHistory`
   */
  readonly tags?: boolean;

  /**
   * Whether to check out submodules, and theirs. Those of the same forge are read with the same token.
   *
   * @default false
   */
  readonly submodules?: boolean;

  /**
   * Whether to get the files that Git LFS keeps. The runner needs git-lfs.
   *
   * @default false
   */
  readonly lfs?: boolean;

  /**
   * What to log in with over HTTP.
   *
   * @default Expression.JOB_TOKEN
   */
  readonly token?: string;

  /**
   * A private deploy key, `Expression.secret('…')`: checks out over SSH instead. The host key is that of the forge's `SshEndpoint`.
   *
   * @default - over HTTP
   */
  readonly sshKey?: string;
}

/**
 * Gets the sources of a repository into the job's folder.
 *
 * @example
 *
 * Checkout.git(repository, { fullHistory: true });
 */
export class Checkout {
  /**
   * With plain git: for runners without node. The credential is in no URL, in no argument, and on no disk; later steps do not have it.
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
