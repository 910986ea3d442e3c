import { Command, Option } from 'commander';
import { Change } from './diff/changes';
import { difference } from './diff/diff';
import { askServer, liveState } from './diff/live';
import { markdownOf } from './diff/markdown';
import { keptBy, writeMigration } from './diff/migration';
import { Difference, effectOf, highestSeverity, Severity, severityOf, textOf } from './diff/report';
import { withoutSecrets } from './forge/forges';
import { Kubectl } from './run/kubectl';
import { synth } from './synth';

const HELP = `
Compares the output with a commit, object by object, as Flux does: what a Kustomization stops to apply is
deleted, what moves to another one may be deleted first, and a field that cannot change stops everything.
The exit code is 1 if data would be lost or the API server would refuse an object (see --fail-on).

Examples:
  cdk8s-forge diff
  cdk8s-forge diff origin/main --no-synth --markdown
  cdk8s-forge diff --migrate
`;

/** The values of `--fail-on`: the lowest severity that ends in exit code 1. */
const FAIL_ON = ['danger', 'deletion', 'change', 'never'] as const;

interface Options {
  readonly output: string;
  readonly synth: boolean;
  readonly markdown?: boolean;
  readonly json?: boolean;
  readonly live?: boolean;
  readonly cluster?: string;
  readonly migrate?: boolean;
  readonly failOn: (typeof FAIL_ON)[number];
}

/** Adds the command `diff`, which sets the exit code: 1 for a severity of `--fail-on`. */
export function addDiff(program: Command): void {
  program
    .command('diff')
    .description('show what Flux does when the output is committed')
    .argument('[commit]', 'commit, branch or tag to compare with', 'HEAD')
    .option('-o, --output <directory>', 'output directory', process.env.CDK8S_OUTDIR || 'dist')
    .option('--no-synth', 'compare the output as it is, without a synth first')
    .option('--cluster <name>', 'compare this cluster only')
    .option(
      '--live',
      "compare with what Flux has applied in kubectl's current context; needs --cluster if there are several",
    )
    .option('--migrate', 'write the commit that keeps Flux from deleting what moves')
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 from this severity on').choices(FAIL_ON).default('danger'),
    )
    .option('--markdown', 'print Markdown, for a comment')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (commit: string, options: Options) => {
      process.exitCode = await run(commit, options);
    });
}

async function run(commit: string, options: Options): Promise<number> {
  if (options.synth) {
    const status = await synth({
      directory: process.cwd(),
      environment: process.env,
      types: false,
      output: options.output,
    });
    if (status !== 0) {
      return status;
    }
  }
  const found = await compared(commit, options);
  process.stdout.write(options.json ? jsonOf(found) : options.markdown ? markdownOf(found) : textOf(found));
  if (options.migrate) {
    return migrate(commit, found, options);
  }
  return isFailure(highestSeverity(found), options.failOn) ? 1 : 0;
}

function isFailure(highest: Severity | undefined, failOn: Options['failOn']): boolean {
  return highest !== undefined && failOn !== 'never' && FAIL_ON.indexOf(highest) <= FAIL_ON.indexOf(failOn);
}

async function compared(commit: string, { output, live, cluster }: Options): Promise<Difference> {
  const kubectl = new Kubectl(withoutSecrets(process.env));
  const all = await difference({
    outdir: output,
    commit,
    cluster,
    live: live ? (committed) => liveState(kubectl, committed) : undefined,
  });
  if (!live) {
    return all;
  }
  const clusters = [];
  for (const one of all.clusters) {
    clusters.push({ name: one.name, ...(await askServer(kubectl, one)) });
  }
  return { ...all, clusters };
}

function migrate(commit: string, found: Difference, { output }: Options): number {
  const { kept, commands } = keptBy(found);
  if (kept.length + commands.length === 0) {
    process.stderr.write('\nNothing to migrate: no object that moves, and no data, would be deleted.\n');
    return 0;
  }
  const byHand = commands.map((one) => `Before the next commit, run: ${one}`);
  if (kept.length === 0) {
    process.stderr.write(['', ...byHand, ''].join('\n'));
    return 0;
  }
  writeMigration({ outdir: output, commit, kept });
  process.stderr.write(
    [
      '',
      `${kept.length} objects are in migration.yaml. ${output}/ is that of the last commit, with annotations.`,
      `1. Commit only this, and push: git add migration.yaml ${output} && git commit -m 'Keep what moves'`,
      ...byHand,
      '2. When Flux has applied it, run npx cdk8s-forge diff again, and commit the program and its output.',
      '3. When Flux has applied that too, delete migration.yaml, and synthesize again.',
      '',
    ].join('\n'),
  );
  return 0;
}

/** The changes for programs. Values of fields are left out, as some are secrets. */
function jsonOf({ since, clusters, gone }: Difference): string {
  const entry = (change: Change): object => {
    const { cluster, action, kustomization, to, deletes, refused, waits, harm, object, fields = [] } = change;
    const [severity, losesData, effect] = [severityOf(change), harm?.losesData, effectOf(change)];
    const names = fields.map(({ path }) => path);
    const about = { cluster, severity, action, ...object.id, kustomization, to, deletes, losesData, refused, waits };
    return { ...about, effect, fields: names, file: object.file || undefined };
  };
  const value = {
    since,
    changes: clusters.flatMap(({ changes }) => changes.map(entry)),
    halts: clusters.flatMap(({ halts }) => halts),
    gone,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
