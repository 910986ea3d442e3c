import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { Buildkitd } from '../../../lib/buildkit';
import { Cluster, ImageRepository } from '../../../lib/flux';
import { Forge, KnownHosts, SshEndpoint } from '../../../lib/forge';
import { Egress, Storage } from '../../../lib/kube';
import { OutputFile } from '../../../lib/output';
import { NodeConfig, Registry } from '../../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { CaBundle, Trust } from '../../../lib/trust';

const app = new GitOpsApp();

// The CA is named once. `validOn` is yours to move: a synth knows no clock.
const ca = CaBundle.fromFile('certs/ca.crt', { validOn: '2027-06-30' });
const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.home.example:8443',
  trust: Trust.privateCa(ca),
  ssh: SshEndpoint.of('git.home.example', 30022, {
    aliases: ['gitea-ssh.gitea.svc.cluster.local:22', '127.0.0.1'],
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'],
  }),
});
const registry = Registry.gitea(gitea, {
  owner: 'platform',
  credentials: SecretSource.existing('registry-credentials'),
});

const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
new ImageRepository(home.images, 'hello-app', { registry, image: 'hello-app' });

const ci = new Chart(home, 'ci', { namespace: 'ci' });
const builder = new Buildkitd(ci, 'buildkitd', {
  registries: [registry],
  storage: Storage.persistent(Size.gibibytes(50)),
  // The name of the forge resolves to an address of the home network, which builds do not reach by default.
  egress: Egress.internet({ hosts: { 'git.home.example': ['192.168.1.10'] } }),
});
new Runner(ci, 'runner', {
  forge: gitea,
  scope: RunnerScope.organization('platform'),
  registration: Registration.token(SecretSource.existing('runner-token')),
  executor: Executor.host({ builder }),
});
new KnownHosts(ci, 'known-hosts', { endpoints: [gitea.ssh!] });

// For the nodes: a k3s server takes the first, containerd and kind the second; each certificate goes where these files name it.
const nodes = new NodeConfig([registry]);
new OutputFile(app, 'k3s', { path: 'host/nodes/registries.yml', content: nodes.k3sRegistriesYaml });
new OutputFile(app, 'containerd', {
  path: 'host/nodes/hosts.toml',
  content: nodes.hostsToml['git.home.example_8443_/hosts.toml'],
});
new OutputFile(app, 'trust', { path: 'host/install-ca.sh', content: CaBundle.installScript, executable: true });

app.synth();
