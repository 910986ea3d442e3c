import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { Cluster } from '../../../lib/flux';
import { Forge } from '../../../lib/forge';
import { ManagedNamespace, Storage } from '../../../lib/kube';
import { Executor, Registration, Runner, RunnerScope, Scaling, TokenMint } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';

const app = new GitOpsApp();
const gitea = Forge.gitea({
  version: '1.27',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
const home = new Cluster(app, 'home', { source: gitea.repository('homelab/gitops') });

const ci = new Chart(home, 'ci', { namespace: 'ci' });
new ManagedNamespace(new Chart(home, 'namespaces'), 'ci', { name: 'ci' });
new Runner(ci, 'pool', {
  forge: gitea,
  scope: RunnerScope.organization('homelab'),
  registration: Registration.minted(TokenMint.api(SecretSource.existing('gitea-owner-token'))),
  scaling: Scaling.perJob({ max: 10, apiToken: SecretSource.existing('gitea-jobs-token') }),
  executor: Executor.docker({ layers: Storage.ephemeral(Size.gibibytes(40)) }),
});

app.synth();
