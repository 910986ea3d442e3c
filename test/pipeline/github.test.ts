import * as path from 'node:path';
import { Chart } from 'cdk8s';
import { parse } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { BuildCache, Builder } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ImagePipeline, ImagePipelineProps } from '../../lib/pipeline';
import { Scan, Sign } from '../../lib/recipe';
import { Endpoint, Registry } from '../../lib/registry';
import { HostedRunner } from '../../lib/runner';
import { runBash } from '../support/bash';
import { accepts, codesOf } from '../support/problems';
import { readTree, temporaryFolder } from '../support/workspace';
import { gitea, RenderedWorkflow, stepOf } from './world';

const github = Forge.github();

/** A pipeline on a runner that GitHub hosts, and its workflow and runbook. */
function hosted(
  registry: Registry,
  builder = Builder.buildx(),
  repository = github.repository('Example/hello'),
  more: Partial<ImagePipelineProps> = {},
) {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', { source: github.repository('example/gitops') });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  new ImagePipeline(apps, 'hello', { repository, registry, builder, runner: HostedRunner.UBUNTU_LATEST, ...more });
  app.synth();
  const files = readTree(folder);
  const file = Object.keys(files).find((name) => name.endsWith('hello.yml'))!;
  return { build: (parse(files[file]) as RenderedWorkflow).jobs.build, runbook: files['dist/RUNBOOK.md'] };
}

test('the token of the job pushes to GHCR of the same owner, whatever the case of the name, and no secret is created', () => {
  const { build, runbook } = hosted(Registry.ghcr({ owner: 'example' }));
  expect(build.permissions).toEqual({ contents: 'read', packages: 'write' });
  expect(stepOf(build, 'build').env).toMatchObject({
    REGISTRY_USER: '${{ github.actor }}',
    REGISTRY_TOKEN: '${{ github.token }}',
    SOURCE_URL: 'https://github.com/Example/hello',
  });
  expect(runbook).not.toContain('REGISTRY_TOKEN');
});

test.each([
  ['GHCR of another owner', Registry.ghcr({ owner: 'others' })],
  ['another registry', Registry.oci({ owner: 'example', pull: Endpoint.https('registry.example.com') })],
])('%s needs a login of its own', (_, registry) => {
  const { build, runbook } = hosted(registry);
  expect(build.permissions).toBeUndefined();
  expect(stepOf(build, 'build').env.REGISTRY_TOKEN).toBe('${{ secrets.REGISTRY_TOKEN }}');
  expect(runbook).toContain('REGISTRY_TOKEN');
});

test('a builder in the daemon has no separate cache, and builds all the same', () => {
  const { env } = stepOf(hosted(Registry.ghcr({ owner: 'example' }), Builder.docker()).build, 'build');
  expect(env).toMatchObject({ BUILDER: 'default', CACHE_FROM: '', CACHE_TO: '' });
});

test('a runner that GitHub hosts takes no jobs of Gitea', () => {
  const registry = Registry.ghcr({ owner: 'example' });
  expect(codesOf(() => hosted(registry, Builder.buildx(), gitea.repository('platform/hello')))).toEqual([
    'FORGE-PIPE-001',
  ]);
  accepts(() => hosted(registry, Builder.buildx(), Forge.github().repository('platform/hello')));
});

describe('the cache of GitHub', () => {
  const files = (images = [{ name: 'hello' }]) => {
    const folder = temporaryFolder();
    const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
    const home = new Cluster(app, 'home', { source: github.repository('example/gitops') });
    new ImagePipeline(home, 'hello', {
      repository: github.repository('example/hello'),
      registry: Registry.ghcr({ owner: 'example' }),
      builder: Builder.buildx(),
      runner: HostedRunner.UBUNTU_LATEST,
      cache: BuildCache.github(),
      pullRequests: true,
      images,
    });
    app.synth();
    return (parse(readTree(folder)['dist/repositories/example/hello/.github/workflows/hello.yml']) as RenderedWorkflow)
      .jobs;
  };

  test('gets its token from an action, and only the build step has it', () => {
    for (const job of Object.values(files())) {
      const read = stepOf(job, 'cache') as unknown as { uses: string; with: { script: string } };
      expect(read.uses).toMatch(/^actions\/github-script@[0-9a-f]{40}/);
      const outputs: Record<string, string> = {};
      const process = {
        env: { ACTIONS_RUNTIME_TOKEN: 'a token', ACTIONS_RESULTS_URL: 'https://results.example.com/' },
      };
      const core = { setOutput: (name: string, value: string) => (outputs[name] = value) };
      new Function('core', 'process', read.with.script)(core, process);
      expect(outputs).toEqual({
        ...process.env,
        ACTIONS_CACHE_URL: '',
        ACTIONS_CACHE_SERVICE_V2: '',
      });
      const withToken = job.steps.filter(({ env }) => JSON.stringify(env ?? {}).includes('ACTIONS_RUNTIME_TOKEN'));
      expect(withToken.map(({ id }) => id)).toEqual(['build']);
      expect(stepOf(job, 'build').env.CACHE_FROM).toMatch(/^type=gha,scope=/);
    }
    expect(stepOf(files().check, 'build').env.CACHE_TO).toBeUndefined();
  });

  test('is one for each image of a matrix', () => {
    const { build } = files([{ name: 'a' }, { name: 'b' }]);
    expect(stepOf(build, 'build').env.CACHE_TO).toContain('scope=ghcr-io-example-${{ matrix.name }}');
  });

  test('a script without the token builds without the cache, and says so', () => {
    const { script, env } = Builder.docker().buildScript({
      registry: Registry.ghcr({ owner: 'example' }),
      image: 'hello',
      context: '.',
      dockerfile: 'Dockerfile',
      commit: '0123abcd',
      push: false,
      cache: BuildCache.github(),
    });
    const docker = '#!/bin/bash\nprintf "%s\\n" "$@"\n';
    const without = runBash(script, { env, commands: { docker } });
    expect([without.status, without.stdout.includes('type=gha')]).toEqual([0, false]);
    expect(without.stdout).toContain('it builds without the cache of GitHub');
    const given = { ...env, ACTIONS_RUNTIME_TOKEN: 'a' };
    expect(runBash(script, { env: given, commands: { docker } }).stdout).toContain('type=gha');
  });
});

test('the permissions of a build follow from its login, scan and signature', () => {
  const sign = Sign.keyless(github.repository('Example/hello'));
  const more = { sign, scan: Scan.trivy({ sarif: true }) };
  const { build } = hosted(Registry.ghcr({ owner: 'example' }), undefined, undefined, more);
  expect(build.permissions).toEqual({
    contents: 'read',
    packages: 'write',
    'id-token': 'write',
    'security-events': 'write',
  });
  const names = ['Scan', 'Keep the reports of the scan', 'Send the report to code scanning', 'Sign'];
  expect(build.steps.slice(3).map(({ name }) => name)).toEqual(names);
  const { build: elsewhere } = hosted(Registry.ghcr({ owner: 'others' }), undefined, undefined, { sign });
  expect(elsewhere.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
});
