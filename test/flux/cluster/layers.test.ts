import { ApiObject, Chart, Duration, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import * as path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { Cluster, ClusterProps, ContentName, Kustomization, Substitution } from '../../../lib/flux';
import { Layer } from '../../../lib/kube';
import { SecretSource, SecretStore } from '../../../lib/secret';
import { CaBundle } from '../../../lib/trust';
import { fileOf, sealedObject, sopsObject } from '../../secret/files';
import { accepts, codesOf } from '../../support/problems';
import { readTree } from '../../support/workspace';
import { configMap, gitops, newApp, policyOf } from '../support';

const CRDS = Layer.between(Layer.SECRETS, Layer.PLATFORM, 'crds');
const need = { purpose: 'x', type: 'Opaque', keys: ['token'] };

function newCluster(props: Partial<ClusterProps> = {}) {
  const { app, folder } = newApp();
  const home = new Cluster(app, 'home', { source: gitops, ...props });
  const synth = () => {
    app.synth();
    return readTree(folder);
  };
  return { app, home, synth };
}

function chartWith(scope: Construct, id: string): Chart {
  const chart = new Chart(scope, id, { namespace: 'apps' });
  configMap(chart, id);
  return chart;
}

const objects = (text = '') => parseAllDocuments(text).map((document) => document.toJS());
const kustomizations = (files: Record<string, string>) => objects(files['dist/clusters/home/flux/layers.k8s.yaml']);
const namesOf = (files: Record<string, string>) => kustomizations(files).map(({ metadata }) => metadata.name);

describe('the objects of a cluster exist before synthesis', () => {
  test('and can be patched; a layer without charts is not emitted', () => {
    const { app, home, synth } = newCluster();
    const found = app.node.findAll().filter((c): c is ApiObject => ApiObject.isApiObject(c));
    expect(found.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['Kustomization', 'GitRepository', 'ImageUpdateAutomation']),
    );
    home.layer(Layer.APPS).kustomization.apiObject.addJsonPatch(JsonPatch.replace('/spec/timeout', '20m'));
    chartWith(home, 'apps');
    const files = synth();
    expect(namesOf(files)).toEqual(['home', 'home-apps']);
    expect(kustomizations(files)[1].spec).toMatchObject({ timeout: '20m' });
    expect(Object.keys(files)).not.toContain('dist/clusters/home/flux/images.k8s.yaml');
    expect(synth()).toEqual(files);
  });

  test('and take options by layer', () => {
    const layers = { apps: { timeout: Duration.minutes(20), serviceAccountName: 'deployer', wait: undefined } };
    const { app, home, synth } = newCluster({ layers });
    chartWith(home, 'apps');
    expect(kustomizations(synth())[1].spec).toMatchObject({
      timeout: '20m',
      serviceAccountName: 'deployer',
      wait: true,
    });
    const wrong = new Cluster(app, 'wrong', { source: gitops, layers: { app: {} } });
    chartWith(wrong, 'apps');
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-043']);
  });

  test('and reading them changes nothing', () => {
    const [read, unread] = [newCluster(), newCluster()];
    [read.home.images, read.home.imageAutomation, read.home.kustomization, read.home.layer(Layer.SECRETS)].forEach(
      String,
    );
    [read, unread].forEach(({ home }) => chartWith(home, 'apps'));
    expect(read.synth()).toEqual(unread.synth());
  });

  test('in a divided cluster as several Kustomizations', () => {
    const { home } = newCluster({ parts: 3 });
    expect(home.layer(Layer.APPS).kustomizations).toHaveLength(3);
    expect(codesOf(() => home.layer(Layer.APPS).kustomization)).toEqual(['FORGE-FLUX-043']);
  });
});

