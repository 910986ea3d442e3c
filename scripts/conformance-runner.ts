/**
 * Writes the files of runners of many kinds, for the Go tests in conformance/runner:
 *
 *   node --import tsx scripts/conformance-runner.ts <outdir>
 *
 * <outdir>/<n>/ holds the files of one runner's ConfigMap, <outdir>/manifest.json says what each is for. Always the same files.
 */
import { App, Chart, Duration, Size, Testing } from 'cdk8s';
import fc from 'fast-check';
import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { Forge } from '../lib/forge';
import {
  Executor,
  HostExecutorProps,
  ImageReference,
  Registration,
  Runner,
  RunnerConfig,
  RunnerProps,
  RunnerScope,
  RunnerVersion,
  Scaling,
  ScalingKind,
} from '../lib/runner';
import { SecretSource } from '../lib/secret';
import { ForgeError } from '../lib/support';
import { combinations } from '../test/runner/combinations';
import { seedOf } from '../test/support/seed';

interface Case {
  readonly folder: string;
  readonly product: string;
  readonly version: string;
  readonly executor: string;
  readonly ephemeral: boolean;
  readonly program: string;
}

const outdir = process.argv[2];
const cases: Case[] = [];

/** The name of the runner binary of a version. */
function binaryOf({ program, version }: Runner): string {
  return program.facts(version, new ImageReference('image', version.version)).binary;
}

function write(props: RunnerProps): boolean {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  let runner: Runner;
  try {
    runner = new Runner(chart, 'runner', props);
  } catch (e) {
    if (e instanceof ForgeError) {
      return false;
    }
    throw e;
  }
  const config = Testing.synth(chart).find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'runner-config',
  );
  const folder = String(cases.length);
  mkdirSync(join(outdir, folder), { recursive: true });
  for (const [name, text] of Object.entries(config.data as Record<string, string>)) {
    writeFileSync(join(outdir, folder, name), text);
  }
  cases.push({
    folder,
    product: runner.program.product,
    version: runner.version.version,
    executor: runner.executor.name,
    ephemeral: runner.scaling.kind === ScalingKind.PER_JOB,
    program: binaryOf(runner),
  });
  return true;
}

const gitea = Forge.gitea({ version: '1.27', url: 'https://git.example.com' });
const registration = Registration.token(SecretSource.existing('runner-token'));
const host = (version: string, more: Partial<RunnerProps> = {}, executor: HostExecutorProps = {}) =>
  write({
    forge: gitea,
    scope: RunnerScope.instance(),
    registration,
    executor: Executor.host(executor),
    version: RunnerVersion.of(version),
    ...more,
  });

// The version that is at hand as a program, with everything that it can be told.
const everything: RunnerConfig = {
  capacity: 3,
  jobEnvFile: '/nowhere',
  timeout: Duration.minutes(90),
  shutdownTimeout: Duration.seconds(2),
  fetchTimeout: Duration.seconds(9),
  fetchInterval: Duration.seconds(3),
  fetchIntervalMax: Duration.seconds(60),
  workdirCleanupAge: Duration.hours(2),
  idleCleanupInterval: Duration.minutes(1),
  logReportInterval: Duration.seconds(6),
  logReportMaxLatency: Duration.millis(2500),
  logReportBatchSize: 10,
  stateReportInterval: Duration.seconds(6),
  reportCloseTimeout: Duration.seconds(20),
  githubMirror: 'https://mirror.example.com',
  allocatePty: true,
  insecure: true,
  cache: { dir: '/tmp/cache', host: '127.0.0.1', offlineMode: true },
  container: {
    network: 'host',
    privileged: true,
    options: '--cpus=2',
    workdirParent: 'work',
    validVolumes: ['data', '/x/**'],
    forcePull: true,
    forceRebuild: true,
    bindWorkdir: true,
  },
};
host('1.0.8');
host(
  '1.0.8',
  { config: everything, environment: { NO: 'no', OCTAL: '0o17', EMPTY: '', TIME: '12:30:00' } },
  { imageHasNode: true },
);
host('1.0.8', {
  scaling: Scaling.perJob({ max: 2, apiToken: SecretSource.existing('scaler') }),
  config: { shutdownTimeout: Duration.seconds(1) },
});
host('1.0.8', { config: { healthCheck: undefined, cache: { enabled: true } } });
host('3.3.0', { config: { healthCheck: { minFreeDiskSpace: Size.gibibytes(1) } } });

for (const props of fc.sample(combinations, { numRuns: 6000, seed: seedOf(20261120) })) {
  write(props);
}
writeFileSync(join(outdir, 'manifest.json'), JSON.stringify(cases));
