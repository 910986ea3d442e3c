import { createHash } from 'node:crypto';
import { FileState, isDelivered, stamped, stateOf } from '../delivered-file';
import { ForgeApi, ForgeFailure } from '../forge/forge-api';
import { assertCanPush, protectedBranch } from './branch-protection';

/** The directories in which a forge looks for files of this library. */
const OWN_DIRECTORIES = /^\.(?:gitea|forgejo|github)\/.+\.ya?ml$/;

/** The branch of pull requests. */
export const BRANCH = 'cdk8s-forge/workflows';

/** The attempts to commit while others commit too. */
const ATTEMPTS = 3;

/** A file of a repository. */
interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly size?: number;
}

interface RepositoryInfo {
  readonly default_branch?: string;
  readonly archived?: boolean;
  readonly empty?: boolean;
  readonly has_actions?: boolean;
}

interface PullRequest {
  readonly html_url: string;
  /** The branch, and its repository: none if the fork was deleted. */
  readonly head: { readonly ref: string; readonly repo?: { readonly full_name?: string } | null };
  readonly base: { readonly ref: string };
}

/** A change of a file, with the text to write and the hash of the present one. */
export interface ApiChange {
  readonly file: string;
  readonly change: 'created' | 'updated' | 'removed' | 'unchanged' | 'conflict';
  readonly text?: string;
  readonly sha?: string;
}

/** The wanted content of a repository. */
export interface WantedFiles {
  readonly name: string;
  /** The text of each file by its path. */
  readonly files: ReadonlyMap<string, string>;
  readonly source: string;
  /** The files that are overwritten although somebody changed them. */
  readonly force: readonly string[];
  readonly branch?: string;
  readonly pullRequest: boolean;
  readonly enableActions: boolean;
  /** Whether to add the user of the token to the rule of a protected branch. */
  readonly allowPush: boolean;
  readonly dryRun: boolean;
  readonly message: (changes: readonly ApiChange[]) => string;
}

/** The result of a delivery by the API. */
export interface ApiResult {
  readonly files: ApiChange[];
  readonly commit?: string;
  readonly pullRequest?: string;
  /** Settings of the repository that keep workflows from running. */
  readonly settings: string[];
}

/**
 * Brings files to a repository by the API of the forge, as one commit or as a pull request. The files of the branch are
 * compared by their hashes, so that a repository that is up to date costs two requests.
 *
 * @throws a ForgeFailure
 */
export async function deliverByApi(api: ForgeApi, wanted: WantedFiles): Promise<ApiResult> {
  const info = await api.ask<RepositoryInfo>('GET', `repos/${wanted.name}`);
  if (info.archived) {
    throw new ForgeFailure(undefined, 'the repository is archived: make it writable, or remove it from the program');
  }
  const settings = await actionsOf(api, wanted, info);
  const base = wanted.branch ?? info.default_branch ?? 'main';
  for (let attempt = 1; ; attempt++) {
    try {
      return { ...(await attemptAt(api, wanted, { base, settings })), settings };
    } catch (e) {
      if (attempt === ATTEMPTS || !isRace(e)) {
        throw withSettings(protectedBranch(e), settings);
      }
    }
  }
}

/** Returns a failure that says what was changed before it. */
function withSettings(e: unknown, settings: readonly string[]): unknown {
  return e instanceof ForgeFailure && settings.length > 0
    ? new ForgeFailure(e.status, [e.message, ...settings].join('; '), e.detail)
    : e;
}

/** Compares, commits, and opens the pull request. What is changed on the way is added to the settings at once. */
async function attemptAt(
  api: ForgeApi,
  wanted: WantedFiles,
  { base, settings }: { readonly base: string; readonly settings: string[] },
): Promise<Omit<ApiResult, 'settings'>> {
  const hasBranch = wanted.pullRequest && (await needsBranch(api, wanted, base));
  const files = await changesIn(api, wanted, hasBranch ? BRANCH : base);
  const open = files.filter(({ change }) => change !== 'unchanged' && change !== 'conflict');
  if (open.length > 0 && !wanted.pullRequest) {
    settings.push(...(await assertCanPush(api, { ...wanted, branch: base })));
  }
  if (wanted.dryRun || (open.length === 0 && !hasBranch)) {
    return { files };
  }
  const isNew = wanted.pullRequest && !hasBranch;
  const commit = open.length === 0 ? undefined : await commitTo(api, wanted, { base, isNew, open });
  const pullRequest = wanted.pullRequest ? await requestFor(api, wanted, base) : undefined;
  return { files, ...(commit ? { commit } : {}), ...(pullRequest ? { pullRequest } : {}) };
}

