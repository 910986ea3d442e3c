import * as fs from 'node:fs';
import * as path from 'node:path';
import { GitOpsApp } from '../../lib/app';
import { Builder } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { HostedRunner } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { adviceAt } from '../../lib/support';

const EXAMPLE = path.join(__dirname, '../../examples/3-github-ghcr');
const read = (file: string) => fs.readFileSync(path.join(EXAMPLE, file), 'utf8');

test('the manifests keep their lines: init container and container have the marker of one image, and the tag that they had', () => {
  const lines = read('k8s/api/deployment.yml').split('\n');
  const marked = 'image: ghcr.io/example/moltbook-api:latest # {"$imagepolicy": "flux-system:moltbook-api"}';
  expect([lines[21].trim(), lines[33].trim()]).toEqual([marked, marked]);
  expect(read('k8s/frontend/deployment.yml').split('\n')[20]).toContain('moltbook-frontend:latest # {"$imagepolicy"');
});

test('no commit of Flux or of a synth starts a build, and a change of its own file does', () => {
  const workflow = read('.github/workflows/moltbook-moltbook-api.yml');
  for (const excluded of ['dist/**', 'images.yaml', 'k8s/api/deployment.yml']) {
    expect(workflow).toContain(`- '!${excluded}'`);
  }
  expect(workflow).toContain('- .github/workflows/moltbook-moltbook-api.yml\n');
});

test('the runbook says how packages of GHCR become readable, unless Flux has credentials', () => {
  const steps = (credentials?: SecretSource) => {
    const repository = Forge.github().repository('example/web');
    const pipeline = new ImagePipeline(new Cluster(new GitOpsApp(), 'home', { source: repository }), 'web', {
      repository,
      registry: Registry.ghcr({ owner: 'example', credentials }),
      builder: Builder.buildx(),
      runner: HostedRunner.UBUNTU_LATEST,
    });
    return adviceAt(pipeline).flatMap(({ byHand = [] }) => byHand.map(({ title }) => title));
  };
  expect(steps()).toEqual(['Visibility of the packages at `ghcr.io`']);
  expect(steps(SecretSource.existing('ghcr'))).toEqual([]);
});
