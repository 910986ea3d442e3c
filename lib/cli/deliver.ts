import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { ForgeError } from '../support';
import { deliverByApi } from './deliver-api/api-delivery';
import { formerRepositories } from './deliver-api/former';
import { FileState, isDelivered, stamped, stampOf, stateOf } from './delivered-file';
import { Forges } from './forge/forges';
import { Git, GitFailure } from './git';
import { PlannedRepository, readPlan } from './plan';
import { plannedText } from './planned-text';
import { inParallel } from './run/slots';

/** Attempts to push while others push too. */
const ATTEMPTS = 3;

/**
 * The options of `cdk8s-forge deliver`.
 *
 * @jsii ignore
 */
export interface DeliverRun {
  /** The output directory. */
  readonly outdir: string;
  /** The environment of git. */
  readonly environment: NodeJS.ProcessEnv;
  /** The name of the GitOps repository, `owner/name`. Only its files are changed or removed. */
  readonly source: string;
  /** Returns the token for the forge of a repository. @default - git's own credentials */
  readonly tokenFor?: (repository: PlannedRepository) => string | undefined;
  /** The branch to push to. @default - the default branch of each repository */
  readonly branch?: string;
  /** The repositories. @default - all */
  readonly only?: readonly string[];
  /** Files that are overwritten although somebody changed them, `owner/name:path`. @default - none */
  readonly force?: readonly string[];
  /** Whether to show what would change, and change nothing. @default false */
  readonly dryRun?: boolean;
  /** The APIs of the forges, by which files are delivered. @default - git */
  readonly forges?: Forges;
  /** Whether to open a pull request instead of a commit on the branch. It needs the API. @default false */
  readonly pullRequest?: boolean;
  /** Whether to turn Actions on in repositories in which they are off. It needs the API. @default false */
  readonly enableActions?: boolean;
  /** Whether to add the user of the token to the rule of a protected branch. It needs the API. @default false */
  readonly allowPush?: boolean;
  /** The number of repositories at a time. @default 4 */
  readonly parallel?: number;
}

/**
 * A change of a file in a repository.
 *
 * @jsii ignore
 */
export interface DeliveredFile {
  readonly file: string;
  readonly change: 'created' | 'updated' | 'removed' | 'unchanged' | 'conflict';
}

/**
 * The result of the delivery to a repository.
 *
 * @jsii ignore
 */
export interface Delivery {
  readonly repository: string;
  readonly files: DeliveredFile[];
  /** The commit that was pushed. @default - nothing changed, or a dry run */
  readonly commit?: string;
  /** The page of the pull request. @default - none was opened */
  readonly pullRequest?: string;
  /** Settings of the repository that keep workflows from running. @default - not looked for */
  readonly settings?: string[];
  /** The reason for which the delivery failed. @default - it did not */
  readonly error?: string;
}

/**
 * Brings the files for other repositories to their repositories, as one commit each. It changes only what differs, and
 * never a file that somebody changed.
 *
 * @throws FORGE-CLI-005 without a plan, FORGE-CLI-006 for a repository that the plan does not have
 * @jsii ignore
 */
export async function deliver(run: DeliverRun, report: (delivery: Delivery) => void): Promise<Delivery[]> {
  const planned = readPlan(run.outdir).repositories;
  const former = await formerRepositories(run.outdir, run.environment, planned);
  const repositories = [...planned, ...former];
  const names = repositories.map(({ name }) => name);
  const unknown = (run.only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw ForgeError.of({
      code: 'FORGE-CLI-006',
      message: `the program has no files for ${unknown.join(', ')}`,
      allowed: names.join(', ') || 'no repository',
      fix: 'set --only to repositories of the plan',
    });
  }
  const wanted = repositories.filter(({ name }) => run.only === undefined || run.only.includes(name));
  const done = await inParallel(wanted, run.parallel ?? 4, async (repository) => {
    const delivery = await deliverTo(repository, run);
    if (repository.files.length === 0 && delivery.error !== undefined && GONE.test(delivery.error)) {
      return []; // the program has no files for it, and it does not exist any more
    }
    report(delivery);
    return [delivery];
  });
  return done.flat().sort((a, b) => (a.repository < b.repository ? -1 : 1));
}

