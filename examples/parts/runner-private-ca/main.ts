import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { Forge } from '../../../lib/forge';
import { ManagedNamespace, Storage } from '../../../lib/kube';
import { Registry } from '../../../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { CaBundle, Trust } from '../../../lib/trust';

const app = new GitOpsApp();
const gitea = Forge.gitea({
  version: '1.25',
  url: 'https://git.home.arpa:30090',
  trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')),
});
const registry = Registry.gitea(gitea, { owner: 'platform' });

const ci = new Chart(app, 'ci', { namespace: 'ci' });
new ManagedNamespace(ci, 'namespace');
new Runner(ci, 'runner', {
  forge: gitea,
  scope: RunnerScope.instance(),
  registration: Registration.token(SecretSource.existing('runner-token')),
  labels: [RunnerLabel.docker('ubuntu-latest', 'ghcr.io/catthehacker/ubuntu:act-latest')],
  executor: Executor.docker({ daemon: { registries: [registry] }, layers: Storage.memory(Size.gibibytes(20)) }),
  placement: { awayFrom: [{ labels: { 'app.kubernetes.io/name': 'gitea' }, namespace: 'gitea' }] },
});

app.synth();
