import * as fs from 'node:fs';
import * as path from 'node:path';
import { Command, Option } from 'commander';
import { ForgeError } from '../../support';
import { Forges, withoutSecrets } from '../forge/forges';
import { PlanFile, readPlan } from '../plan';
import { Kubectl } from '../run/kubectl';
import { ask, isInteractive } from '../run/prompt';
import { Field, fieldsOf } from './fields';
import { TokenMints } from './mint';
import { SecretChange, Secrets } from './secrets';
import { readSops } from './sops-file';
import { SecretStatus } from './status';
import { EncryptedTarget, pushSecretOf, SecretTarget } from './targets';
import { ValueSources } from './values';
import { clusterOf, WantedSecret, wantedSecrets } from './wanted';

const HELP = `
Lists every secret of the program, and whether it is where its users read it: Secrets in the cluster of
kubectl's context, Actions secrets at the forge. The exit code is 1 if one is missing. FORGE_TOKEN is a
token for the API; without it, Actions secrets are unknown. No value is printed.

Examples:
  cdk8s-forge secrets
  FORGE_TOKEN=… cdk8s-forge secrets create
  FORGE_TOKEN=… cdk8s-forge secrets rotate apps/registry-credentials
`;

const CREATE_HELP = `
Each value comes from the first of these that has it: the variable SECRET_<NAMESPACE>_<NAME>_<KEY> or
SECRET_<NAME>_<KEY>, a file of --files, the file of --sops, the forge (--mint), your answer. If a value is
missing, nothing is created. One login that several namespaces need is asked once.

With --mint, the forge creates registration tokens (with FORGE_TOKEN), and access tokens with only the
scopes that are needed (with FORGE_USER and FORGE_PASSWORD).

Examples:
  cdk8s-forge secrets create --dry-run
  FORGE_TOKEN=… FORGE_USER=bot FORGE_PASSWORD=… cdk8s-forge secrets create --mint
  cdk8s-forge secrets create --files ~/secrets --only apps/registry-credentials
  cdk8s-forge secrets create --to sops --directory secrets
`;

const ROTATE_HELP = `
Creates a new value, stores it wherever the old one is, and restarts the workloads that read it only at
their start. The old value works until you delete it: with "secrets revoke" if this command created it.
Secrets with the same value are replaced together.

Example:
  FORGE_TOKEN=… FORGE_USER=bot FORGE_PASSWORD=… cdk8s-forge secrets rotate apps/registry-credentials --mint
`;

const REVOKE_HELP = `
Deletes all tokens for the secret that this command created, except for the newest one. Pods that read a
Secret from a file get a new value after up to two minutes: wait so long after "secrets rotate".

Example:
  FORGE_USER=bot FORGE_PASSWORD=… cdk8s-forge secrets revoke apps/registry-credentials
`;

const TARGETS = ['cluster', 'sops', 'sealed-secret', 'push-secret'] as const;

interface Options {
  readonly output: string;
  readonly cluster?: string;
  readonly context?: string;
  readonly json?: boolean;
  readonly only?: string[];
  readonly files?: string;
  readonly sops?: string;
  readonly mint?: boolean;
  readonly to: (typeof TARGETS)[number];
  readonly directory: string;
  readonly store?: string;
  readonly dryRun?: boolean;
}

/** Adds the command `secrets` with its subcommands. */
export function addSecrets(program: Command): void {
  const secrets = common(program.command('secrets').description('list, create and replace secrets')).addHelpText(
    'after',
    HELP,
  );
  secrets.action(async (_: unknown, command: Command) => finish(await list(command.optsWithGlobals())));
  sources(common(secrets.command('create').description('create the secrets that are missing')))
    .option('--only <place...>', 'secrets to create, for example apps/registry-credentials (default: all)')
    .addOption(new Option('--to <target>', 'place of the Secrets').choices(TARGETS).default('cluster'))
    .option('--directory <directory>', 'directory for files of --to', 'secrets')
    .option('--store <kind/name>', 'store of the External Secrets Operator, for --to push-secret')
    .addHelpText('after', CREATE_HELP)
    .action(async (_: unknown, command: Command) => finish(await create(command.optsWithGlobals())));
  sources(common(secrets.command('rotate <place>').description('replace a secret without an outage')))
    .addHelpText('after', ROTATE_HELP)
    .action(async (place: string, _: unknown, command: Command) =>
      finish(await rotate(place, command.optsWithGlobals())),
    );
  common(secrets.command('revoke <place>').description('delete the older tokens of a secret'))
    .option('--dry-run', 'show what would change')
    .addHelpText('after', REVOKE_HELP)
    .action(async (place: string, _: unknown, command: Command) =>
      finish(await revoke(place, command.optsWithGlobals())),
    );
  secrets.commands.forEach((command) => command.copyInheritedSettings(program));
}