/** Returns whether somebody else committed between the comparison and the commit. */
function isRace(e: unknown): boolean {
  return e instanceof ForgeFailure && (e.status === 409 || (e.status === 422 && /sha|fast.forward/i.test(e.detail)));
}

async function actionsOf(
  api: ForgeApi,
  { name, enableActions, dryRun }: WantedFiles,
  info: RepositoryInfo,
): Promise<string[]> {
  if (info.has_actions !== false) {
    return [];
  }
  if (!enableActions || dryRun) {
    return ['Actions are off: workflows do not run (--enable-actions turns them on)'];
  }
  await api.ask('PATCH', `repos/${name}`, { has_actions: true });
  return ['Actions were off, and are on now'];
}

/** Returns whether the branch of the pull request exists, and is still needed. */
async function needsBranch(api: ForgeApi, wanted: WantedFiles, base: string): Promise<boolean> {
  const onBase = await changesIn(api, wanted, base);
  const isDone = onBase.every(({ change }) => change === 'unchanged' || change === 'conflict');
  return !isDone && (await api.find<object>(`repos/${wanted.name}/branches/${BRANCH}`)) !== undefined;
}

async function changesIn(api: ForgeApi, wanted: WantedFiles, branch: string): Promise<ApiChange[]> {
  const entries = new Map((await treeOf(api, wanted.name, branch)).map((entry) => [entry.path, entry]));
  const changes: ApiChange[] = [];
  for (const [file, text] of wanted.files) {
    assertNoLink(entries, file);
    changes.push(await changeOf(api, wanted, { file, text, entry: entries.get(file) }));
  }
  for (const { path, sha, mode } of entries.values()) {
    const isCandidate = OWN_DIRECTORIES.test(path) && mode.startsWith('100') && !wanted.files.has(path);
    if (isCandidate && isDelivered(await textOf(api, wanted.name, sha), wanted.source)) {
      changes.push({ file: path, change: 'removed', sha });
    }
  }
  return changes;
}

async function changeOf(
  api: ForgeApi,
  { name, source, force }: WantedFiles,
  { file, text, entry }: { file: string; text: string; entry?: TreeEntry },
): Promise<ApiChange> {
  const next = stamped(text, source);
  if (entry === undefined) {
    return { file, change: 'created', text: next };
  }
  if (entry.sha === blobHash(next) || entry.sha === blobHash(text)) {
    return { file, change: 'unchanged' };
  }
  const state = stateOf(await textOf(api, name, entry.sha), text, source);
  const isOurs = state === FileState.OUTDATED || force.includes(file);
  return isOurs ? { file, change: 'updated', text: next, sha: entry.sha } : { file, change: 'conflict' };
}

/** Returns the files of a branch; none of an empty repository. */
async function treeOf(api: ForgeApi, name: string, branch: string): Promise<TreeEntry[]> {
  const all: TreeEntry[] = [];
  for (let page = 1; ; page++) {
    const path = `repos/${name}/git/trees/${encodeURIComponent(branch)}?recursive=1&per_page=1000&page=${page}`;
    const answer = await api.send('GET', path);
    if ((answer.status === 404 || answer.status === 409) && page === 1) {
      return [];
    }
    if (answer.status !== 200) {
      throw api.failureOf(answer, 'the files of the branch');
    }
    const { tree, truncated = false } = api.contentOf<{ tree: TreeEntry[] | null; truncated?: boolean }>(answer, path);
    all.push(...(tree ?? []));
    if (!truncated || api.isGitHub || (tree ?? []).length === 0) {
      if (truncated && api.isGitHub) {
        throw new ForgeFailure(undefined, 'the repository has too many files for the API: use --by git');
      }
      return all.filter(({ type }) => type === 'blob');
    }
  }
}

