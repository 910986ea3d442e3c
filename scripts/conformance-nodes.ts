/**
 * Writes a kind cluster, and a Tiltfile for it, for the Go tests in conformance/nodes:
 *
 *   node --import tsx scripts/conformance-nodes.ts <outdir>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from '../lib/app';
import { Platform } from '../lib/buildkit';
import { Cluster } from '../lib/flux';
import { Forge } from '../lib/forge';
import { K3dCluster, K3sNode, KindCluster, LiveUpdate, TalosNode, Tilt } from '../lib/host';
import { ImageCatalogue } from '../lib/pipeline';
import { Endpoint, Registry } from '../lib/registry';
import { Executor } from '../lib/runner';
import { Findings } from '../lib/support';
import { CaBundle, Trust } from '../lib/trust';

const out = process.argv[2];
const app = new GitOpsApp({ outdir: join(out, 'dist'), imageLock: join(out, 'images.yaml') });
const gitea = Forge.gitea({ version: '1.26', url: 'http://localhost:3000', nodePort: 30080 });
const registry = Registry.gitea(gitea, { owner: 'raibid-admin' });
const trust = Trust.privateCa(CaBundle.fromFile('test/fixtures/trust/ca.crt'));
const secured = Registry.oci({ pull: Endpoint.https('host.docker.internal:30090', { trust }) });
const hub = Registry.oci({
  pull: Endpoint.https('docker.io', { mirrors: [Endpoint.https('harbor.example.com:8443', { path: 'hub', trust })] }),
});
const home = new Cluster(app, 'home', { source: gitea.repository('raibid-admin/gitops'), outputPath: 'dist' });
const apps = new Chart(home, 'apps', { namespace: 'apps' });
new Deployment(apps, 'web', { containers: [{ image: `${registry.pullName('web')}:dev`, portNumber: 8080 }] });
const kind = new KindCluster(app, 'local', { forge: gitea, registries: [registry, secured, hub], workers: 1 });
new Tilt(app, 'tilt', {
  images: ImageCatalogue.of(registry, [
    { name: 'base', context: 'base', buildArgs: { TEXT: 'a "b" \\ ${c} é' } },
    {
      name: 'web',
      context: 'web',
      baseImages: { BASE: 'base' },
      platforms: [Platform.LINUX_AMD64],
      pull: true,
      target: 'app',
    },
  ]),
  manifests: home,
  localCluster: kind,
  liveUpdates: [
    LiveUpdate.of('web', { sync: { 'web/src': '/app' }, commands: [{ run: 'make', triggers: ['web/src/Makefile'] }] }),
  ],
});

// The same registries, for every other kind of node; and a token server whose CA is in the system of the nodes.
const tokens = Registry.oci({
  pull: Endpoint.http('plain.example.com:5000'),
  tokenServer: Endpoint.https('auth.example.com', { trust }),
});
const nodes = { registries: [registry, secured, hub, tokens], executors: [Executor.dockerRootless()] };
const k3d = new K3dCluster(app, 'k3d', { ...nodes, forge: gitea, workers: 1, ports: [{ host: 3022, node: 30022 }] });
Findings.of(k3d).acknowledge('FORGE-HOST-018', 'only its files are read here');
new K3sNode(app, 'k3s', nodes);
new TalosNode(app, 'talos', nodes);
app.synth();
for (const name of ['base', 'web']) {
  mkdirSync(join(out, name), { recursive: true });
  writeFileSync(join(out, name, 'Dockerfile'), 'FROM scratch\n');
}
