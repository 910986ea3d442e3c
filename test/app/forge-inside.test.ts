import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { Forge, GiteaRelease } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { Registry, RegistryRetention } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { fileOf, sopsObject } from '../secret/files';
import { temporaryFolder } from '../support/workspace';

// The runbook of an app that installs the server of the repository that its cluster follows.

const internalUrl = 'http://gitea-http.git.svc.cluster.local:3000';
const local = Forge.gitea({ version: '1.26', url: 'http://localhost:3000', internalUrl, nodePort: 30080 });
const encrypted = SecretSource.sops(fileOf(sopsObject({ metadata: { name: 'packages', namespace: 'git' } })));

function runbook(source: Forge, { token = SecretSource.existing('packages') } = {}): string {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', {
    source: source.repository('team/gitops'),
    decryption: SecretSource.existing('sops-age'),
  });
  const git = new Chart(home, 'git', { namespace: 'git' });
  const storage = Storage.persistent(Size.gibibytes(10));
  const admin = SecretSource.existing('gitea-admin');
  new GiteaRelease(git, 'gitea', { version: '1.26.2', forge: local, nodePort: 30080, storage, admin });
  const registry = Registry.gitea(local, { owner: 'team' });
  const images = [{ image: 'hello', deployedTags: ['v1'] }];
  new RegistryRetention(git, 'retention', { registry, images, keepLast: 1, token });
  app.synth();
  return fs.readFileSync(path.join(folder, 'dist/RUNBOOK.md'), 'utf8');
}

test('installs the server before Flux follows it, by the command and by hand', () => {
  const text = runbook(local);
  expect(text).toContain('npx cdk8s-forge bootstrap --mint --forge-inside\n');
  expect(text).toContain('which has no `FORGE_TOKEN` yet');
  const steps = ['create namespace git', 'kubectl apply -f dist/clusters/home/platform/', 'wait helmrelease/gitea'];
  const places = [...steps, 'Create the repositories'].map((step) => text.indexOf(step));
  expect(places.every((place, i) => place > (places[i - 1] ?? 0))).toBe(true);
});

test('leaves a server alone that has another repository', () => {
  const text = runbook(Forge.gitea({ version: '1.26', url: 'https://git.example.com' }));
  expect(text).toContain('npx cdk8s-forge bootstrap --mint\n');
  expect(text).not.toContain('kubectl apply -f dist/clusters/home/platform/');
});

test('leaves encrypted files of the layers to the command, because kubectl does not decrypt them', () => {
  const text = runbook(local, { token: encrypted });
  expect(text).not.toContain('kubectl apply -f dist/clusters/home/platform/');
  expect(text).toContain('npx cdk8s-forge bootstrap --forge-inside\n');
});
