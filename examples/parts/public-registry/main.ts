import { ApiObject, Chart } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { Cluster, ImagePolicy, ImageRepository, TagPolicy } from '../../../lib/flux';
import { Forge } from '../../../lib/forge';
import { pullSecret, Registry } from '../../../lib/registry';
import { SecretSource } from '../../../lib/secret';

const app = new GitOpsApp();
const github = Forge.github();
const registry = Registry.ghcr({
  owner: 'example',
  // What SOPS encrypts belongs to one namespace: Flux scans from one, nodes pull in the other.
  credentials: SecretSource.perNamespace({
    'flux-system': SecretSource.sops('secrets/flux-system.yaml', { recipients: ['age1examplerecipient'] }),
    apps: SecretSource.existing('ghcr-credentials'),
  }),
});

const home = new Cluster(app, 'home', {
  source: github.repository('example/gitops'),
  decryption: SecretSource.existing('sops-age'),
});
const repository = new ImageRepository(home.images, 'moltbook-api', { registry, image: 'moltbook-api' });
const { image } = new ImagePolicy(repository, 'moltbook-api', { repository, tags: TagPolicy.semver('1.x') });

const apps = new Chart(home, 'apps', { namespace: 'apps' });
new ApiObject(apps, 'api', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api' },
  spec: {
    selector: { matchLabels: { app: 'api' } },
    template: {
      metadata: { labels: { app: 'api' } },
      spec: {
        imagePullSecrets: [{ name: pullSecret(apps, registry) }],
        containers: [{ name: 'api', image: image.reference }],
      },
    },
  },
});

app.synth();
