import { Chart } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { BuildCache, Builder, Platform } from '../../lib/buildkit';
import { Cluster, Kustomization } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ImagePipeline, Tag, Tags } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { HostedRunner } from '../../lib/runner';

const app = new GitOpsApp();
const repository = Forge.github().repository('example/moltbook');
const home = new Cluster(app, 'home', { source: repository });

const moltbook = new ImagePipeline(home, 'moltbook', {
  repository,
  registry: Registry.ghcr({ owner: 'example' }),
  builder: Builder.buildx(),
  runner: HostedRunner.UBUNTU_LATEST,
  images: [
    { name: 'moltbook-api', context: 'api' },
    { name: 'moltbook-frontend', context: 'moltbook-frontend' },
  ],
  platforms: [Platform.LINUX_AMD64],
  cache: BuildCache.github(),
  tags: Tags.timestamped({
    also: [Tag.LATEST_ON_DEFAULT_BRANCH, Tag.BRANCH, Tag.BRANCH_SHA, Tag.SEMVER, Tag.SEMVER_MINOR, Tag.SEMVER_MAJOR],
  }),
  pullRequests: true,
  dispatch: {},
  filePerImage: true,
});

// Manifests that are written by hand get the markers of their images; nothing else in them changes.
home.adopt('k8s/api/deployment.yml', moltbook.images.get('moltbook-api'));
home.adopt('k8s/frontend/deployment.yml', moltbook.images.get('moltbook-frontend'));
// Flux applies them from their directory.
new Kustomization(new Chart(home, 'k8s', { namespace: home.namespace }), 'moltbook', {
  source: home.source,
  path: './k8s',
});

app.synth();