describe('a chart', () => {
  test('is in the layer that it is assigned to, whatever its constructs request', () => {
    const { home, synth } = newCluster();
    const chart = chartWith(home, 'ci');
    Layer.PLATFORM.mark(chart);
    Layer.APPS.assign(chart);
    expect(namesOf(synth())).toEqual(['home', 'home-apps']);
    Layer.SECRETS.assign(chart);
    expect(namesOf(synth())).toEqual(['home', 'home-secrets']);
  });

  test('can be in a layer between others, which is written in its place whoever created it when', () => {
    const make = (order: Layer[]) => {
      const { home, synth } = newCluster({ layers: { crds: { prune: false } } });
      order.forEach((layer) => layer.assign(chartWith(home, `in-${layer.name}`)));
      return synth();
    };
    const files = make([Layer.APPS, CRDS, Layer.PLATFORM, Layer.SECRETS]);
    expect(namesOf(files)).toEqual(['home', 'home-secrets', 'home-crds', 'home-platform', 'home-apps']);
    expect(kustomizations(files)[3].spec.dependsOn).toEqual([{ name: 'home-crds' }]);
    expect(kustomizations(files)[2].spec.prune).toBe(false);
    expect(make([Layer.SECRETS, Layer.PLATFORM, CRDS, Layer.APPS])).toEqual(files);
  });

  test.each([
    [Layer.APPS, Layer.SECRETS, 'x'],
    [Layer.APPS, Layer.APPS, 'x'],
    [Layer.SECRETS, Layer.APPS, 'platform'],
    [Layer.SECRETS, Layer.APPS, 'flux'],
    [Layer.SECRETS, Layer.APPS, 'images'],
    [Layer.SECRETS, Layer.APPS, 'images-3'],
    [Layer.SECRETS, Layer.APPS, 'A b'],
  ])('cannot be between %p and %p as %p', (earlier, later, name) => {
    expect(codesOf(() => Layer.between(earlier, later, name))).toEqual(['FORGE-KUBE-012']);
    accepts(
      ...['x', 'a-b', 'platforms', 'flux2', 'images-x'].map(
        (good) => () => Layer.between(Layer.SECRETS, Layer.APPS, good),
      ),
    );
  });

  test('two layers of one name at two positions, and a construct that is no chart, fail', () => {
    const { home } = newCluster();
    home.layer(CRDS);
    expect(home.layer(Layer.between(Layer.SECRETS, Layer.PLATFORM, 'crds'))).toBe(home.layer(CRDS));
    expect(codesOf(() => home.layer(Layer.between(Layer.PLATFORM, Layer.APPS, 'crds')))).toEqual(['FORGE-FLUX-043']);
    expect(codesOf(() => Layer.APPS.assign(home as unknown as Chart))).toEqual(['FORGE-ARG-001']);
  });

  test.each(['kustomization', 'Kustomization', 'cloudbuild', 'appveyor', 'codeship-steps', '.sops'])(
    'named %p fails, because Flux or kustomize treats the file specially',
    (id) => {
      const { app, home } = newCluster();
      chartWith(home, 'kustomizations');
      chartWith(home, 'cloudbuilds');
      accepts(() => app.synth());
      const chart = new Chart(home, id, { namespace: 'apps' });
      configMap(chart, 'x');
      expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-044']);
    },
  );
});

