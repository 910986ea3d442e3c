import * as path from 'node:path';
import { ApiObject, Chart, Size } from 'cdk8s';
import { IConstruct } from 'constructs';
import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { Forge, GiteaRelease } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { Endpoint, RegistryMirror } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { Findings } from '../../lib/support';
import { foundCodes } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');
const storage = Storage.persistent(Size.gibibytes(10));

type Build = (chart: Chart) => IConstruct;
const mirror =
  (nodePort: number, id = 'hub'): Build =>
  (chart) =>
    new RegistryMirror(chart, id, { storage, nodePort, of: Endpoint.https(`${id}.example.com`) });
const gitea =
  (nodePort: number): Build =>
  (chart) =>
    new GiteaRelease(chart, 'gitea', { version: '1.27.0', storage, nodePort, admin: SecretSource.existing('admin') });
const service =
  (ports: object[], type = 'NodePort'): Build =>
  (chart) =>
    new ApiObject(chart, 'web', { apiVersion: 'v1', kind: 'Service', metadata: {}, spec: { type, ports } });

/** The codes of synth with two objects, in charts of one cluster or of two. */
function codes(one: Build, other: Build, { clusters = 1, accept = false } = {}): string[] {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  Findings.of(app).acknowledge('FORGE-RULE-004', 'not the matter of this test');
  const made = Array.from({ length: clusters }, (_, i) => new Cluster(app, `c${i}`, { source }));
  one(new Chart(made[0], 'one', { namespace: 'one' }));
  const second = other(new Chart(made[made.length - 1], 'two', { namespace: 'two' }));
  if (accept) {
    Findings.of(second).acknowledge('FORGE-RULE-008', 'the first goes with this change');
  }
  return foundCodes(() => app.synth());
}

test.each<[string, Build, Build, Build]>([
  ['two mirrors', mirror(30500, 'a'), mirror(30500, 'b'), mirror(30501, 'b')],
  ['a mirror and a Gitea', mirror(30500), gitea(30500), gitea(30501)],
  ['a mirror and another Service', mirror(30500), service([{ port: 80, nodePort: 30500 }]), service([{ port: 80 }])],
  [
    'a mirror and a load balancer',
    mirror(30500),
    service([{ port: 80, nodePort: 30500 }], 'LoadBalancer'),
    service([{ port: 53, nodePort: 30500, protocol: 'UDP' }], 'LoadBalancer'),
  ],
  [
    'two ports of one Service',
    mirror(30500),
    service([30501, 30501].map((nodePort, i) => ({ name: `p${i}`, port: 80 + i, nodePort }))),
    service([30501, 30502].map((nodePort, i) => ({ name: `p${i}`, port: 80 + i, nodePort }))),
  ],
])('%s of a cluster cannot open one port of the nodes', (_, one, wrong, right) => {
  expect(codes(one, wrong)).toEqual(['FORGE-RULE-008']);
  expect(codes(one, right)).toEqual([]);
});

test('two clusters have ports of their own, and the finding can be accepted', () => {
  expect(codes(mirror(30500, 'a'), mirror(30500, 'b'), { clusters: 2 })).toEqual([]);
  expect(codes(mirror(30500, 'a'), mirror(30500, 'b'), { accept: true })).toEqual([]);
});
