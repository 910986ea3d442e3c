import { Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from './lib/app';
import { Buildkitd } from './lib/buildkit';
import { Cluster } from './lib/flux';
import { Forge } from './lib/forge';
import { Storage } from './lib/kube';
import { ImagePipeline } from './lib/pipeline';
import { Registry } from './lib/registry';
import { Executor, Registration, Runner, RunnerScope } from './lib/runner';
import { SecretSource } from './lib/secret';

const app = new GitOpsApp();
const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
const registry = Registry.gitea(gitea, {
  owner: 'platform',
  uploadLimit: Size.mebibytes(100),
  credentials: SecretSource.existing('registry-credentials'),
});
const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });

const ci = new Chart(home, 'ci', { namespace: 'gitea' });
const buildkitd = new Buildkitd(ci, 'buildkitd', {
  registries: [registry],
  storage: Storage.persistent(Size.gibibytes(50)),
});
const runner = new Runner(ci, 'runner', {
  forge: gitea,
  scope: RunnerScope.instance(),
  registration: Registration.token(SecretSource.existing('runner-token')),
  executor: Executor.host({ builder: buildkitd }),
});

const apps = new Chart(home, 'apps', { namespace: 'apps' });
const hello = new ImagePipeline(apps, 'hello-app', {
  repository: gitea.repository('platform/hello'),
  registry,
  runner,
  dockerfile: 'Dockerfile',
});
new Deployment(apps, 'hello', { containers: [{ image: hello.image.reference, portNumber: 8080 }] });

app.synth();
