import { ForgeApi, ForgeFailure } from '../forge/forge-api';
import { Git } from '../git';
import { PlannedCluster } from '../plan';
import { lastLines } from '../run/process';

/** Returns whether the repository that Flux reads exists; creates it with its organization if it does not. */
export async function ensureRepository(api: ForgeApi, fullName: string, isDry: boolean): Promise<'exists' | 'created'> {
  if ((await api.find<object>(`repos/${fullName}`)) !== undefined) {
    return 'exists';
  }
  if (isDry) {
    return 'created';
  }
  const [owner, name] = fullName.split('/');
  const body = { name, private: true };
  const user = await api.ask<{ login: string }>('GET', 'user');
  if (user.login.toLowerCase() === owner.toLowerCase()) {
    await api.ask('POST', 'user/repos', body);
    return 'created';
  }
  if ((await api.find<object>(`orgs/${owner}`)) === undefined) {
    if (await isUser(api, owner)) {
      throw new ForgeFailure(
        404,
        `${owner} is a user: create the repository ${fullName}, or use a token of that user, which may create it`,
      );
    }
    if (api.isGitHub) {
      throw new ForgeFailure(404, `${api.forge.url} has no organization ${owner} that the token sees: create it`);
    }
    await api.ask('POST', 'orgs', { username: owner });
  }
  await api.ask('POST', `orgs/${owner}/repos`, body);
  return 'created';
}

/** Returns whether an owner that is no organization is a user. GitHub tells of an organization that the token does not see. */
async function isUser(api: ForgeApi, owner: string): Promise<boolean> {
  const found = await api.find<{ type?: string }>(`users/${owner}`);
  return found !== undefined && found?.type !== 'Organization';
}

/** The local clone of the repository that Flux reads. */
export class LocalSource {
  constructor(
    private readonly directory: string,
    private readonly cluster: PlannedCluster,
    private readonly login: { readonly environment: NodeJS.ProcessEnv; readonly token?: string },
  ) {}

  /** Returns the files of the output that are not committed. */
  async uncommitted(paths: readonly string[]): Promise<string[]> {
    const git = new Git(this.directory, this.login.environment);
    const status = await git.try('status', '--porcelain', '--untracked-files=all', '--', ...paths);
    if (status.code !== 0) {
      throw new Error(`the directory is no Git repository: ${lastLines(status.stderr)}`);
    }
    return status.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice(3));
  }

  /**
   * Pushes the current commit, unless the branch has it already. A branch that has other commits stays as it is.
   *
   * @returns whether something was pushed
   */
  async push(isDry: boolean): Promise<boolean> {
    const { url, branch = 'main' } = this.cluster.source;
    const git = new Git(this.directory, Git.withToken(this.login.environment, url, this.login.token));
    const head = (await git.run('rev-parse', 'HEAD')).trim();
    const remote = await git.try('ls-remote', '--heads', '--', url, `refs/heads/${branch}`);
    if (remote.code !== 0) {
      throw new Error(lastLines(remote.stderr));
    }
    const [there] = remote.stdout.split('\t');
    if (there !== '' && (await this.contains(git, head, there))) {
      return false;
    }
    if (!isDry) {
      const { code, stderr } = await git.try('push', '--quiet', '--', url, `HEAD:refs/heads/${branch}`);
      if (code !== 0) {
        const isBehind = /fetch first|non-fast-forward/.test(stderr);
        const reason = `the branch ${branch} of ${url} has other commits: run git pull --rebase first`;
        throw new Error(isBehind ? reason : lastLines(stderr));
      }
    }
    return true;
  }

  /** Returns whether a commit of the branch contains the current one: Flux commits on top. */
  private async contains(git: Git, head: string, there: string): Promise<boolean> {
    if (head === there) {
      return true;
    }
    await git.try('fetch', '--quiet', '--', this.cluster.source.url, there);
    return (await git.try('merge-base', '--is-ancestor', head, there)).code === 0;
  }
}
