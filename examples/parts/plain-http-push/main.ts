import { ApiObject, Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { Buildkitd } from '../../../lib/buildkit';
import { Cluster, ImagePolicy, ImageRepository, TagPolicy } from '../../../lib/flux';
import { Forge, ServerSettings } from '../../../lib/forge';
import { Storage } from '../../../lib/kube';
import { OutputFile } from '../../../lib/output';
import { DaemonJson, pullSecret, Registry, RegistryRetention } from '../../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../../lib/runner';
import { SecretSource, SecretStore } from '../../../lib/secret';

const app = new GitOpsApp();
const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});

// The one declaration. Jobs push inside, over plain HTTP; nodes pull through the tunnel, which takes no large uploads.
const registry = Registry.gitea(gitea, {
  owner: 'platform',
  uploadLimit: Size.mebibytes(100),
  credentials: SecretSource.externalSecret('registry-credentials', {
    store: SecretStore.cluster('vault'),
    keys: { username: { key: 'ci/registry', property: 'user' }, password: { key: 'ci/registry', property: 'token' } },
  }),
});

const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
const repository = new ImageRepository(home.images, 'hello-app', { registry, image: 'hello-app' });
const { image } = new ImagePolicy(repository, 'hello-app', { repository, tags: TagPolicy.timestamped() });

const ci = new Chart(home, 'ci', { namespace: 'ci' });
const builder = new Buildkitd(ci, 'buildkitd', {
  registries: [registry],
  storage: Storage.persistent(Size.gibibytes(50)),
});
new Runner(ci, 'runner', {
  forge: gitea,
  scope: RunnerScope.organization('platform'),
  registration: Registration.token(SecretSource.existing('runner-token')),
  executor: Executor.host({ builder }),
});
new RegistryRetention(ci, 'retention', {
  registry,
  images: [{ image: 'hello-app', deployedTags: [image.tag] }],
  keepLast: 10,
  token: SecretSource.existing('package-token'),
});

const apps = new Chart(home, 'apps', { namespace: 'apps' });
const secret = pullSecret(apps, registry);
new ApiObject(apps, 'hello', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'hello' },
  spec: {
    selector: { matchLabels: { app: 'hello' } },
    template: {
      metadata: { labels: { app: 'hello' } },
      spec: { imagePullSecrets: [{ name: secret }], containers: [{ name: 'hello', image: image.reference }] },
    },
  },
});

// For the server, and for a machine outside the cluster that builds.
new OutputFile(app, 'settings', {
  path: 'host/gitea/app.ini',
  content: new ServerSettings(gitea, { layerLimit: Size.gibibytes(10) }).appIni,
});
new OutputFile(app, 'daemon', {
  path: 'host/laptop/daemon.json',
  content: new DaemonJson({ registries: [registry], maxConcurrentUploads: 10 }).render(),
});

app.synth();
