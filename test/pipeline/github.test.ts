import * as path from 'node:path';
import { Chart } from 'cdk8s';
import { parse } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Builder } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ImagePipeline } from '../../lib/pipeline';
import { Endpoint, Registry } from '../../lib/registry';
import { HostedRunner } from '../../lib/runner';
import { codesOf } from '../support/problems';
import { readTree, temporaryFolder } from '../support/workspace';
import { gitea, RenderedWorkflow, stepOf } from './world';

const github = Forge.github();

/** A pipeline on a runner that GitHub hosts, and its workflow and runbook. */
function hosted(registry: Registry, builder = Builder.buildx(), repository = github.repository('Example/hello')) {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', { source: github.repository('example/gitops') });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  new ImagePipeline(apps, 'hello', { repository, registry, builder, runner: HostedRunner.UBUNTU_LATEST });
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
});
