import { Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from '../../../lib/app';
import { Buildkitd } from '../../../lib/buildkit';
import { Cluster } from '../../../lib/flux';
import { Forge } from '../../../lib/forge';
import { ManagedNamespace, Storage } from '../../../lib/kube';
import { ImagePipeline } from '../../../lib/pipeline';
import { Registry } from '../../../lib/registry';
import { Executor, GitHubRunner, Registration, RunnerScope, Scaling } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';

const app = new GitOpsApp();
const github = Forge.github();
const registry = Registry.ghcr({ owner: 'example', credentials: SecretSource.existing('ghcr-credentials') });
const home = new Cluster(app, 'home', { source: github.repository('example/gitops') });
const repository = github.repository('example/hello');

const namespaces = new Chart(home, 'namespaces');
new ManagedNamespace(namespaces, 'ci', { name: 'ci' });
new ManagedNamespace(namespaces, 'ci-docker', { name: 'ci-docker' });

// For builds: no privilege anywhere, and images are built by BuildKit.
const ci = new Chart(home, 'ci', { namespace: 'ci' });
const builder = new Buildkitd(ci, 'buildkitd', {
  registries: [registry],
  storage: Storage.persistent(Size.gibibytes(50)),
});
const builds = new GitHubRunner(ci, 'builds', {
  forge: github,
  scope: RunnerScope.organization('example'),
  registration: Registration.gitHubApp({
    applicationId: 123456,
    installationId: 7654321,
    privateKey: SecretSource.existing('github-app'),
  }),
  scaling: Scaling.perJob({ max: 10, repositories: [repository] }),
  executor: Executor.host({ builder }),
});

// For jobs with containers and services: one repository only, because they own a Docker daemon.
new GitHubRunner(new Chart(home, 'ci-docker', { namespace: 'ci-docker' }), 'containers', {
  forge: github,
  scope: RunnerScope.repository(repository),
  registration: Registration.gitHubToken(SecretSource.existing('github-runners')),
  scaling: Scaling.perJob({ max: 4, apiToken: SecretSource.existing('github-jobs') }),
  labels: ['self-hosted', 'linux', 'x64', 'containers'],
  executor: Executor.docker({ layers: Storage.ephemeral(Size.gibibytes(40)) }),
});

const apps = new Chart(home, 'apps', { namespace: 'apps' });
const hello = new ImagePipeline(apps, 'hello', { repository, registry, builder, runner: builds });
new Deployment(apps, 'app', { containers: [{ image: hello.image.reference }] });

app.synth();
