import { Chart, Duration, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { Forge, GiteaRelease } from '../../lib/forge';
import { HostBuild, KindCluster, Tilt } from '../../lib/host';
import { ManagedNamespace, Storage } from '../../lib/kube';
import { ImageCatalogue } from '../../lib/pipeline';
import { Registry, RegistryMirror, RegistryRetention } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';

// What the Dockerfiles have after FROM.
const bases = ['docker.io/library/rust:1.83-slim', 'docker.io/library/debian:bookworm-slim'];
const version = 'v0.1.0';

const app = new GitOpsApp();
// Port 3000 of the machine leads to NodePort 30080, and that to port 3000 of the Service.
const gitea = Forge.gitea({
  version: '28.3.0',
  url: 'http://localhost:3000',
  internalUrl: 'http://gitea-http.raibid-system.svc.cluster.local:3000',
  nodePort: 30080,
});
const registry = Registry.gitea(gitea, { owner: 'raibid-admin' });
const local = new Cluster(app, 'local', { source: gitea.repository('raibid-admin/gitops') });

const namespaces = new Chart(local, 'namespaces');
new ManagedNamespace(namespaces, 'system', { name: 'raibid-system' });
new ManagedNamespace(namespaces, 'apps', { name: 'raibid' });

// Gitea has the registry, and the repository that Flux follows.
const system = new Chart(local, 'gitea', { namespace: 'raibid-system' });
new GiteaRelease(system, 'gitea', {
  version: '28.3.0',
  forge: gitea,
  nodePort: 30080,
  storage: Storage.persistent(Size.gibibytes(10)),
  admin: SecretSource.existing('gitea-admin'),
  claimLabels: { backup: 'daily' },
});
new RegistryRetention(system, 'retention', {
  registry,
  images: [{ image: 'raibid-server', deployedTags: [version], size: Size.mebibytes(200) }],
  keepLast: 10,
  olderThan: Duration.days(30),
  capacity: Size.gibibytes(8),
  token: SecretSource.existing('retention-token'),
});
// Base images, also while Docker Hub is not reachable.
const hub = new RegistryMirror(system, 'hub', {
  storage: Storage.persistent(Size.gibibytes(20)),
  nodePort: 30500,
  seed: bases,
});

const apps = new Chart(local, 'apps', { namespace: 'raibid' });
const image = `${registry.pullName('raibid-server')}:${version}`;
new Deployment(apps, 'raibid-server', { replicas: 1, containers: [{ image, portNumber: 8080 }] });

// The machine: a cluster, builds, and a development loop.
const images = ImageCatalogue.of(registry, [{ name: 'raibid-server', dockerfile: 'crates/server/Dockerfile' }]);
const kind = new KindCluster(app, 'raibid', {
  forge: gitea,
  registries: [registry, hub.registry],
  ports: [{ host: 30500, node: 30500 }],
});
new HostBuild(app, 'build', { images, localCluster: kind, prePull: bases });
new Tilt(app, 'tilt', { images, manifests: local, localCluster: kind });
app.synth();