describe('a SOPS file', () => {
  const chartOf = (home: Cluster, annotations?: object) => {
    const chart = new Chart(home, 'apps', { namespace: 'apps' });
    const object = sopsObject({
      metadata: { name: 'token', namespace: 'apps', ...(annotations ? { annotations } : {}) },
    });
    SecretSource.sops(fileOf(object)).provide(chart, need);
    return { chart, text: stringify(object) };
  };
  const decryption = SecretSource.existing('age');
  const substitution = Substitution.of({ values: { DOMAIN: 'example.com' } });

  test('alone in its chart is in the layer of the chart, and stays there when the chart gets an object', () => {
    const { home, synth } = newCluster({ decryption });
    const { chart, text } = chartOf(home);
    const file = 'dist/clusters/home/apps/apps-token.sops.yaml';
    const files = synth();
    expect([files[file], namesOf(files)]).toEqual([text, ['home', 'home-apps']]);
    configMap(chart, 'later');
    expect(synth()[file]).toBe(text);
  });

  test('in a cluster with variables must disable their substitution', () => {
    const plain = newCluster({ decryption, substitution });
    chartOf(plain.home);
    expect(codesOf(() => plain.app.synth())).toEqual(['FORGE-FLUX-045']);
    const disabled = newCluster({ decryption, substitution });
    chartOf(disabled.home, { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' });
    expect(() => disabled.synth()).not.toThrow();
  });
});

test('health checks name the final name and the own namespace of an object', () => {
  const { home, synth } = newCluster();
  const jobs = new Chart(home, 'jobs', { namespace: 'apps' });
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'm', image: 'alpine:3.22' }] } } };
  const job = new ApiObject(jobs, 'migrate', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate' },
    spec,
  });
  ContentName.mark(job);
  const other = new ApiObject(jobs, 'other', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cm', namespace: 'elsewhere' },
  });
  const flux = new Chart(home, 'extra', { namespace: 'flux-system' });
  new Kustomization(flux, 'k', { source: home.source, path: './other', healthChecks: [job, other] });
  const files = synth();
  const [{ metadata }] = objects(files['dist/clusters/home/apps/jobs.k8s.yaml']);
  expect(metadata.name).toMatch(/^migrate-[0-9a-f]{8}$/);
  expect(objects(files['dist/clusters/home/apps/extra.k8s.yaml'])[0].spec.healthChecks).toEqual([
    { apiVersion: 'batch/v1', kind: 'Job', name: metadata.name, namespace: 'apps' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'cm', namespace: 'elsewhere' },
  ]);
});

test('health checks find the object itself, not the first with the same kind and name', () => {
  const { home, synth } = newCluster();
  const jobIn = (id: string, namespace: string, image: string) => {
    const containers = [{ name: 'm', image }];
    const spec = { template: { spec: { restartPolicy: 'Never', containers } } };
    const chart = (home.node.tryFindChild(namespace) as Chart) ?? new Chart(home, namespace, { namespace });
    const job = new ApiObject(chart, id, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' }, spec });
    ContentName.mark(job);
    return job;
  };
  const jobs = [jobIn('a', 'one', 'x:1'), jobIn('a', 'two', 'x:2'), jobIn('b', 'two', 'x:3'), jobIn('c', 'two', 'x:4')];
  jobs[3].addJsonPatch(JsonPatch.replace('/metadata/name', 'patched'), JsonPatch.replace('/metadata/namespace', 'ns'));
  const namespace = new ApiObject(jobs[0].chart, 'ns', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'one' },
  });
  const flux = new Chart(home, 'extra', { namespace: 'flux-system' });
  const k = new Kustomization(flux, 'k', {
    source: home.source,
    path: './other',
    healthChecks: [...jobs.reverse(), namespace],
  });
  k.apiObject.addJsonPatch(JsonPatch.add('/spec/healthChecks/0', { apiVersion: 'v1', kind: 'Secret', name: 'own' }));
  const files = synth();
  const made = ['two', 'one']
    .flatMap((name) => objects(files[`dist/clusters/home/apps/${name}.k8s.yaml`]))
    .map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, ...metadata }));
  const checked = objects(files['dist/clusters/home/apps/extra.k8s.yaml'])[0].spec.healthChecks;
  expect(new Set(made.map(({ name }) => name)).size).toBe(5);
  expect(checked).toEqual([
    { apiVersion: 'v1', kind: 'Secret', name: 'own' },
    ...[2, 1, 0, 3].map((at) => made[at]),
    { apiVersion: 'v1', kind: 'Namespace', name: 'one' },
  ]);
});

