import * as path from 'node:path';
import { Command } from 'commander';
import { ForgeError, quoted } from '../../support';
import { Forges, withoutSecrets } from '../forge/forges';
import { readPlan } from '../plan';
import { Kubectl } from '../run/kubectl';
import { clusterOf } from '../secret/wanted';
import { WebhookResult, Webhooks } from './webhooks';

const HELP = `
Makes webhooks at the forge, so that Flux sees a push and a new image at once: one at the repository that
Flux reads, one at each owner of images in a Gitea or Forgejo registry. Paths and the token come from the
cluster of kubectl's context. A webhook that exists is kept; one with a former token is changed.

FORGE_TOKEN is a token that may write webhooks: write:repository, and write:organization or write:user.

Examples:
  cdk8s-forge webhooks --address https://flux.example.com --dry-run
  FORGE_TOKEN=… cdk8s-forge webhooks --address http://webhook-receiver.flux-system.svc.cluster.local
`;

interface Options {
  readonly output: string;
  readonly address: string;
  readonly cluster?: string;
  readonly context?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds the command `webhooks`, which sets the exit code: 1 if a webhook is not as it should be. */
export function addWebhooks(program: Command): void {
  program
    .command('webhooks')
    .description('make the webhooks by which forges tell Flux of pushes and images')
    .requiredOption('--address <url>', 'address at which the forge reaches the webhook-receiver of Flux')
    .option('-o, --output <directory>', 'output directory', process.env.CDK8S_OUTDIR || 'dist')
    .option('--cluster <name>', 'cluster of the program, if there are several')
    .option('--context <name>', "context of kubectl (default: kubectl's current context)")
    .option('--dry-run', 'show what would change')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run({ output, address, cluster: name, context, dryRun = false, json }: Options): Promise<number> {
  if (!/^https?:\/\/[^\s/?#"\\]+(\/[^\s?#"\\]*)?$/.test(address)) {
    throw refused(
      `${quoted(address)} is not an address`,
      "set --address to a URL, for example 'https://flux.example.com'",
    );
  }
  const plan = readPlan(path.resolve(output));
  const chosen = clusterOf(plan, name);
  const cluster = plan.clusters.find((each) => each.name === chosen);
  if (cluster?.webhooks === undefined || cluster.webhooks.length === 0) {
    throw refused('the cluster has no webhooks', 'set webhookToken of the Cluster in the program, and synthesize');
  }
  const results = await new Webhooks({
    cluster,
    address: address.replace(/\/+$/, ''),
    kubectl: new Kubectl(withoutSecrets(process.env), context),
    forges: new Forges(plan, process.env),
    dryRun,
  }).all();
  process.stdout.write(
    json ? `${JSON.stringify(results, null, 2)}\n` : results.map((one) => lineOf(one, dryRun)).join(''),
  );
  return results.some(({ state }) => state === 'failed') ? 1 : 0;
}

function lineOf({ at, event, state, reason }: WebhookResult, dryRun: boolean): string {
  const isChange = state === 'created' || state === 'updated';
  return `${dryRun && isChange ? 'to be ' : ''}${state}: ${event} of ${at}${reason === undefined ? '' : `: ${reason}`}\n`;
}

function refused(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-CLI-017', message, fix });
}
