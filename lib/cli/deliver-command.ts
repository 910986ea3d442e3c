import * as path from 'node:path';
import { Command, Option } from 'commander';
import { ForgeError, quoted } from '../support';
import { deliver, Delivery } from './deliver';
import { Forges, withoutSecrets } from './forge/forges';
import { Git } from './git';
import { numberOption } from './number-option';
import { PlanFile, readPlan } from './plan';

const HELP = `
Clones each repository, writes the files that differ, and pushes one commit. A file that somebody
changed stays as it is. The token is read from FORGE_TOKEN, or with several forges from FORGE_TOKEN_<HOST>;
without it, git uses its own credentials.

Examples:
  cdk8s-forge deliver --dry-run
  FORGE_TOKEN=… cdk8s-forge deliver --only platform/hello
  FORGE_TOKEN=… cdk8s-forge deliver --pull-request
`;

interface Options {
  readonly output: string;
  readonly source?: string;
  readonly branch?: string;
  readonly only?: string[];
  readonly forceFile?: string[];
  readonly parallel: number;
  readonly by: string;
  readonly pullRequest?: boolean;
  readonly enableActions?: boolean;
  readonly allowPush?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds the command `deliver`, which sets the exit code: 0 if all is delivered, 1 for a conflict or a failure. */
export function addDeliver(program: Command): void {
  program
    .command('deliver')
    .description('bring workflow files to their repositories')
    .option('-o, --output <directory>', 'output directory', process.env.CDK8S_OUTDIR || 'dist')
    .option(
      '--source <owner/name>',
      'name of this repository, for the commits (default: from the remote "origin", or the plan)',
    )
    .option('--branch <branch>', 'branch to push to (default: the default branch of each repository)')
    .option('--only <owner/name...>', 'repositories to deliver to (default: all)')
    .option('--force-file <owner/name:path...>', 'files to overwrite although somebody changed them')
    .addOption(
      new Option('--by <way>', 'git, or the API of the forge, without a clone').choices(['git', 'api']).default('git'),
    )
    .option('--pull-request', 'open a pull request instead of a commit on the branch (by the API)')
    .option('--enable-actions', 'turn Actions on where they are off (by the API)')
    .option('--allow-push', 'let the user of the token push to branches that a rule protects (by the API)')
    .option('--parallel <number>', 'repositories at a time', numberOption('--parallel', [1, 64]), 4)
    .option('--dry-run', 'show what would change')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run({ output, source, forceFile, json, by, ...options }: Options): Promise<number> {
  const environment = withoutSecrets(process.env);
  const outdir = path.resolve(output);
  const plan = readPlan(outdir);
  const forges = new Forges(plan, process.env);
  const all = await deliver(
    {
      ...options,
      outdir,
      source: source === undefined ? await sourceOf(process.cwd(), plan) : checkedSource(source),
      force: forceFile,
      tokenFor: (repository) => forges.tokenFor(repository),
      forges: usesApi(by, options) ? forges : undefined,
      environment,
    },
    (delivery) => json || process.stdout.write(linesOf(delivery, options.dryRun ?? false)),
  );
  if (json) {
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  }
  return all.some(isUnfinished) ? 1 : 0;
}

function usesApi(by: string, { pullRequest, enableActions, allowPush }: Partial<Options>): boolean {
  return by === 'api' || [pullRequest, enableActions, allowPush].includes(true);
}

/** Returns the name of the source, which is a part of the last line of each delivered file. */
function checkedSource(source: string): string {
  if (/^[^/\s]+\/[^/\s]+$/.test(source)) {
    return source;
  }
  throw ForgeError.of({
    code: 'FORGE-CLI-003',
    message: `--source ${quoted(source)} is not the name of a repository`,
    allowed: '<owner>/<name>, without spaces',
    fix: 'set --source to the name of the GitOps repository, for example --source platform/gitops',
  });
}

function isUnfinished({ error, files }: Delivery): boolean {
  return error !== undefined || files.some(({ change }) => change === 'conflict');
}

function linesOf({ repository, files, commit, error, pullRequest, settings = [] }: Delivery, isDry: boolean): string {
  const state = error ? 'failed' : commit ? commit.slice(0, 10) : isDry ? 'dry run' : 'nothing to change';
  const conflict = (file: string) =>
    `  conflict: ${file} was changed there; --force-file ${repository}:${file} overwrites it`;
  const lines = files
    .filter(({ change }) => change !== 'unchanged')
    .map(({ file, change }) => (change === 'conflict' ? conflict(file) : `  ${change}: ${file}`));
  const more = [...(error ? [error] : []), ...settings, ...(pullRequest ? [`pull request: ${pullRequest}`] : [])];
  return [`${repository}: ${state}`, ...more.map((line) => `  ${line}`), ...lines, ''].join('\n');
}

/**
 * Returns `owner/name` of the repository in a directory, from the URL of its remote. A directory without a remote has
 * the repository that the clusters of the plan follow.
 */
async function sourceOf(directory: string, { clusters }: PlanFile): Promise<string> {
  const { stdout } = await new Git(directory, process.env).try('remote', 'get-url', 'origin');
  const [, origin] = /[/:]([^/:\s]+\/[^/\s]+?)(?:\.git)?\/?\s*$/.exec(stdout) ?? [];
  const followed = [...new Set(clusters.map(({ source }) => source?.repository))];
  const name = origin ?? (followed.length === 1 ? followed[0] : undefined);
  if (name === undefined) {
    throw ForgeError.of({
      code: 'FORGE-CLI-007',
      message: 'the directory has no remote "origin" that names its repository',
      fix: 'set --source to the name of the GitOps repository, for example --source platform/gitops',
    });
  }
  return name;
}
