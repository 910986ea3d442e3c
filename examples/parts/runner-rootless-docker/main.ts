import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { Forge } from '../../../lib/forge';
import { ManagedNamespace, Storage } from '../../../lib/kube';
import { Registry } from '../../../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';

const app = new GitOpsApp();
const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
const registry = Registry.gitea(gitea, {
  owner: 'homelab',
  uploadLimit: Size.mebibytes(100),
});

const ci = new Chart(app, 'ci', { namespace: 'ci' });
new ManagedNamespace(ci, 'namespace');
new Runner(ci, 'runner', {
  forge: gitea,
  scope: RunnerScope.repository(gitea.repository('homelab/kuberay-images')),
  registration: Registration.token(SecretSource.existing('gitea-runner-token')),
  labels: [RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest')],
  executor: Executor.dockerRootless({
    state: Storage.persistent(Size.gibibytes(5), 'nfs-slow'),
    layers: Storage.persistent(Size.gibibytes(100), 'longhorn'),
    daemon: {
      registries: [registry],
      maxConcurrentUploads: 10,
      maxConcurrentDownloads: 10,
      containerdSnapshotter: true,
    },
  }),
});

app.synth();
