import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { parse, stringify } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Builder, Buildkitd, BuildkitPlatforms, BuildxDriver, IBuilder, Platform } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Architecture, Storage } from '../../lib/kube';
import { ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, HostedRunner, IRunner, Registration, Runner, RunnerScope, Scaling } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { readTree, temporaryFolder } from '../support/workspace';
import { RenderedWorkflow } from './world';

const URL = 'https://git.example.com';
const token = SecretSource.existing('runner-token');
const FORGES = {
  Gitea: Forge.gitea({ version: '1.26', url: URL }),
  Forgejo: Forge.forgejo({ version: '15.0', url: URL }),
  GitHub: Forge.github(),
};
const storage = Storage.persistent(Size.gibibytes(50));

/** The builders; those that jobs bring themselves also build on runners that GitHub hosts. */
const BUILDERS: Record<string, (chart: Chart, registry: Registry) => IBuilder> = {
  Buildkitd: (chart, registry) => new Buildkitd(chart, 'buildkitd', { registries: [registry], storage }),
  BuildkitPlatforms: (chart, registry) =>
    new BuildkitPlatforms(chart, 'pools', {
      registries: [registry],
      storage,
      architectures: [Architecture.AMD64, Architecture.ARM64],
    }),
  'buildx, docker-container': () => Builder.buildx(),
  'buildx, remote': (chart, registry) =>
    Builder.buildx({
      driver: BuildxDriver.remote(new Buildkitd(chart, 'buildkitd', { registries: [registry], storage })),
    }),
  'buildx, kubernetes': () =>
    Builder.buildx({
      driver: BuildxDriver.kubernetes({ namespace: 'builds', kubeconfig: '${{ secrets.KUBECONFIG }}' }),
    }),
  docker: (_, registry) => Builder.docker({ registries: [registry] }),
};

function runnerFor(chart: Chart, forge: Forge, builder: IBuilder): IRunner {
  const isHost = builder.tools.includes('buildctl');
  return new Runner(chart, 'runner', {
    forge,
    scope: RunnerScope.instance(),
    registration:
      forge.product.title === 'Forgejo'
        ? Registration.connection('01234567-89ab-4cde-8f01-23456789abcd', token)
        : Registration.token(token),
    scaling: Scaling.perJob({ max: 2, apiToken: SecretSource.existing('api-token') }),
    executor: isHost
      ? Executor.host({ builder })
      : Executor.docker({ dockerInJobs: true, builder: builder.isForClientsOnly ? builder : undefined }),
  });
}

/** The workflow of a pipeline; each script is its first line. */
function workflow(forge: Forge, builderOf: (chart: Chart, registry: Registry) => IBuilder): string {
  const folder = temporaryFolder();
  const isGitHub = forge === FORGES.GitHub;
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', { source: forge.repository('platform/gitops') });
  const ci = new Chart(home, 'ci', { namespace: 'ci' });
  const registry = isGitHub ? Registry.ghcr({ owner: 'platform' }) : Registry.gitea(forge, { owner: 'platform' });
  const builder = builderOf(ci, registry);
  new ImagePipeline(ci, 'web', {
    repository: forge.repository('platform/web'),
    registry,
    builder,
    runner: isGitHub ? HostedRunner.UBUNTU_LATEST : runnerFor(ci, forge, builder),
    // Builds of pull requests have no secret, and this builder needs one.
    pullRequests: !builder.path.includes('kubernetes'),
    context: 'web',
    ...(builder.canAttest === false && builder.tools.includes('docker')
      ? {}
      : { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }),
  });
  app.synth();
  const [, text] = Object.entries(readTree(folder)).find(([file]) => file.endsWith('web.yml'))!;
  const { jobs } = parse(text) as RenderedWorkflow;
  const shown = Object.values(jobs).map(({ steps, ...job }) => ({
    ...job,
    steps: steps.map((step) => ({ ...step, ...(step.run ? { run: step.run.split('\n')[0] } : {}) })),
  }));
  return stringify(Object.fromEntries(Object.keys(jobs).map((id, i) => [id, shown[i]])), { lineWidth: 0 });
}

const CASES = Object.keys(FORGES).flatMap((forge) =>
  Object.keys(BUILDERS)
    // A runner that GitHub hosts is no client of a daemon in the cluster.
    .filter((builder) => forge !== 'GitHub' || /docker|kubernetes/.test(builder))
    .map((builder): [string, keyof typeof FORGES] => [builder, forge as keyof typeof FORGES]),
);

test.each(CASES)('the workflow of %s on %s', (builder, forge) => {
  expect(workflow(FORGES[forge], BUILDERS[builder])).toMatchSnapshot();
});
