import { ApiObject, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../../lib/app';
import {
  Cluster,
  ClusterKustomizations,
  ClusterProps,
  ExistingSource,
  FluxVersion,
  HelmChart,
  HelmRelease,
  HelmRepository,
  ImageAutomationParts,
  KubeConfig,
  Kustomization,
  SourceReference,
} from '../../../lib/flux';
import { Forge } from '../../../lib/forge';
import { SecretSource } from '../../../lib/secret';
import { readTree } from '../../support/workspace';
import { configMap, gitops, newApp, policyOf } from '../support';
import { foundCodes } from '../../support/problems';

interface Manifest {
  readonly kind: string;
  readonly metadata: { name: string; namespace: string; labels?: Record<string, string> };
  readonly spec: Record<string, never>;
}

/** A cluster with one chart, and what is written for it. */
function written(props: Partial<ClusterProps>, { images = false, more = (cluster: Cluster): unknown => cluster } = {}) {
  const { app, folder } = newApp();
  const home = new Cluster(app, 'home', { source: gitops, ...props });
  configMap(new Chart(home, 'apps', { namespace: 'apps' }), 'settings');
  if (images) {
    policyOf(home, 'hello');
  }
  more(home);
  app.synth();
  const files = readTree(folder);
  const objects = Object.entries(files)
    .filter(([name]) => /clusters\/home\/.*\.yaml$/.test(name))
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
  const all = (kind: string) => objects.filter((object) => object.kind === kind);
  return { files, home, all, runbook: files['dist/RUNBOOK.md'] };
}

const refsOf = (objects: Manifest[]) => objects.map(({ spec }) => spec.sourceRef as object);

describe('a source that exists', () => {
  test.each([
    ['GitRepository', ExistingSource.gitRepository()],
    ['OCIRepository', ExistingSource.ociRepository()],
    ['Bucket', ExistingSource.bucket()],
  ])('%s is referred to, and none is emitted', (kind, existingSource) => {
    const { all } = written({ existingSource });
    expect(all('GitRepository')).toEqual([]);
    expect(refsOf(all('Kustomization'))).toEqual([
      { kind, name: 'flux-system' },
      { kind, name: 'flux-system' },
    ]);
  });

  test('can be in another namespace', () => {
    const { all } = written({
      namespace: 'gitops',
      existingSource: ExistingSource.gitRepository('main', 'flux-system'),
    });
    expect(refsOf(all('Kustomization'))[0]).toEqual({ kind: 'GitRepository', name: 'main', namespace: 'flux-system' });
  });

  test('is what the automation commits to, if it is a GitRepository', () => {
    const { all, runbook } = written(
      { existingSource: ExistingSource.gitRepository(), branch: 'trunk' },
      { images: true },
    );
    const [automation] = all('ImageUpdateAutomation');
    expect(automation.spec).toMatchObject({
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      git: { checkout: { ref: { branch: 'trunk' } }, push: { branch: 'trunk' } },
    });
    expect(runbook).toContain('flux get sources git flux-system');
    expect(runbook).not.toContain('Flux clones');
  });

  test('has a GitRepository for commits beside it otherwise, if there are images', () => {
    const { all } = written(
      {
        existingSource: ExistingSource.ociRepository('manifests'),
        url: 'ssh://git@git.example.com/platform/gitops.git',
      },
      { images: true },
    );
    expect(all('GitRepository').map(({ metadata, spec }) => [metadata.name, spec.url])).toEqual([
      ['home', 'ssh://git@git.example.com/platform/gitops.git'],
    ]);
    expect(refsOf(all('ImageUpdateAutomation'))).toEqual([{ kind: 'GitRepository', name: 'home' }]);
    expect(refsOf(all('Kustomization'))[0]).toEqual({ kind: 'OCIRepository', name: 'manifests' });
  });

  test('is what the webhook notifies', () => {
    const webhookToken = SecretSource.existing('webhook');
    const { all } = written({ existingSource: ExistingSource.bucket('manifests'), webhookToken });
    expect(all('Receiver')[0].spec.resources).toEqual([
      { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'Bucket', name: 'manifests' },
    ]);
  });

  test('keeps its URL and credentials: others are an error', () => {
    const existingSource = ExistingSource.gitRepository();
    expect(foundCodes(() => written({ existingSource, url: 'https://git.example.com/a/b.git' }))).toEqual([
      'FORGE-FLUX-052',
    ]);
    expect(foundCodes(() => written({ existingSource, credentials: SecretSource.existing('x') }))).toEqual([
      'FORGE-FLUX-052',
    ]);
    expect(foundCodes(() => written({ existingSource }))).toEqual([]);
    expect(foundCodes(() => ExistingSource.bucket('A b'))).toEqual(['FORGE-FLUX-004']);
  });

  test('applies a directory of a Kustomization and nothing more', () => {
    const { all } = written(
      {},
      {
        more: (home) => {
          const chart = new Chart(home, 'others', { namespace: 'forgejo' });
          const source = new SourceReference(chart, 'source', {
            source: ExistingSource.gitRepository('flux-system', 'flux-system'),
          });
          const dependsOnExisting = [{ name: 'forgejo' }, { name: 'keda', namespace: 'keda' }];
          return new Kustomization(chart, 'runner', { source, path: './apps', dependsOnExisting, readyExpr: 'true' });
        },
      },
    );
    const runner = all('Kustomization').find(({ metadata }) => metadata.name === 'runner')!;
    expect(runner.spec).toMatchObject({
      sourceRef: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
      dependsOn: [
        { name: 'forgejo', readyExpr: 'true' },
        { name: 'keda', namespace: 'keda', readyExpr: 'true' },
      ],
    });
  });
});

test('an SSH URL needs an SSH key, and the runbook says how to make it', () => {
  const { all, runbook } = written({ url: 'ssh://git@git.example.com:2222/platform/gitops.git' });
  expect(all('GitRepository')[0].spec).toMatchObject({
    url: 'ssh://git@git.example.com:2222/platform/gitops.git',
    secretRef: { name: 'flux-system' },
  });
  expect(runbook).toMatch(/identity/);
  expect(runbook).toMatch(/known_hosts/);
});

describe('Kustomizations of a layout of your own', () => {
  test('apply the directories: none is emitted, and the files are the same', () => {
    const own = written({});
    const none = written({ kustomizations: ClusterKustomizations.none() });
    expect(own.all('Kustomization')).toHaveLength(2);
    expect(none.all('Kustomization')).toEqual([]);
    const names = (files: object) => Object.keys(files).filter((name) => !name.endsWith('layers.k8s.yaml'));
    expect(names(none.files)).toEqual(names(own.files));
    expect(none.runbook).toContain('Let your Kustomizations apply');
  });

  test('are named by the runbook, if one applies the cluster', () => {
    const { all, runbook } = written({ kustomizations: ClusterKustomizations.existing('apps', 'gitops') });
    expect(all('Kustomization')).toEqual([]);
    expect(runbook).toContain('Kustomization `apps`');
    expect(foundCodes(() => ClusterKustomizations.existing('A b'))).toEqual(['FORGE-FLUX-004']);
  });
});

test('layers go to a remote cluster, and Flux stays where it is', () => {
  const kubeConfig = KubeConfig.secret(SecretSource.existing('staging', { keys: { value: 'kubeconfig' } }));
  const { all } = written({ kubeConfig, layers: { apps: { commonMetadata: { labels: { a: 'b' } } } } });
  const [entry, apps] = all('Kustomization');
  expect(entry.spec).not.toHaveProperty('kubeConfig');
  expect(apps.spec).toMatchObject({
    kubeConfig: { secretRef: { name: 'staging', key: 'kubeconfig' } },
    commonMetadata: { labels: { a: 'b' } },
  });
  const { all: other } = written({ layers: { apps: { kubeConfig: KubeConfig.configMap('eks') } } });
  expect(other('Kustomization')[1].spec.kubeConfig).toEqual({ configMapRef: { name: 'eks' } });
  expect(foundCodes(() => KubeConfig.configMap('A'))).toEqual(['FORGE-FLUX-004']);
  const older = (text: string) => () =>
    written({ version: FluxVersion.of(text), layers: { apps: { kubeConfig: KubeConfig.configMap('eks') } } });
  expect(foundCodes(older('2.6'))).toEqual(['FORGE-FLUX-041']);
  expect(foundCodes(older('2.7'))).toEqual([]);
});

test('a shard reconciles source and Kustomizations, and no more', () => {
  const { all } = written({ shard: 'shard1', webhookToken: SecretSource.existing('webhook') }, { images: true });
  const label = { 'sharding.fluxcd.io/key': 'shard1' };
  expect([...all('GitRepository'), ...all('Kustomization')].map(({ metadata }) => metadata.labels)).toEqual([
    label,
    label,
    label,
  ]);
  for (const kind of ['Receiver', 'ImagePolicy', 'ImageRepository', 'ImageUpdateAutomation', 'ConfigMap']) {
    expect(all(kind).map(({ metadata }) => metadata.labels?.['sharding.fluxcd.io/key'])).not.toContain('shard1');
  }
});

test.each([
  [ImageAutomationParts.ALL, ['ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation']],
  [ImageAutomationParts.REFLECT, ['ImageRepository', 'ImagePolicy']],
  [ImageAutomationParts.UPDATE, ['ImageUpdateAutomation']],
])('image automation with %s emits %p', (imageParts, kinds) => {
  const { all, files } = written({ imageParts }, { images: true });
  const found = ['ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation'].filter((kind) => all(kind).length > 0);
  expect(found).toEqual(kinds);
  expect(files['images.yaml']).toContain('flux-system:hello');
});

test.each<[string, string[]]>([
  ['./', []],
  ['./apps', ['FORGE-FLUX-052']],
  ['../x', ['FORGE-FLUX-052']],
])('the automation of a cluster updates %s', (path, codes) => {
  expect(foundCodes(() => written({ imageUpdates: { path } }, { images: true }))).toEqual(codes);
});

test.each<[string, string[]]>([
  ['.github/gitops', ['FORGE-FLUX-055']],
  ['sites/home.zip', ['FORGE-FLUX-055']],
  ['github/gitops', []],
])('Flux reads the output of a cluster in the directory %s', (outputPath, codes) => {
  const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('a/b');
  expect(foundCodes(() => new Cluster(new GitOpsApp(), 'home', { source, outputPath }))).toEqual(codes);
});

describe('a FluxInstance', () => {
  const specOf = (props: Partial<ClusterProps>, more = {}) => written(props, more).all('FluxInstance')[0].spec;

  test('installs what the cluster needs', () => {
    expect(specOf({ instance: {} })).toEqual({
      distribution: { version: `${FluxVersion.LATEST_KNOWN.text}.x`, registry: 'ghcr.io/fluxcd' },
      components: ['source-controller', 'kustomize-controller'],
      cluster: { type: 'kubernetes', multitenant: false, networkPolicy: true, domain: 'cluster.local' },
    });
    const webhookToken = SecretSource.existing('webhook');
    const more = {
      images: true,
      more: (home: Cluster) => {
        const chart = new Chart(home, 'releases', { namespace: 'apps' });
        const repository = new HelmRepository(chart, 'charts', { url: 'https://charts.example.com' });
        return new HelmRelease(chart, 'x', {
          chart: HelmChart.fromRepository(repository, { name: 'x', version: '1.x' }),
        });
      },
    };
    expect(specOf({ instance: {}, webhookToken }, more).components).toEqual([
      'source-controller',
      'kustomize-controller',
      'helm-controller',
      'notification-controller',
      'image-reflector-controller',
      'image-automation-controller',
    ]);
  });

  test('is applied before the entry point', () => {
    const { runbook } = written({ instance: {} });
    expect(runbook).toContain('helm install flux-operator');
    expect(runbook).toContain('kubectl apply -f dist/clusters/home/flux/instance.k8s.yaml');
    expect(runbook).not.toContain('flux install');
  });

  test('has the shard of the cluster', () => {
    expect(specOf({ shard: 'shard1', instance: {} }).sharding).toEqual({
      key: 'sharding.fluxcd.io/key',
      shards: ['shard1'],
    });
    expect(foundCodes(() => written({ shard: 'shard1', instance: { shards: ['other'] } }))).toEqual(['FORGE-FLUX-053']);
  });

  test.each([
    [{ components: ['helm-controler'] }, { components: ['helm-controller'] }],
    [{ distribution: '1.x' }, { distribution: '2.9.x' }],
  ])('is refused for %p', (bad, good) => {
    expect(foundCodes(() => written({ instance: bad }))).toEqual(['FORGE-FLUX-053']);
    expect(foundCodes(() => written({ instance: good }))).toEqual([]);
  });
});

test.each<[string, object, object]>([
  ['a namespace', { targetNamespace: 'A b' }, { targetNamespace: 'forgejo' }],
  ['a prefix', { namePrefix: 'A ' }, { namePrefix: 'a-' }],
  ['a suffix', { nameSuffix: '' }, { nameSuffix: '-b' }],
  [
    'an image with a tag',
    { images: [{ name: 'nginx:1.27', newTag: '1' }] },
    { images: [{ name: 'nginx', newTag: '1' }] },
  ],
  [
    'an image that stays',
    { images: [{ name: 'nginx' }] },
    { images: [{ name: 'host:5000/nginx', newName: 'b/nginx' }] },
  ],
  [
    'a digest',
    { images: [{ name: 'nginx', digest: 'sha256:a' }] },
    { images: [{ name: 'nginx', digest: `sha256:${'a'.repeat(64)}` }] },
  ],
])('Flux changes %s of objects', (_, bad, good) => {
  const kustomization = (changes: object) => () => {
    const { app } = newApp();
    const home = new Cluster(app, 'home', { source: gitops });
    const chart = new Chart(home, 'others', { namespace: 'apps' });
    const made = new Kustomization(chart, 'x', { source: home.source, path: './x', ...changes });
    expect((made.apiObject as ApiObject).toJson().spec).toMatchObject(changes);
  };
  expect(foundCodes(kustomization(bad))).toEqual(['FORGE-FLUX-051']);
  expect(foundCodes(kustomization(good))).toEqual([]);
});