async function deliverTo(repository: PlannedRepository, run: DeliverRun): Promise<Delivery> {
  const { name, url } = repository;
  if (run.forges !== undefined) {
    return deliverByForge(repository, run, run.forges);
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-deliver-'));
  try {
    if (url === undefined) {
      throw new Error('the plan does not say where the repository is: synthesize again');
    }
    const git = new Git(folder, Git.withToken(run.environment, url, run.tokenFor?.(repository)));
    const branch = run.branch === undefined ? [] : ['--branch', run.branch];
    await git.run('clone', '--quiet', '--depth', '1', '--no-tags', ...branch, '--', url, '.');
    return await pushed(git, folder, { repository, run });
  } catch (e) {
    return { repository: name, files: [], error: reasonOf(e) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function deliverByForge(repository: PlannedRepository, run: DeliverRun, forges: Forges): Promise<Delivery> {
  const { name } = repository;
  const force = (run.force ?? []).filter((each) => each.startsWith(`${name}:`));
  try {
    const { files, ...result } = await deliverByApi(forges.of(repository.forge), {
      name,
      files: new Map(repository.files.map((file) => [file, plannedText(run.outdir, name, file)])),
      source: run.source,
      force: force.map((each) => each.slice(name.length + 1)),
      branch: run.branch,
      pullRequest: run.pullRequest ?? false,
      enableActions: run.enableActions ?? false,
      allowPush: run.allowPush ?? false,
      dryRun: run.dryRun ?? false,
      message: (changes) => messageOf(run.source, changes),
    });
    return { repository: name, files: files.map(({ file, change }) => ({ file, change })), ...result };
  } catch (e) {
    return { repository: name, files: [], error: e instanceof Error ? e.message : String(e) };
  }
}

/** Writes, commits and pushes; again on top of what others pushed meanwhile. */
async function pushed(
  git: Git,
  folder: string,
  { repository, run }: { repository: PlannedRepository; run: DeliverRun },
): Promise<Delivery> {
  for (let attempt = 1; ; attempt++) {
    const files = [
      ...writesOf(repository, folder, run),
      ...removalsOf(repository, folder, await deliveredIn(git, folder, run.source)),
    ];
    const delivery = { repository: repository.name, files: files.map(({ file, change }) => ({ file, change })) };
    const changed = files.filter(({ write }) => write !== undefined);
    if (changed.length === 0 || run.dryRun) {
      return delivery;
    }
    changed.forEach(({ write }) => write!());
    await commit(git, run.source, delivery.files);
    const push = await git.try('push', '--quiet', 'origin', 'HEAD');
    if (push.code === 0) {
      return { ...delivery, commit: (await git.run('rev-parse', 'HEAD')).trim() };
    }
    if (
      attempt === ATTEMPTS ||
      !/fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref/.test(push.stderr)
    ) {
      throw new GitFailure(['push'], push);
    }
    await git.run(
      'fetch',
      '--quiet',
      '--depth',
      '1',
      'origin',
      (await git.run('rev-parse', '--abbrev-ref', 'HEAD')).trim(),
    );
    await git.run('reset', '--quiet', '--hard', 'FETCH_HEAD');
  }
}

/** Commits the changed files. Only these: the user's own settings must not add to the commit, nor sign it. */
async function commit(git: Git, source: string, files: readonly DeliveredFile[]): Promise<void> {
  const changed = files.filter(({ change }) => !['unchanged', 'conflict'].includes(change)).map(({ file }) => file);
  await git.run('add', '--all', '--force', '--', ...changed);
  const author = ['-c', 'user.name=cdk8s-forge', '-c', 'user.email=cdk8s-forge@localhost'];
  const options = ['--quiet', '--no-verify', '--no-gpg-sign', '--message', messageOf(source, files)];
  await git.run(...author, 'commit', ...options);
}

interface PlannedChange extends DeliveredFile {
  readonly write?: () => void;
}

function writesOf({ name, files }: PlannedRepository, folder: string, run: DeliverRun): PlannedChange[] {
  return files.map((file) => {
    const text = plannedText(run.outdir, name, file);
    const target = path.join(folder, file);
    const write = () => {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, stamped(text, run.source));
    };
    switch (stateOf(readFile(folder, file), text, run.source)) {
      case FileState.MISSING:
        return { file, change: 'created', write };
      case FileState.SAME:
        return { file, change: 'unchanged' };
      case FileState.OUTDATED:
        return { file, change: 'updated', write };
      default:
        return run.force?.includes(`${name}:${file}`)
          ? { file, change: 'updated', write }
          : { file, change: 'conflict' };
    }
  });
}

function removalsOf({ files }: PlannedRepository, folder: string, delivered: readonly string[]): PlannedChange[] {
  const obsolete = delivered.filter((file) => !files.includes(file));
  return obsolete.map((file) => ({ file, change: 'removed', write: () => fs.rmSync(path.join(folder, file)) }));
}

/** Returns the text of a file, and no text of a file that a link in the repository leads to. */
function readFile(folder: string, file: string): string | undefined {
  const target = path.join(folder, file);
  for (let at = target; at !== folder; at = path.dirname(at)) {
    if (fs.lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new Error(`${path.relative(folder, at)} is a symbolic link`);
    }
  }
  return fs.existsSync(target) ? fs.readFileSync(target, 'utf8') : undefined;
}

/** Returns the files of a repository, in any directory, that were delivered from a source and not changed since. */
async function deliveredIn(git: Git, folder: string, source: string): Promise<string[]> {
  const { stdout } = await git.try('grep', '-z', '--files-with-matches', '--fixed-strings', '-e', stampOf(source));
  const files = stdout.split('\0').filter((file) => file !== '');
  return files.filter((file) => isDelivered(readFile(folder, file) ?? '', source)).sort();
}

function messageOf(source: string, files: readonly DeliveredFile[]): string {
  const lines = files
    .filter(({ change }) => !['unchanged', 'conflict'].includes(change))
    .map(({ file, change }) => `${change}: ${file}`);
  return [`Update workflows from ${source}`, '', ...lines].join('\n');
}

/** Returns the reason of a failure in one line, with the remedy for the most frequent ones. */
function reasonOf(e: unknown): string {
  const text = e instanceof GitFailure ? e.result.stderr : e instanceof Error ? e.message : String(e);
  const line = text
    .trim()
    .split('\n')
    .filter((part) => part.trim() !== '')
    .slice(-2)
    .join('; ');
  const known = REASONS.find(([pattern]) => pattern.test(text));
  return known === undefined ? line : `${line} (${known[1]})`;
}

/** The words of a repository that does not exist. */
const GONE = /not found|does not exist|repository exists|: 404/i;

const REASONS: readonly [RegExp, string][] = [
  [
    /Authentication failed|could not read Username|Permission denied|HTTP 401|(?:HTTP|returned error:) 403/,
    'set FORGE_TOKEN, or with several forges FORGE_TOKEN_<HOST>, to a token that may write to the repository, or a credential helper of git',
  ],
  [
    /protected branch|pre-receive hook declined|Not allowed to push/i,
    'the branch is protected: use --pull-request, or --allow-push; or set --branch to another branch',
  ],
  [/archived/i, 'the repository is archived: make it writable, or remove it from the program'],
  [/not found|does not exist|repository exists/i, 'create the repository, or correct its name in the program'],
  [/certificate/i, 'set GIT_SSL_CAINFO to the certificates of the authority'],
];