async function textOf(api: ForgeApi, name: string, sha: string): Promise<string> {
  const { content = '' } = await api.ask<{ content?: string }>('GET', `repos/${name}/git/blobs/${sha}`);
  return Buffer.from(content, 'base64').toString();
}

function assertNoLink(entries: ReadonlyMap<string, TreeEntry>, file: string): void {
  const parts = file.split('/');
  const paths = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  const link = paths.find((path) => entries.get(path)?.mode === '120000');
  if (link !== undefined) {
    throw new ForgeFailure(undefined, `${link} is a symbolic link`);
  }
}

interface Commit {
  readonly base: string;
  readonly isNew: boolean;
  readonly open: readonly ApiChange[];
}

async function commitTo(api: ForgeApi, wanted: WantedFiles, { base, isNew, open }: Commit): Promise<string> {
  const branch = wanted.pullRequest && !isNew ? BRANCH : base;
  if (api.isGitHub) {
    return commitAtGitHub(api, wanted, { branch, isNew, open });
  }
  const operation = { created: 'create', updated: 'update', removed: 'delete' } as Record<string, string>;
  const author = { name: 'cdk8s-forge', email: 'cdk8s-forge@localhost' };
  const { commit } = await api.ask<{ commit: { sha: string } }>('POST', `repos/${wanted.name}/contents`, {
    branch,
    ...(isNew ? { new_branch: BRANCH } : {}),
    message: wanted.message(open),
    author,
    committer: author,
    files: open.map(({ file, change, text, sha }) => ({
      operation: operation[change],
      path: file,
      ...(text === undefined ? {} : { content: Buffer.from(text).toString('base64') }),
      ...(sha === undefined ? {} : { sha }),
    })),
  });
  return commit.sha;
}

/** GitHub commits several files at once only by its Git database: a tree, a commit, and the branch. */
async function commitAtGitHub(
  api: ForgeApi,
  wanted: WantedFiles,
  { branch, isNew, open }: { branch: string; isNew: boolean; open: readonly ApiChange[] },
): Promise<string> {
  const git = `repos/${wanted.name}/git`;
  const { object } = await api.ask<{ object: { sha: string } }>('GET', `${git}/ref/heads/${branch}`);
  const { tree: base } = await api.ask<{ tree: { sha: string } }>('GET', `${git}/commits/${object.sha}`);
  const entries = open.map(({ file, text }) => ({
    path: file,
    mode: '100644',
    type: 'blob',
    ...(text === undefined ? { sha: null } : { content: text }),
  }));
  const tree = await api.ask<{ sha: string }>('POST', `${git}/trees`, { base_tree: base.sha, tree: entries });
  const body = { message: wanted.message(open), tree: tree.sha, parents: [object.sha] };
  const { sha } = await api.ask<{ sha: string }>('POST', `${git}/commits`, body);
  if (isNew) {
    await api.ask('POST', `${git}/refs`, { ref: `refs/heads/${BRANCH}`, sha });
  } else {
    await api.ask('PATCH', `${git}/refs/heads/${branch}`, { sha, force: false });
  }
  return sha;
}

/** Opens the pull request, unless it is open, and returns its page. */
async function requestFor(api: ForgeApi, wanted: WantedFiles, base: string): Promise<string> {
  const [owner] = wanted.name.split('/');
  const open = await api.list<PullRequest>(`repos/${wanted.name}/pulls?state=open`);
  const own = open.find((request) => isOwn(request, wanted.name) && request.base.ref === base);
  if (own !== undefined) {
    return own.html_url;
  }
  const head = api.isGitHub ? `${owner}:${BRANCH}` : BRANCH;
  const title = `Update workflows from ${wanted.source}`;
  const body = `The program of ${wanted.source} makes these files. Merge the pull request to use them.`;
  return (await api.ask<{ html_url: string }>('POST', `repos/${wanted.name}/pulls`, { title, body, head, base }))
    .html_url;
}

/** Returns whether a pull request is from our branch. Anybody can have a branch of this name in a fork. */
function isOwn({ head }: PullRequest, name: string): boolean {
  return head.ref === BRANCH && head.repo?.full_name?.toLowerCase() === name.toLowerCase();
}

/** Returns the name that Git gives to a content. */
function blobHash(text: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}
