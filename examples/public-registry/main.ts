import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd } from '../../lib/buildkit';
import { Cluster, ImageRepository } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { Registry } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';

const app = new GitOpsApp();
const github = Forge.github();
const registry = Registry.ghcr({
  owner: 'example',
  // Encrypted for one namespace each: Flux scans from one, nodes pull in the other.
  credentials: SecretSource.perNamespace({ 'flux-system': SecretSource.sops('secrets/flux-system.yaml', { recipients: ['age1examplerecipient'] }) }),
});

const home = new Cluster(app, 'home', { source: github.repository('example/gitops'), decryption: SecretSource.existing('sops-age') });
new ImageRepository(home.images, 'moltbook-api', { registry, image: 'moltbook-api' });

const ci = new Chart(home, 'ci', { namespace: 'ci' });
const builder = new Buildkitd(ci, 'buildkitd', { registries: [registry], storage: Storage.ephemeral(Size.gibibytes(20)) });
// Whoever builds with it: the pods of self-hosted GitHub runners, which this program does not make.
builder.admit({ labels: { 'app.kubernetes.io/component': 'runner' }, namespace: 'actions' });

app.synth();
