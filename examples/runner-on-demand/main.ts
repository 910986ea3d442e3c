import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ManagedNamespace, Storage } from '../../lib/kube';
import { Executor, RegistrationTokenJob, Runner, RunnerIdentity, RunnerScope, TokenMint } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';

const app = new GitOpsApp();
const gitea = Forge.gitea({
  version: '1.27',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
const home = new Cluster(app, 'home', { source: gitea.repository('homelab/gitops') });
const scope = RunnerScope.organization('homelab');

const ci = new Chart(home, 'ci', { namespace: 'ci' });
new ManagedNamespace(new Chart(home, 'namespaces'), 'ci', { name: 'ci' });
const token = new RegistrationTokenJob(ci, 'runner-token', {
  forge: gitea,
  scope,
  mint: TokenMint.api(SecretSource.existing('gitea-owner-token')),
});
new Runner(ci, 'pool', {
  forge: gitea,
  scope,
  registrationToken: token.secret,
  identity: RunnerIdentity.ephemeral({ max: 10, apiToken: SecretSource.existing('gitea-jobs-token') }),
  executor: Executor.docker({ layers: Storage.ephemeral(Size.gibibytes(40)) }),
});

app.synth();
