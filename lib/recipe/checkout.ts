import { Repository } from '../forge';
import { ForgeError, quoted } from '../support';
import { Expression, ReadyStepOptions, Step } from '../workflow';
import { isCredential } from './credential';
import { Ref } from './ref';
import { scriptOf } from './scripts';

/** A set of properties that define how much is checked out, and with which credentials. */
export interface GitCheckoutProps extends ReadyStepOptions {
  /**
   * The commit, branch or tag: `Ref.branch('main')`, `Ref.tag('v1.2.3')`, a commit of 40 digits, or an expression.
   *
   * @default Expression.SHA - the commit that the workflow runs for
   */
  readonly ref?: string;

  /**
   * Another repository of the same forge, which the token can read.
   *
   * @default - the repository of the workflow
   */
  readonly repository?: Repository;

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
 * const checkout = Checkout.git({ fullHistory: true });
 */
export class Checkout {
  /**
   * Creates a checkout step with plain git, for runners without Node.js. The step empties the job's directory first, so
   * that nothing of an earlier job remains. Outputs: `commit`, and `time` (of the commit, in seconds since 1970).
   *
   * The credential is not in a URL, not in an argument, and not on a disk. Later steps do not have the credential. Git
   * reads no configuration, hook or environment variable that an earlier job could have written.
   *
   * @throws FORGE-RECIPE-001 for a key in plain text or a forge without SSH, FORGE-RECIPE-004 for a ref that can be a branch or a tag, FORGE-FRG-006 if no host key of it is known
   */
  static git(props: GitCheckoutProps = {}): Step {
    const {
      ref,
      fullHistory = false,
      tags,
      submodules = false,
      lfs = false,
      token,
      sshKey,
      repository,
      ...options
    } = props;
    const flag = (on: boolean): string => (on ? 'yes' : 'no');
    checkSecret(sshKey ?? token ?? Expression.JOB_TOKEN);
    return Step._ready(
      {
        name: 'Check out',
        isCheckout: true,
        script: scriptOf('fail', 'isolated-git', 'git-checkout'),
        outputs: ['commit', 'time'],
        env: {
          REF: ref === undefined ? Expression.SHA : Ref._unambiguous(ref),
          HISTORY: fullHistory ? 'full' : 'one',
          TAGS: flag(tags ?? fullHistory),
          SUBMODULES: flag(submodules),
          LFS: flag(lfs),
        },
      },
      options,
      (job) => access(repository ?? job.repository, token ?? Expression.JOB_TOKEN, sshKey),
    );
  }

  private constructor() {}
}

function access(repository: Repository, token: string, sshKey: string | undefined): Record<string, string> {
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
  if (!isCredential(value)) {
    throw bad(
      'the credential of a checkout stands in the program',
      "put it into a secret of the forge and pass Expression.secret('…')",
    );
  }
}

function bad(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-001', message, fix });
}
