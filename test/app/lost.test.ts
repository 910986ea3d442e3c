// What cdk8s leaves out on the way to a manifest: null in Helm values, and JSON patches that a generated class does not know.
import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { Deployment, Service } from 'cdk8s-plus-28';
import { parse } from 'yaml';
import { Cluster, HelmChart, HelmRelease, HelmRepository } from '../../lib/flux';
import { accepts, codesOf } from '../support/problems';
import { readTree } from '../support/workspace';
import { gitops, newApp } from '../flux/support';

function newChart() {
  const { app, folder } = newApp();
  const chart = new Chart(new Cluster(app, 'home', { source: gitops }), 'apps', { namespace: 'apps' });
  const synth = () => {
    app.synth();
    return readTree(folder)['dist/clusters/home/apps/apps.k8s.yaml'];
  };
  return { app, chart, synth };
}

const valuesIn = (text: string) =>
  text
    .split('---\n')
    .map((document) => parse(document))
    .find(({ kind }) => kind === 'HelmRelease').spec.values;

describe('null in the values of a HelmRelease', () => {
  const values = { resources: { limits: { cpu: null, memory: '1Gi' } }, list: [{ a: null }, 1], off: null };

  function release(chart: Chart): HelmRelease {
    const charts = new HelmRepository(chart, 'charts', { url: 'https://charts.example.com' });
    return new HelmRelease(chart, 'web', {
      chart: HelmChart.fromRepository(charts, { name: 'web', version: '1.x' }),
      values,
    });
  }

  test('stays, at every depth', () => {
    const { chart, synth } = newChart();
    release(chart);
    expect(valuesIn(synth())).toEqual(values);
  });

  test('stays in an object without a construct of its own, and gives way to a JSON patch', () => {
    const { chart, synth } = newChart();
    const object = new ApiObject(chart, 'web', {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'web' },
      spec: { values },
    });
    object.addJsonPatch(JsonPatch.add('/spec/values/off', 'x'), JsonPatch.remove('/spec/values/resources'));
    expect(valuesIn(synth())).toEqual({ list: values.list, off: 'x' });
  });
});

describe('a JSON patch of an object with a generated class', () => {
  const patched = (...patches: JsonPatch[]) => {
    const { app, chart, synth } = newChart();
    const deployment = new Deployment(chart, 'web', { containers: [{ image: 'nginx:1.27.3' }] });
    ApiObject.of(deployment).addJsonPatch(...patches);
    return { app, synth };
  };
  const context = '/spec/template/spec/containers/0/securityContext';

  test.each([
    ['a new field', JsonPatch.add(`${context}/appArmorProfile`, { type: 'Unconfined' })],
    ['a new field beside a known one', JsonPatch.replace(context, { runAsUser: 1, appArmorProfile: {} })],
    ['a new item', JsonPatch.add('/spec/template/spec/containers/-', { name: 'b', image: 'b', newField: 1 })],
  ])('fails for %s that the class does not know', (_, patch) => {
    const { app } = patched(patch);
    expect(codesOf(() => app.synth())).toEqual(['FORGE-APP-017']);
    accepts(() =>
      patched(JsonPatch.replace(context, { runAsUser: 1, seccompProfile: { type: 'Unconfined' } })).synth(),
    );
  });

  test('fails for the name in the manifest where the class has another', () => {
    const { app, chart } = newChart();
    const service = new Service(chart, 'web', { ports: [{ port: 80 }] });
    ApiObject.of(service).addJsonPatch(JsonPatch.add('/spec/clusterIP', 'None'));
    expect(codesOf(() => app.synth())).toEqual(['FORGE-APP-017']);
    const other = newChart();
    const same = new Service(other.chart, 'web', { ports: [{ port: 80 }] });
    ApiObject.of(same).addJsonPatch(JsonPatch.add('/spec/sessionAffinity', 'ClientIP'));
    accepts(() => other.synth());
  });

  test('is accepted for fields that the class knows, and for fields that it removes', () => {
    const { synth } = patched(
      JsonPatch.replace(`${context}/runAsUser`, 1234),
      JsonPatch.remove(`${context}/privileged`),
      JsonPatch.add('/metadata/annotations', { 'example.com/a': 'b' }),
    );
    expect(synth()).toContain('runAsUser: 1234');
    const { chart, synth: other } = newChart();
    const service = new Service(chart, 'web', { ports: [{ port: 80 }] });
    ApiObject.of(service).addJsonPatch(JsonPatch.add('/spec/clusterIp', 'None'));
    expect(other()).toContain('clusterIP: None');
  });
});
