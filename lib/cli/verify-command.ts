import * as path from 'node:path';
import { Command } from 'commander';
import { Forges, withoutSecrets } from './forge/forges';
import { numberOption } from './number-option';
import { PlannedCheck, readPlan } from './plan';
import { Kubectl } from './run/kubectl';
import { smoke } from './smoke';
import { CheckResult, checksOf, verify } from './verify';

const HELP = `
Runs the checks that the runbook lists, with kubectl's current context or that of --context. If the program
has several clusters, --cluster chooses whose checks run. Checks that ask the forge read
a token from FORGE_TOKEN, or with several forges from FORGE_TOKEN_<HOST>. CA can name a file with the certificates of your private CAs; without it, the
certificates are read from the cluster. The exit code is 0 if no check fails. Synth writes the same
checks as a Bash script to dist/host/verify.sh, for machines without Node.js.

Examples:
  cdk8s-forge verify
  FORGE_TOKEN=… cdk8s-forge verify --only runner
  cdk8s-forge verify --wait 600
  cdk8s-forge verify --cluster staging --context staging
  FORGE_TOKEN=… cdk8s-forge verify --smoke platform/scratch
`;

/** The time that a step of a smoke test may take, in seconds. */
const SMOKE_SECONDS = 600;

interface Options {
  readonly output: string;
  readonly only?: string;
  readonly cluster?: string;
  readonly context?: string;
  readonly timeout: number;
  readonly wait: number;
  readonly smoke?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** Adds the command `verify`, which sets the exit code: 1 if a check fails. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('check that the platform works')
    .option('-o, --output <directory>', 'output directory', process.env.CDK8S_OUTDIR || 'dist')
    .option('--only <text>', 'checks whose subject or title contains the text, for example "runner" (default: all)')
    .option('--cluster <name>', 'cluster of the program, if there are several')
    .option('--context <name>', "context of kubectl (default: kubectl's current context)")
    .option('--timeout <seconds>', 'time that a check may take', numberOption('--timeout', [1, 3600]), 90)
    .option('--wait <seconds>', 'time for which failing checks are repeated', numberOption('--wait', [0, 7200]), 0)
    .option('--smoke <owner/name>', 'repository that gets a commit, which is followed to its image and tag')
    .option('--dry-run', 'show the checks with their commands, and run none')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run({ output, json, dryRun, ...options }: Options): Promise<number> {
  if (dryRun) {
    const planned = checksOf(readPlan(path.resolve(output)), options);
    process.stdout.write(json ? `${JSON.stringify(planned, null, 2)}\n` : planned.map(plannedLines).join(''));
    return 0;
  }
  const environment = withoutSecrets(process.env);
  const outdir = path.resolve(output);
  const report = (result: CheckResult) => json || process.stdout.write(linesOf(result));
  const checks = { ...options, outdir, environment, tokens: process.env };
  const results = [...(await verify(checks, report))];
  if (options.smoke !== undefined && results.every(({ state }) => state !== 'failed')) {
    const { context } = options;
    results.push(...(await follow(options.smoke, { outdir, context, seconds: options.wait || SMOKE_SECONDS, report })));
  }
  const count = (state: string) => results.filter((result) => result.state === state).length;
  process.stdout.write(
    json
      ? `${JSON.stringify(results, null, 2)}\n`
      : `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`,
  );
  return count('failed') > 0 ? 1 : 0;
}

function plannedLines({ cluster, about, title, run: commands = ['no command shows it'] }: PlannedCheck): string {
  const where = cluster === undefined ? '' : `cluster ${cluster}: `;
  return [`check: ${where}${plain(about)}: ${plain(title)}`, ...commands.map((line) => `  ${line}`), ''].join('\n');
}

/** Follows a commit to the repository with a name. */
function follow(
  repository: string,
  {
    outdir,
    context,
    seconds,
    report,
  }: { outdir: string; context?: string; seconds: number; report: (result: CheckResult) => unknown },
): Promise<CheckResult[]> {
  const plan = readPlan(outdir);
  const kubectl = new Kubectl(withoutSecrets(process.env), context);
  const api = new Forges(plan, process.env).of(plan.repositories.find(({ name }) => name === repository)?.forge);
  const stamp = new Date().toISOString();
  return smoke({ plan, repository, api, kubectl, seconds, stamp }, report);
}

function linesOf({ about, title, state, good, reason, output, symptoms = [] }: CheckResult): string {
  const lines = [`${state}: ${plain(about)}: ${plain(title)}`];
  if (state === 'skipped') {
    lines.push(`  ${reason}; expected: ${plain(good)}`);
  }
  if (state === 'failed') {
    lines.push(`  expected: ${plain(good)}`, ...(output || 'no output').split('\n').map((line) => `  | ${line}`));
    symptoms.forEach(({ cause, fix }) => lines.push(`  cause: ${plain(cause)}`, `  fix: ${plain(fix)}`));
  }
  return `${lines.join('\n')}\n`;
}

/** Returns Markdown without the marks of code. */
function plain(markdown: string): string {
  return markdown.replace(/`/g, '');
}
