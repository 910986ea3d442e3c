import * as path from 'node:path';
import { Command, Option } from 'commander';
import { ForgeError } from '../../support';
import { Forges, withoutSecrets } from '../forge/forges';
import { numberOption } from '../number-option';
import { readPlan, rootOf } from '../plan';
import { Kubectl } from '../run/kubectl';
import { contextOf, sourcesOf } from '../secret/secrets-command';
import { clusterOf, wantedSecrets } from '../secret/wanted';
import { Bootstrap } from './bootstrap';

const HELP = `
Sets up the cluster of kubectl's context, from nothing: Flux, the operators that the program uses,
namespaces, the repository, secrets, the entry point. Then it waits layer by layer. Each step does only
what is missing, so that the command can run again, and continues where it failed. The exit code is 0 if
all is ready, apart from what waits for the first build.

Values of secrets come from variables, files, SOPS, the forge or your answers: see "secrets create --help".
FORGE_TOKEN is a token that may create and write the repository.

Examples:
  cdk8s-forge bootstrap --dry-run
  FORGE_TOKEN=… FORGE_USER=bot FORGE_PASSWORD=… cdk8s-forge bootstrap --mint
  cdk8s-forge bootstrap --forge-inside --flux operator
`;

const FLUX = ['install', 'operator', 'none'] as const;
const OPERATORS = ['helm', 'none'] as const;

interface Options {
  readonly output: string;
  readonly cluster?: string;
  readonly context?: string;
  readonly flux: (typeof FLUX)[number];
  readonly operators: (typeof OPERATORS)[number];
  readonly forgeInside?: boolean;
  readonly timeout: number;
  readonly files?: string;
  readonly sops?: string;
  readonly mint?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds the command `bootstrap`, which sets the exit code: 1 if a layer is not ready. */
export function addBootstrap(program: Command): void {
  program
    .command('bootstrap')
    .description('set up a cluster, from nothing to ready')
    .option('-o, --output <directory>', 'output directory', process.env.CDK8S_OUTDIR || 'dist')
    .option('--cluster <name>', 'cluster of the program, if there are several')
    .option('--context <name>', "context of kubectl (default: kubectl's current context)")
    .addOption(new Option('--flux <way>', 'way to install Flux').choices(FLUX).default('install'))
    .addOption(new Option('--operators <way>', 'way to install operators').choices(OPERATORS).default('helm'))
    .option('--forge-inside', 'apply the layers before there is a repository: the platform installs the forge')
    .option('--files <directory>', 'directory with the values of secrets')
    .option('--sops <file>', 'file with the values of secrets, which sops decrypts')
    .option('--mint', 'let the forge create tokens')
    .option('--timeout <seconds>', 'time that a layer may take', numberOption('--timeout', [1, 7200]), 600)
    .option('--dry-run', 'show what would change')
    .option('--json', 'print the steps as JSON')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run({ output, cluster: name, context, ...options }: Options): Promise<number> {
  const outdir = path.resolve(output);
  const plan = readPlan(outdir);
  const chosen = clusterOf(plan, name);
  const cluster = plan.clusters.find((each) => each.name === chosen);
  if (cluster === undefined) {
    throw ForgeError.of({
      code: 'FORGE-CLI-009',
      message: 'the program has no cluster',
      fix: 'create a Cluster in the program, and synthesize',
    });
  }
  const environment = withoutSecrets(process.env);
  const forges = new Forges(plan, process.env);
  const lines: string[] = [];
  const secrets = wantedSecrets(plan, { cluster: name }).filter(
    ({ home, elsewhere }) => home !== 'environment' && elsewhere === undefined,
  );
  const work = new Bootstrap({
    plan,
    cluster,
    outdir,
    root: rootOf(plan, outdir),
    environment,
    forges,
    secrets,
    kubectl: new Kubectl(environment, context),
    token: forges.tokenOf(cluster.source.forge),
    sources: await sourcesOf(options, forges, contextOf(plan, name)),
    flux: options.flux,
    operators: options.operators,
    forgeInside: options.forgeInside ?? false,
    dryRun: options.dryRun ?? false,
    timeout: options.timeout,
    report: (line) => (options.json ? void lines.push(line) : void process.stdout.write(`${line}\n`)),
  });
  const isReady = await work.all();
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ isReady, steps: lines }, null, 2)}\n`);
  }
  return isReady ? 0 : 1;
}
