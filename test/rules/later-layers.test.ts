import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { GitOpsApp } from '../../lib/app';
import { Cluster, ClusterKustomizations } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Layer, ManagedNamespace } from '../../lib/kube';
import { SecretSource } from '../../lib/secret';
import { Findings } from '../../lib/support';
import { fileOf, sopsObject } from '../secret/files';
import { accepts, problemsOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');
const decryption = SecretSource.existing('age');

/** The synth of a cluster in which a chart of the platform needs `need`, and a chart of `layer` has `made`. */
function synth(
  need: (early: Chart) => void,
  made: (late: Chart) => void,
  { layer, own, accepted }: { layer?: Layer; own?: boolean; accepted?: boolean } = {},
): () => void {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const kustomizations = own ? ClusterKustomizations.existing('flux-system') : undefined;
  const cluster = new Cluster(app, 'home', { source, decryption, kustomizations });
  const early = new Chart(cluster, 'early', { namespace: 'ci' });
  const late = new Chart(cluster, 'late');
  Layer.PLATFORM.assign(early);
  layer?.assign(late);
  if (accepted) {
    Findings.of(early).acknowledge('FORGE-FLUX-025', 'the namespace is there already');
  }
  need(early);
  made(late);
  return () => app.synth();
}

const object = (scope: Construct, apiVersion: string, kind: string, name: string, spec?: object) =>
  new ApiObject(scope, `${kind}-${name}`, { apiVersion, kind, metadata: { name }, ...(spec ? { spec } : {}) });
const namespace = (name: string) => (chart: Chart) => void object(chart, 'v1', 'Namespace', name);
const configMap = (chart: Chart) => void object(chart, 'v1', 'ConfigMap', 'settings');
const sops = (chart: Chart) => {
  const text = sopsObject({ metadata: { name: 'token', namespace: 'ci' } });
  SecretSource.sops(fileOf(text)).provide(chart, { purpose: 'x', type: 'Opaque', keys: ['token'] });
};
const definition = (kind: string) => (chart: Chart) =>
  void object(chart, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'w', {
    group: 'example.com',
    names: { kind },
  });
const widget = (chart: Chart) => void object(chart, 'example.com/v1', 'Widget', 'w');

describe.each<[string, (chart: Chart) => void, (chart: Chart) => void, (chart: Chart) => void]>([
  ['an object', configMap, namespace('ci'), namespace('cd')],
  ['a SOPS file', sops, namespace('ci'), namespace('cd')],
  ['a custom resource', widget, definition('Widget'), definition('Gadget')],
])('%s that needs an object of a later layer', (_, need, made, other) => {
  test('is an error that names both charts', () => {
    expect(problemsOf(synth(need, made))).toMatchObject([
      { code: 'FORGE-FLUX-025', message: expect.stringMatching(/"home\/early".*"home\/late" of layer "apps"/) },
    ]);
    accepts(synth(need, other));
  });

  test('is accepted in the same or an earlier layer, if acknowledged, or in a layout of its own', () => {
    accepts(synth(need, other));
    accepts(synth(need, made, { layer: Layer.PLATFORM }));
    accepts(synth(need, made, { layer: Layer.SECRETS }));
    accepts(synth(need, made, { accepted: true }));
    accepts(synth(need, made, { own: true }));
  });
});

test('a ManagedNamespace is in the first layer, unless its chart is assigned to a later one', () => {
  const managed = (late: Chart) => void new ManagedNamespace(late, 'ci', { name: 'ci' });
  accepts(synth(configMap, managed));
  expect(problemsOf(synth(configMap, managed, { layer: Layer.APPS }))).toMatchObject([{ code: 'FORGE-FLUX-025' }]);
});

test('an object without a namespace does not need that of its chart, and a pair of charts is reported once', () => {
  const role = (chart: Chart) => void object(chart, 'rbac.authorization.k8s.io/v1', 'ClusterRole', 'r');
  accepts(synth(role, namespace('ci')));
  const many = (chart: Chart) => ['a', 'b'].forEach((name) => object(chart, 'v1', 'ConfigMap', name));
  expect(problemsOf(synth(many, namespace('ci')))).toHaveLength(1);
});
