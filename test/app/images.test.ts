import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { CronJob, Deployment, ServiceAccount } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Cluster, DigestReflection, ImagePolicy, ImageRepository, TagPolicy } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Layer } from '../../lib/kube';
import { Registry } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { playFlux } from '../flux/play-flux';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { readTree, temporaryFolder, writeTree } from '../support/workspace';

const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const closed = Registry.gitea(gitea, { owner: 'platform', credentials: SecretSource.existing('pull') });
const open = Registry.gitea(gitea, { owner: 'platform' });

/** Several clusters, and an image that is declared in the first of them. */
function world({ folder = temporaryFolder(), registry = closed, clusters = ['home', 'prod'] } = {}) {
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const made = clusters.map((id) => new Cluster(app, id, { source: gitea.repository('platform/gitops') }));
  const repository = new ImageRepository(made[0].images, 'hello', { registry, image: 'hello' });
  const policy = new ImagePolicy(repository, 'hello', {
    repository,
    tags: TagPolicy.timestamped(),
    digest: DigestReflection.IF_NOT_PRESENT,
  });
  const files = () => readTree(folder);
  return { app, folder, clusters: made, image: policy.image, files };
}

const apps = (cluster: Construct, id = 'apps') => new Chart(cluster, id, { namespace: 'apps' });
const deployment = (chart: Chart, image: string, serviceAccount?: ServiceAccount) =>
  new Deployment(chart, 'hello', { serviceAccount, containers: [{ image, portNumber: 80 }] });

/** The ServiceAccounts of a file, with the Secrets that they pull with. */
function accounts(text: string): string[] {
  return parseAllDocuments(text)
    .map((document) => document.toJSON())
    .filter(({ kind }) => kind === 'ServiceAccount')
    .map(({ metadata, imagePullSecrets = [] }) =>
      [`${metadata.namespace}/${metadata.name}`, ...imagePullSecrets.map((s: { name: string }) => s.name)].join(' '),
    );
}

