import { GitOpsApp } from '../../lib/app';
import { Builder } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ImagePipeline, Tag, Tags } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { HostedRunner } from '../../lib/runner';

const app = new GitOpsApp();
const github = Forge.github();
const home = new Cluster(app, 'home', { source: github.repository('example/moltbook') });

const moltbook = new ImagePipeline(home, 'moltbook', {
  repository: github.repository('example/moltbook'),
  registry: Registry.ghcr({ owner: 'example' }),
  builder: Builder.buildx(),
  runner: HostedRunner.UBUNTU_LATEST,
  images: [
    { name: 'moltbook-api', context: 'api' },
    { name: 'moltbook-frontend', context: 'moltbook-frontend' },
  ],
  tags: Tags.timestamped({
    also: [Tag.LATEST_ON_DEFAULT_BRANCH, Tag.BRANCH, Tag.BRANCH_SHA, Tag.SEMVER, Tag.SEMVER_MINOR, Tag.SEMVER_MAJOR],
  }),
  pullRequests: true,
  dispatch: {},
  filePerImage: true,
});

// Manifests that are written by hand get their marker; nothing else in them changes.
home.adopt('k8s/api/deployment.yml', moltbook.images.get('moltbook-api'));
home.adopt('k8s/frontend/deployment.yml', moltbook.images.get('moltbook-frontend'));

app.synth();