function common(command: Command): Command {
  return command
    .option('-o, --output <directory>', 'output directory', process.env.CDK8S_OUTDIR || 'dist')
    .option('--cluster <name>', 'cluster of the program, if there are several')
    .option('--context <name>', "context of kubectl (default: kubectl's current context)")
    .option('--json', 'print the result as JSON');
}

function sources(command: Command): Command {
  return command
    .option('--files <directory>', 'directory with the values in files <namespace>/<name>/<key>')
    .option('--sops <file>', 'file that sops decrypts: Secrets, or keys with values')
    .option('--mint', 'let the forge create tokens')
    .option('--dry-run', 'show what would change');
}

function finish(code: number): void {
  process.exitCode = code;
}

function open({ output, cluster, context }: Options) {
  const plan = readPlan(path.resolve(output));
  const environment = withoutSecrets(process.env);
  const forges = new Forges(plan, process.env);
  const work = { plan, forges, environment, kubectl: new Kubectl(environment, context) };
  return {
    forges,
    environment,
    secrets: new Secrets(work),
    context: contextOf(plan, cluster),
    wanted: (only?: string[]) => wantedSecrets(plan, { cluster, only }),
  };
}

async function list(options: Options): Promise<number> {
  const { secrets, wanted } = open(options);
  const statuses = await secrets.status(wanted());
  if (options.json) {
    print(statuses.map(({ secret, state, reason }) => ({ ...secret, state, reason })));
  } else {
    statuses.forEach((status) => process.stdout.write(lineOf(status)));
    const count = (state: string) => statuses.filter((status) => status.state === state).length;
    const states = ['present', 'missing', 'incomplete', 'unknown'].map((state) => `${count(state)} ${state}`);
    process.stdout.write(`${states.join(', ')}\n`);
  }
  return statuses.some(({ state }) => state === 'missing' || state === 'incomplete') ? 1 : 0;
}