describe('an image in another cluster than its own', () => {
  test('gets a policy, a lock entry and pull access there, and renames nothing in the first cluster', () => {
    const folder = temporaryFolder();
    const one = world({ folder, clusters: ['home'] });
    deployment(apps(one.clusters[0]), one.image.reference);
    one.app.synth();
    const before = one.files();
    const { app, clusters, image, files } = world({ folder });
    clusters.forEach((cluster) => deployment(apps(cluster), image.reference));
    app.synth();
    const after = files();
    expect(
      Object.entries(before).filter(([file, text]) => /clusters\/home/.test(file) && after[file] !== text),
    ).toEqual([]);
    expect(after['images.yaml'].replace(/ {2}flux-system:hello-prod:\n( {4}.*\n)+/, '')).toBe(before['images.yaml']);
    const prod = after['dist/clusters/prod/apps/apps.k8s.yaml'];
    expect(prod).toContain('# {"$imagepolicy": "flux-system:hello-prod"}');
    expect(accounts(prod)).toEqual(['apps/default pull']);
    expect(after['dist/clusters/prod/flux/images.k8s.yaml']).toMatch(
      /kind: ImagePolicy\nmetadata:\n {2}name: hello-prod/,
    );
    expect(after['dist/clusters/prod/flux/images.k8s.yaml']).toContain('kind: ImageUpdateAutomation');
  });

  test('moves by the policy of that cluster only', () => {
    const folder = temporaryFolder();
    const build = () => {
      const { app, clusters, image } = world({ folder });
      clusters.forEach((cluster) => deployment(apps(cluster), image.reference));
      app.synth();
      app.synth();
    };
    build();
    const changed = playFlux(folder, {
      'flux-system:hello-prod': { name: 'git.example.com/platform/hello', tag: 'main-1234567-9', digest: '' },
    });
    expect(changed).toEqual(['dist/clusters/prod/apps/apps.k8s.yaml', 'images.yaml']);
    const committed = readTree(folder);
    build();
    expect(readTree(folder)).toEqual(committed);
  });

  test('fails outside every cluster, and works there for an image that belongs to no cluster', () => {
    const { app, image } = world();
    deployment(apps(app), image.reference);
    expect(codesOf(() => app.synth())).toContain('FORGE-APP-010');

    const plain = new GitOpsApp({
      outdir: path.join(temporaryFolder(), 'dist'),
      imageLock: path.join(temporaryFolder(), 'l'),
    });
    const chart = apps(plain);
    const repository = new ImageRepository(chart, 'image', { registry: open, image: 'hello' });
    const own = new ImagePolicy(repository, 'hello', { repository, tags: TagPolicy.timestamped() });
    deployment(chart, own.image.reference);
    expect(plain.synthYaml()).toContain('# {"$imagepolicy": "apps:hello"}');
  });

  test('fails if another policy already has the name', () => {
    const { app, clusters, image } = world();
    const repository = new ImageRepository(clusters[0].images, 'hello-prod', { registry: open, image: 'other' });
    new ImagePolicy(repository, 'hello-prod', { repository, tags: TagPolicy.timestamped() });
    deployment(apps(clusters[1]), image.reference);
    expect(codesOf(() => app.synth())).toEqual(['FORGE-APP-009']);
    const other = world();
    const beside = new ImageRepository(other.clusters[0].images, 'hello-2', { registry: open, image: 'other' });
    new ImagePolicy(beside, 'hello-2', { repository: beside, tags: TagPolicy.timestamped() });
    deployment(apps(other.clusters[1]), other.image.reference);
    accepts(() => other.app.synth());
  });

  test('fails if an image of that cluster has the name of the policy that it would get there', () => {
    const { app, clusters, image } = world();
    const scope = new Construct(clusters[1].images, 'hello-prod');
    const repository = new ImageRepository(scope, 'hello-prod', { registry: closed, image: 'other' });
    new ImagePolicy(repository, 'hello-prod', { repository, tags: TagPolicy.timestamped() });
    accepts(() => app.synth());
    deployment(apps(clusters[1]), image.reference);
    const message =
      'cluster "prod" uses the image, and the policy for it would have the name "hello-prod" of "prod/flux/images/hello-prod"';
    expect(problemsOf(() => app.synth())).toMatchObject([{ code: 'FORGE-APP-009', message }]);
  });

  test('is adopted in a file of one cluster only', () => {
    const { app, folder, clusters, image, files } = world();
    writeTree(folder, { 'k8s/a.yml': 'image: git.example.com/platform/hello:1.0.0\n' });
    clusters[1].adopt('k8s/a.yml', image);
    app.synth();
    expect(files()['k8s/a.yml']).toContain('"$imagepolicy": "flux-system:hello-prod"');
    clusters[0].adopt('k8s/a.yml', image);
    expect(codesOf(() => app.synth())).toEqual(['FORGE-APP-012']);
  });
});