/** What charts share, once in a namespace: how one asks for it, and how to find it in the output. */
const ca = CaBundle.fromFile(path.join(__dirname, '../../fixtures/trust/ca.crt'), { name: 'home-ca' });
const store = SecretStore.cluster('vault');
const sealed = sealedObject({ metadata: { name: 'runner-token', namespace: 'apps' } });
const sops = sopsObject({ metadata: { name: 'token', namespace: 'apps' } });
const SHARED: Record<string, [ask: () => (scope: Construct) => void, found: RegExp]> = {
  ExternalSecret: [
    () => {
      const source = SecretSource.externalSecret('creds', { store, keys: { token: { key: 'a' } } });
      return (scope) => source.provide(scope, need);
    },
    /kind: ExternalSecret/,
  ],
  SealedSecret: [() => (scope) => SecretSource.sealedSecret(fileOf(sealed)).provide(scope, need), /kind: SealedSecret/],
  'file of SOPS': [() => (scope) => SecretSource.sops(fileOf(sops)).provide(scope, need), /^sops:/m],
  'CA bundle in a ConfigMap': [() => (scope) => ca._volume(scope), /kind: ConfigMap\n.*\n  name: home-ca/],
  'CA bundle in a Secret': [() => (scope) => ca._certSecret(scope), /kind: Secret\n.*\n  name: home-ca/],
};

test.each([false, true])(
  'a shared object follows the chart of its file, with labels and dependencies (reversed: %s)',
  (reversed) => {
    const { home, synth } = newCluster();
    const source = SecretSource.externalSecret('creds', { store, keys: { token: { key: 'a' } } });
    const charts = ['a', 'b'].map((id) => new Chart(home, id, { namespace: 'apps', labels: { team: id } }));
    Layer.PLATFORM.assign(charts[1]);
    charts.forEach((chart) => configMap(chart, chart.node.id));
    const asked = reversed ? [...charts].reverse() : charts;
    asked.forEach((chart) => source.provide(new Construct(chart, 'user'), need));
    const shared = asked[0].node.children.find((child) => child.node.id.startsWith('ExternalSecret'))!;
    charts[1].node.findChild('user').node.addDependency(shared);
    const found = objects(synth()['dist/clusters/home/platform/b.k8s.yaml']).find(
      ({ kind }) => kind === 'ExternalSecret',
    );
    expect(found.metadata.labels).toEqual({ team: 'b' });
  },
);

test.each(Object.keys(SHARED))('nothing waits for a later layer, in whatever order charts ask for one %s', (kind) => {
  const [ask, found] = SHARED[kind];
  const layers = [Layer.SECRETS, CRDS, Layer.PLATFORM, Layer.APPS];
  const users = fc.uniqueArray(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), layer: fc.nat(3) }), {
    selector: ({ id }) => id,
    minLength: 1,
  });
  const build = (wanted: { id: string; layer: number }[], nested: boolean) => {
    const { app, home, synth } = newCluster({ decryption: SecretSource.existing('age') });
    const scope = nested ? new Construct(home, 'group') : home;
    const request = ask();
    wanted.forEach(({ id, layer }) => {
      const chart = chartWith(scope, id);
      layers[layer].assign(chart);
      request(new Construct(chart, 'user'));
    });
    policyOf(home, 'hello');
    expect(app.charts.length).toBeGreaterThan(wanted.length);
    const files = synth();
    return Object.keys(files).filter((file) => file.includes('/clusters/') && found.test(files[file]));
  };
  fc.assert(
    fc.property(users, fc.boolean(), (wanted, nested) => {
      const holders = build(wanted, nested);
      const first = Math.min(...wanted.map(({ layer }) => layer));
      expect(holders).toHaveLength(1);
      expect(holders[0]).toContain(`/home/${layers[first].name}/`);
      expect(build([...wanted].reverse(), nested)).toEqual(holders);
    }),
    { numRuns: 20 },
  );
});