function lineOf({ secret, state, reason }: SecretStatus): string {
  const from = secret.elsewhere === undefined ? '' : ` (${secret.elsewhere})`;
  const lines = [`${state}: ${secret.place}${from}${reason === undefined ? '' : `: ${reason}`}`];
  if (state === 'missing') {
    const scopes = secret.scopes.length === 0 ? '' : `; scope ${secret.scopes.join(', ')}`;
    lines.push(`  ${secret.purposes.join('; ')}${scopes}`);
    if (secret.elsewhere === undefined) {
      lines.push(
        `  ${fieldsOf(secret)
          .map(({ variables }) => variables[0])
          .join(', ')}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

async function create(options: Options): Promise<number> {
  const { secrets, wanted, environment, forges, context } = open(options);
  const own = wanted(options.only).filter(({ home, elsewhere }) => home !== 'environment' && elsewhere === undefined);
  const target = targetOf(options, environment);
  if (options.to === 'push-secret') {
    const stored = own.filter(({ home }) => home === 'kubernetes');
    print(stored.map((secret) => pushSecretOf(secret, options.store ?? '')));
    return 0;
  }
  const inCluster = options.to === 'cluster';
  const statuses = inCluster ? await secrets.status(own) : own.map((secret) => ({ secret, state: 'missing' as const }));
  const open_ = statuses.filter(
    ({ state, secret }) => state !== 'present' && (inCluster || secret.home === 'kubernetes'),
  );
  const unknown = open_.filter(({ state }) => state === 'unknown');
  const missing = open_.filter(({ state }) => state !== 'unknown').map(({ secret }) => secret);
  unknown.forEach((status) => process.stderr.write(lineOf(status)));
  const changes = options.dryRun
    ? missing.map(planned)
    : await secrets.create(missing, await sourcesOf(options, forges, context), { target });
  return reported(changes, options) || (unknown.length > 0 ? 1 : 0);
}

async function rotate(place: string, options: Options): Promise<number> {
  const { secrets, wanted, forges, context } = open(options);
  const [chosen] = wanted([place]);
  if (chosen.elsewhere !== undefined || chosen.home === 'environment') {
    throw ForgeError.of({
      code: 'FORGE-CLI-014',
      message: `this command did not create ${place}: ${chosen.elsewhere ?? 'it is a variable of your environment'}`,
      fix: 'replace the value at its origin',
    });
  }
  const ids = new Set(fieldsOf(chosen).map(({ id }) => id));
  const same = wanted().filter((secret) => fieldsOf(secret).some(({ id }) => ids.has(id)));
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const changes = options.dryRun
    ? same.map(planned)
    : await secrets.rotate(same, await sourcesOf(options, forges, context), say);
  const code = reported(changes, options);
  if (code === 0 && !options.json && chosen.rotation !== undefined) {
    process.stdout.write(`order: ${chosen.rotation}\n`);
  }
  return code;
}

async function revoke(place: string, options: Options): Promise<number> {
  const { secrets, wanted, forges, context } = open(options);
  const { dryRun = false } = options;
  const names = await secrets.revoke(wanted([place])[0], mintsOf(forges, context), dryRun);
  if (options.json) {
    print(names);
  } else {
    process.stdout.write(
      names.length === 0
        ? 'no older token\n'
        : names.map((name) => `${dryRun ? 'to delete' : 'deleted'}: ${name}\n`).join(''),
    );
  }
  return 0;
}

function planned({ place, purposes }: WantedSecret): SecretChange {
  return { place, state: 'planned', text: purposes.join('; ') };
}

function reported(changes: readonly SecretChange[], { json }: Options): number {
  if (json) {
    print(changes);
  } else {
    changes.forEach(({ place, state, text }) => process.stdout.write(`${state}: ${place}: ${text}\n`));
    process.stdout.write(changes.length === 0 ? 'nothing is missing\n' : '');
  }
  return changes.some(({ state }) => state === 'failed') ? 1 : 0;
}

function targetOf({ to, directory }: Options, environment: NodeJS.ProcessEnv): SecretTarget | undefined {
  switch (to) {
    case 'cluster':
    case 'push-secret':
      return undefined;
    case 'sops':
      return EncryptedTarget.sops(directory, environment);
    case 'sealed-secret':
      return EncryptedTarget.sealed(directory, environment);
  }
}

/** Returns the sources of values that the options choose. */
export async function sourcesOf(
  { files, sops, mint }: Pick<Options, 'files' | 'sops' | 'mint'>,
  forges: Forges,
  context?: string,
): Promise<ValueSources> {
  const mints = mint ? mintsOf(forges, context) : undefined;
  return {
    environment: process.env,
    files,
    ...(sops === undefined ? {} : { sops: await readSops(sops, withoutSecrets(process.env)) }),
    ...(mints === undefined ? {} : { mint: (secret: WantedSecret, field: Field) => mints.of(secret, field) }),
    ...(isInteractive() ? { ask: askFor } : {}),
  };
}

/** Returns the program and cluster to which tokens belong; undefined without a cluster. */
export function contextOf(plan: PlanFile, cluster: string | undefined): string | undefined {
  const chosen = plan.clusters.find(({ name }) => name === clusterOf(plan, cluster));
  return chosen?.source === undefined ? chosen?.name : `${chosen.source.repository} ${chosen.name}`;
}

function mintsOf(forges: Forges, context: string | undefined): TokenMints {
  return new TokenMints(forges, { name: process.env.FORGE_USER, password: process.env.FORGE_PASSWORD, context });
}

async function askFor(secrets: readonly WantedSecret[], { key, host, kind }: Field): Promise<string> {
  const places = secrets.map(({ place }) => place).join(', ');
  const scopes = kind === 'token' ? [...new Set(secrets.flatMap((secret) => secret.scopes))] : [];
  const hint = scopes.length === 0 ? '' : ` (a token with the scope ${scopes.join(', ')})`;
  if (kind === 'text') {
    const file = await ask(`File with ${key} of ${places}: `);
    return fs.readFileSync(file, 'utf8');
  }
  return ask(`${key}${host === undefined ? '' : ` at ${host}`} of ${places}${hint}: `, { secret: kind !== 'user' });
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