describe('pods of an image can pull it', () => {
  test('in every namespace, as every ServiceAccount of the program, from whatever kind', () => {
    const { app, clusters, image, files } = world();
    const chart = apps(clusters[0]);
    deployment(chart, image.reference, new ServiceAccount(chart, 'runner', { metadata: { name: 'runner' } }));
    const other = new Chart(clusters[0], 'other', { namespace: 'other' });
    new ApiObject(other, 'job', {
      apiVersion: 'example.com/v1',
      kind: 'Rollout',
      metadata: { name: 'r', namespace: 'third' },
      spec: { template: { spec: { initContainers: [{ name: 'a', image: image.reference }], containers: [] } } },
    });
    new CronJob(other, 'cron', {
      schedule: { expressionString: '0 0 * * *' } as never,
      containers: [{ image: image.reference }],
    });
    app.synth();
    expect(accounts(files()['dist/clusters/home/apps/apps.k8s.yaml'])).toEqual(['apps/runner pull']);
    expect(accounts(files()['dist/clusters/home/apps/other.k8s.yaml']).sort()).toEqual([
      'other/default pull',
      'third/default pull',
    ]);
    for (const namespace of ['apps', 'other', 'third']) {
      expect(files()['dist/RUNBOOK.md']).toContain(`\`${namespace}/pull\``);
    }
  });

  test('an account that the program makes keeps its own Secrets, also the default one', () => {
    const { app, clusters, image, files } = world();
    const chart = apps(clusters[0]);
    new ApiObject(chart, 'account', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default' },
      imagePullSecrets: [{ name: 'own' }],
    });
    deployment(chart, image.reference, ServiceAccount.fromServiceAccountName(chart, 'd', 'default') as ServiceAccount);
    app.synth();
    expect(accounts(files()['dist/clusters/home/apps/apps.k8s.yaml'])).toEqual(['apps/default own pull']);
  });

  test('the account is created in the earliest layer that needs it, whatever was declared first', () => {
    const { app, clusters, image, files } = world();
    deployment(apps(clusters[0]), image.reference);
    const early = apps(clusters[0], 'early');
    Layer.PLATFORM.mark(early);
    deployment(early, image.reference);
    app.synth();
    expect(accounts(files()['dist/clusters/home/platform/early.k8s.yaml'])).toEqual(['apps/default pull']);
    expect(accounts(files()['dist/clusters/home/apps/apps.k8s.yaml'])).toEqual([]);
  });

  test('fails for an account that nothing creates, but not if the program says that something else does', () => {
    const { app, clusters, image, files } = world();
    const chart = apps(clusters[0]);
    deployment(chart, image.reference, ServiceAccount.fromServiceAccountName(chart, 'sa', 'theirs') as ServiceAccount);
    const [problem] = problemsOf(() => app.synth());
    expect(problem).toMatchObject({ code: 'FORGE-APP-011', path: expect.stringContaining('home/apps/hello') });
    image.allowPull(chart, 'theirs');
    app.synth();
    expect(accounts(files()['dist/clusters/home/apps/apps.k8s.yaml'])).toEqual(['apps/theirs pull']);
  });

  test('nothing is added for pods that name Secrets themselves, for mere data, or for an open registry', () => {
    const { app, clusters, image, files } = world();
    const chart = apps(clusters[0]);
    const spec = { containers: [{ name: 'a', image: image.reference }], imagePullSecrets: [{ name: 'own' }] };
    new ApiObject(chart, 'pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
    new ApiObject(chart, 'map', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'm' },
      data: { a: image.tag },
    });
    app.synth();
    expect(accounts(files()['dist/clusters/home/apps/apps.k8s.yaml'])).toEqual([]);

    const public_ = world({ registry: open });
    deployment(apps(public_.clusters[0]), public_.image.reference);
    public_.app.synth();
    expect(accounts(public_.files()['dist/clusters/home/apps/apps.k8s.yaml'])).toEqual([]);
  });

  test('a HelmRelease leads to pods of the default account in its target namespace', () => {
    const { app, clusters, image, files } = world();
    new ApiObject(apps(clusters[0]), 'release', {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'r' },
      spec: { targetNamespace: 'there', values: { image: image.reference } },
    });
    app.synth();
    expect(accounts(files()['dist/clusters/home/apps/apps.k8s.yaml'])).toEqual(['there/default pull']);
  });
});

test('two apps with output directories of their own share one image lock', () => {
  const folder = temporaryFolder();
  const synth = (name: string) => {
    const app = new GitOpsApp({
      outdir: path.join(folder, `dist-${name}`),
      imageLock: path.join(folder, 'images.yaml'),
    });
    const cluster = new Cluster(app, `to-${name}`, {
      source: gitea.repository('platform/gitops'),
      outputPath: `dist-${name}`,
    });
    const repository = new ImageRepository(cluster.images, name, { registry: open, image: name });
    new ImagePolicy(repository, name, { repository, tags: TagPolicy.timestamped() });
    app.synth();
  };
  synth('staging');
  playFlux(folder, { 'flux-system:staging': { name: 'git.example.com/platform/staging', tag: 'main-1234567-9' } });
  synth('production');
  synth('staging');
  expect(readTree(folder)['images.yaml']).toMatch(
    /staging:\n {4}tag: "main-1234567-9" #.*\n {4}output: dist-staging\/clusters\/to-staging/,
  );
  expect(readTree(folder)['images.yaml']).toContain('flux-system:production:');
});
