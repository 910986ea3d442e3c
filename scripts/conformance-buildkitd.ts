/**
 * Writes what the real daemon is started with in conformance/buildkitd:
 *
 *   node --import tsx scripts/conformance-buildkitd.ts <outdir>
 *
 * <outdir>/daemons.json holds, for each mode, with and without TLS, the rendered buildkitd.toml and the places that it names; the test
 * puts folders of its own there. <outdir>/cache.json holds what the build step passes to buildctl for the image `IMAGE`, and
 * <outdir>/step.json a whole step of a workflow file with the daemon that it is for. <outdir>/pipeline.json holds the build steps of a
 * pipeline's workflow, by job.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Chart, Size, Testing } from 'cdk8s';
import { parse } from 'yaml';
import { GitOpsApp } from '../lib/app';
import {
  BuildCache,
  Buildkitd,
  BuildkitMode,
  BuildkitPlatforms,
  BuildkitTls,
  Platform,
  Provenance,
} from '../lib/buildkit';
import { SERVER_TLS_FOLDER } from '../lib/buildkit/pod/pod';
import { scriptText } from '../lib/support';
import { Cluster } from '../lib/flux';
import { Forge, RunsOn } from '../lib/forge';
import { Architecture, Storage } from '../lib/kube';
import { OutputFile } from '../lib/output';
import { BuildSecret, ImagePipeline } from '../lib/pipeline';
import { BuildctlBuild } from '../lib/recipe';
import { Endpoint, Registry } from '../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope, Scaling } from '../lib/runner';
import { SecretSource } from '../lib/secret';
import { Trigger, Workflow } from '../lib/workflow';
import { MODES, STORAGES, world } from '../test/buildkit/world';

function main([outdir]: string[]): void {
  if (!outdir) {
    throw new Error('usage: conformance-buildkitd.ts <outdir>');
  }
  mkdirSync(outdir, { recursive: true });
  const daemons = MODES.flatMap((mode) =>
    [BuildkitTls.none(), BuildkitTls.certManager()].map((tls) => {
      const { find, daemon } = world({ mode, tls, storage: STORAGES[0] });
      return {
        name: `${mode.name} ${tls.kind}`,
        toml: find('ConfigMap', 'buildkitd-config').data['buildkitd.toml'],
        root: mode.rootDirectory,
        socket: mode.socket.replace('unix://', ''),
        serverTlsFolder: SERVER_TLS_FOLDER,
        clientTlsFolder: daemon.connection.tlsFolder ?? '',
        globalFlags: daemon.connection.globalFlags,
        serverNames: daemon.serverNames,
        volume: STORAGES[0].size!.toKibibytes() * 1024,
      };
    }),
  );
  const cache = BuildCache.registry();
  writeFileSync(join(outdir, 'daemons.json'), JSON.stringify(daemons));
  writeFileSync(
    join(outdir, 'cache.json'),
    JSON.stringify({ from: cache.imports('IMAGE'), to: cache.exports('IMAGE') }),
  );
  writeFileSync(join(outdir, 'drain.sh'), scriptText(join(__dirname, '../lib/buildkit'), 'drain.sh'));
  writeFileSync(join(outdir, 'step.json'), JSON.stringify(buildStep()));
  writeFileSync(join(outdir, 'pipeline.json'), JSON.stringify(pipelineSteps()));
  console.log(`${daemons.length} daemons`);
}

/** A build step as it stands in a workflow file, and the daemon it is for, with a registry that talks plain HTTP. */
function buildStep(): { env: Record<string, string>; run: string; toml: string } {
  const forge = Forge.gitea({ version: '1.26', url: 'http://registry.test:3000' });
  const registry = Registry.gitea(forge, { owner: 'platform', push: Endpoint.http('registry.test:3000') });
  const chart = new Chart(Testing.app(), 'ci', { namespace: 'ci' });
  const builder = new Buildkitd(chart, 'buildkitd', {
    registries: [registry],
    mode: BuildkitMode.privileged(),
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  new Runner(chart, 'runner', {
    forge,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder }),
  });
  const config = Testing.synth(chart).find((object) => object.kind === 'ConfigMap' && 'buildkitd.toml' in object.data);
  const workflow = new Workflow(chart, 'build', {
    repository: forge.repository('platform/hello'),
    triggers: [Trigger.push({ branches: ['main'] })],
  });
  const step = BuildctlBuild.step({
    registry,
    builder,
    image: 'hello',
    context: 'app folder',
    dockerfile: 'docker/Dockerfile',
  });
  workflow.addJob('build', { runsOn: RunsOn.existing('runner'), steps: [step] });
  const { content } = workflow.node.children.find(OutputFile.isOutputFile) as OutputFile;
  const [{ env, run }] = parse(content).jobs.build.steps;
  return { env, run, toml: config.data['buildkitd.toml'] };
}

/** The build steps of a pipeline with a base image, an image for two platforms, and pull requests; by job. */
function pipelineSteps(): Record<string, { env: Record<string, string>; run: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const forge = Forge.gitea({ version: '1.26', url: 'http://registry.test:3000' });
  const registry = Registry.gitea(forge, { owner: 'platform', push: Endpoint.http('registry.test:3000') });
  const app = new GitOpsApp({ outdir: join(folder, 'dist'), imageLock: join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', { source: forge.repository('platform/gitops') });
  const chart = new Chart(home, 'ci', { namespace: 'ci' });
  const builder = new Buildkitd(chart, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  const runner = new Runner(chart, 'runner', {
    forge,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    scaling: Scaling.perJob({ max: 2, apiToken: SecretSource.existing('api-token') }),
    executor: Executor.host({ builder }),
  });
  new ImagePipeline(chart, 'app', {
    repository: forge.repository('platform/app'),
    registry,
    runner,
    pullRequests: true,
    context: 'app folder',
    dockerfile: 'docker/Dockerfile',
    images: [
      { name: 'base' },
      { name: 'derived', context: 'derived', dockerfile: 'Dockerfile', baseImages: { BASE: 'base' } },
      { name: 'platforms', platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] },
      { name: 'exact', reproducible: true, provenance: Provenance.MIN, secrets: [BuildSecret.actions('NPM_TOKEN')] },
    ],
  });
  const pools = new BuildkitPlatforms(chart, 'pools', {
    architectures: [Architecture.AMD64, Architecture.ARM64],
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  new ImagePipeline(chart, 'native', {
    repository: forge.repository('platform/app'),
    registry,
    builder: pools,
    runner: new Runner(chart, 'native-runner', {
      forge,
      scope: RunnerScope.instance(),
      labels: [RunnerLabel.host('native')],
      registration: Registration.token(SecretSource.existing('runner-token')),
      executor: Executor.host({ builder: pools }),
    }),
    context: 'app folder',
    dockerfile: 'docker/Dockerfile',
  });
  app.synth();
  const jobsOf = (file: string) =>
    parse(readFileSync(join(folder, 'dist/repositories/platform/app/.gitea/workflows', file), 'utf8')).jobs as Record<
      string,
      { steps: { id?: string; env: Record<string, string>; run: string }[] }
    >;
  const jobs = { ...jobsOf('app.yml'), native: jobsOf('native.yml').build };
  rmSync(folder, { recursive: true });
  return Object.fromEntries(
    Object.entries(jobs).map(([id, { steps }]) => {
      const { env, run } = steps.find((step) => step.id === 'build')!;
      return [id, { env, run }];
    }),
  );
}

main(process.argv.slice(2));
