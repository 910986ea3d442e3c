import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import {
  BuildkitMode,
  BuildkitSmokeTest,
  BuildkitTls,
  BuildkitTopology,
  Buildkitd,
  CertificateIssuer,
} from '../../../lib/buildkit';
import { ManagedNamespace, Storage } from '../../../lib/kube';
import { Registry } from '../../../lib/registry';

// Builders that several namespaces share: mutual TLS by cert-manager, one cache an image, and no Dockerfile that can talk to the daemon.
const app = new GitOpsApp();
new ManagedNamespace(new Chart(app, 'namespaces'), 'builders', { name: 'builders' });

const builders = new Chart(app, 'builders', { namespace: 'builders' });
const builder = new Buildkitd(builders, 'buildkitd', {
  registries: [Registry.ghcr({ owner: 'example' })],
  mode: BuildkitMode.userNamespace(),
  topology: BuildkitTopology.stablePool(2),
  storage: Storage.persistent(Size.gibibytes(100), 'longhorn'),
  tls: BuildkitTls.certManager(CertificateIssuer.clusterIssuer('internal-ca')),
});

const team = new Chart(app, 'team', { namespace: 'team' });
new BuildkitSmokeTest(team, 'buildkit-smoke-test', { builder });

app.synth();
