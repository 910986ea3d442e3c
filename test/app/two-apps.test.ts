import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Cluster, ImagePolicy, ImageRepository, TagPolicy } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Registry } from '../../lib/registry';
import { accepts, codesOf, foundCodes } from '../support/problems';
import { readTree, temporaryFolder } from '../support/workspace';

const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');

interface App {
  readonly outdir?: string;
  readonly cluster?: string;
  readonly chart?: string;
}

/** Writes an app with one object into a folder. */
function synth(folder: string, { outdir = 'dist', cluster, chart = 'apps' }: App): void {
  const app = new GitOpsApp({ outdir: path.join(folder, outdir), imageLock: path.join(folder, 'images.yaml') });
  const scope = cluster === undefined ? app : new Cluster(app, cluster, { source });
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };
  new ApiObject(new Chart(scope, chart, { namespace: 'apps' }), 'o', config);
  app.synth();
}

test.each<[string, App, App]>([
  ['two clusters', { cluster: 'home' }, { cluster: 'prod' }],
  ['a cluster and a chart', { cluster: 'home' }, { chart: 'second' }],
])('two apps of one program cannot share an output directory: %s', (_, first, second) => {
  const folder = temporaryFolder();
  synth(folder, first);
  const before = readTree(folder);
  expect(codesOf(() => synth(folder, second))).toEqual(['FORGE-OUT-010']);
  expect(readTree(folder)).toEqual(before);
});

test('each with a directory of its own, both are written', () => {
  const folder = temporaryFolder();
  synth(folder, { cluster: 'home', outdir: 'dist-a' });
  synth(folder, { cluster: 'prod', outdir: 'dist-b' });
  expect(fs.readdirSync(folder)).toEqual(['dist-a', 'dist-b']);
});

test('an app of an earlier run is known by its clusters', () => {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  synth(elsewhere, { cluster: 'home' });
  fs.cpSync(elsewhere, folder, { recursive: true });
  expect(codesOf(() => synth(folder, { cluster: 'prod' }))).toEqual(['FORGE-OUT-010']);
  fs.rmSync(path.join(folder, 'dist'), { recursive: true });
  accepts(() => synth(folder, { cluster: 'prod' }));
  expect(fs.existsSync(path.join(folder, 'dist/clusters/prod'))).toBe(true);
});

test('apps without clusters cannot be told apart: the files of the last one are there', () => {
  const folder = temporaryFolder();
  synth(folder, { chart: 'a' });
  synth(folder, { chart: 'b' });
  expect(fs.readdirSync(path.join(folder, 'dist'))).toEqual(['.cdk8s-forge.json', 'b.k8s.yaml']);
});

test('the same app again, with other charts, is the same app', () => {
  const folder = temporaryFolder();
  synth(folder, { cluster: 'home', chart: 'a' });
  synth(folder, { cluster: 'home', chart: 'b' });
  const [elsewhere] = [temporaryFolder()];
  fs.cpSync(folder, elsewhere, { recursive: true });
  synth(elsewhere, { cluster: 'home', chart: 'c' });
  expect(Object.keys(readTree(path.join(elsewhere, 'dist/clusters/home/apps')))).toEqual(['c.k8s.yaml']);
});

test.each([
  ['.txt', ['FORGE-APP-018']],
  ['.k8s', ['FORGE-APP-018']],
  ['.yml', []],
  ['.yaml', []],
])('files that end in %s, in an app with clusters', (outputFileExtension, expected) => {
  const folder = temporaryFolder();
  const app = new GitOpsApp({
    outdir: path.join(folder, 'dist'),
    imageLock: path.join(folder, 'i'),
    outputFileExtension,
  });
  new Cluster(app, 'home', { source });
  expect(foundCodes(() => app.synth())).toEqual(expected);
  accepts(() => new GitOpsApp({ outputFileExtension }));
});

/** Writes an app with an image into a folder. */
function synthImage(folder: string, { outdir = 'dist', cluster = 'home' }: App): void {
  const app = new GitOpsApp({ outdir: path.join(folder, outdir), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, cluster, { source });
  const registry = Registry.gitea(Forge.gitea({ version: '1.26', url: 'https://git.example.com' }), {
    owner: 'platform',
  });
  const repository = new ImageRepository(home.images, `${outdir}-${cluster}`, { registry, image: 'hello' });
  const policy = new ImagePolicy(repository, 'hello', { repository, tags: TagPolicy.semver('1.x') });
  const pod = { spec: { containers: [{ name: 'a', image: policy.image.reference }] } };
  new ApiObject(new Chart(home, 'apps', { namespace: 'apps' }), 'o', { apiVersion: 'v1', kind: 'Pod', ...pod });
  app.synth();
}

test('an entry of the image lock belongs to the app that wrote it, until its output is gone', () => {
  const folder = temporaryFolder();
  synthImage(folder, { outdir: 'dist-a' });
  const before = readTree(folder);
  expect(codesOf(() => synthImage(folder, { outdir: 'dist-b' }))).toEqual(['FORGE-APP-021']);
  expect(readTree(folder)).toEqual(before);
  fs.renameSync(path.join(folder, 'dist-a'), path.join(folder, 'dist-b'));
  synthImage(folder, { outdir: 'dist-b' });
  expect(fs.readFileSync(path.join(folder, 'images.yaml'), 'utf8')).toContain('output: dist-b/clusters/home');
});
