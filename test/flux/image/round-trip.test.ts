import { ApiObject, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import {
  Cluster,
  ContentName,
  DeployedImage,
  DigestReflection,
  HelmChart,
  HelmRelease,
  HelmRepository,
  TagPolicy,
} from '../../../lib/flux';
import { fingerprint } from '../../../lib/support';
import { readTree, temporaryFolder, writeTree } from '../../support/workspace';
import { Chosen, playFlux } from '../play-flux';
import { configMap, gitops, newApp, policyOf } from '../support';

const DIGEST = (digit: string) => `sha256:${digit.repeat(64)}`;
const name = (id: string) => `git.example.com/platform/${id}`;

const HAND_WRITTEN = `# by hand, with   odd spacing
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}   # stays
spec:
    template:
        spec:
            containers:
                -   name: api
                    image: ${name('api')}:main-1111111-1
                    args: ['a',   "b"]
`;

/** What the program of these tests has, apart from the cluster. */
interface Options {
  readonly without?: string[];
  readonly apiTags?: TagPolicy;
}

/** A program with a managed value in every kind of place. */
function synth(folder: string, { without = [], apiTags }: Options = {}): void {
  const { app } = newApp(folder);
  const home = new Cluster(app, 'home', { source: gitops });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  const has = (id: string) => !without.includes(id);
  if (has('api')) {
    const { image } = policyOf(home, 'api', { tags: apiTags });
    home.adopt('k8s/api.yml', image);
    job(apps, image);
    const settings = { SANDBOX_IMAGE: image.reference, LEVEL: 'info' };
    configMap(apps, 'settings', settings);
    deployment(apps, 'rolls-with-settings', image, {
      'example.com/config-hash': fingerprint(JSON.stringify(settings)),
    });
  }
  if (has('web')) {
    deployment(apps, 'web', policyOf(home, 'web', { tags: TagPolicy.newest('latest') }).image);
  }
  if (has('chart')) {
    const { image } = policyOf(home, 'chart', {
      tags: TagPolicy.semver('1.x'),
      digest: DigestReflection.IF_NOT_PRESENT,
    });
    const charts = new HelmRepository(apps, 'charts', { url: 'https://charts.example.com' });
    new HelmRelease(apps, 'release', {
      chart: HelmChart.fromRepository(charts, { name: 'app', version: '1.x' }),
      values: { image: { repository: image.name, tag: image.tag, digest: image.digest } },
    });
  }
  app.synth();
}

function deployment(scope: Chart, id: string, image: DeployedImage, annotations: Record<string, string> = {}): void {
  const spec = {
    template: { metadata: { annotations }, spec: { containers: [{ name: 'main', image: image.reference }] } },
  };
  new ApiObject(scope, id, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: id }, spec });
}

function job(scope: Chart, image: DeployedImage): void {
  const spec = {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: image.reference }] } },
  };
  ContentName.mark(
    new ApiObject(scope, 'migrate', { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' }, spec }),
  );
}

function workspace(options?: Options): string {
  const folder = temporaryFolder();
  writeTree(folder, { 'k8s/api.yml': HAND_WRITTEN });
  synth(folder, options);
  return folder;
}

/** Flux commits; then the next synth must leave everything alone. */
function fluxThenSynth(folder: string, chosen: Record<string, Chosen>, options?: Options): string[] {
  const changed = playFlux(folder, chosen);
  const committed = readTree(folder);
  synth(folder, options);
  expect(readTree(folder)).toEqual(committed);
  return changed;
}

const NEWEST: Record<string, Chosen> = {
  'flux-system:api': { name: name('api'), tag: 'main-2222222-2' },
  'flux-system:web': { name: name('web'), tag: 'latest', digest: DIGEST('a') },
  'flux-system:chart': { name: name('chart'), tag: '1.10', digest: DIGEST('b') },
};

describe('after a commit of Flux, synth changes nothing', () => {
  test('with values in a Deployment, a ConfigMap, a Job named by content, Helm values and a hand-written file', () => {
    const folder = workspace();
    const changed = fluxThenSynth(folder, NEWEST);
    expect(changed).toEqual(['dist/clusters/home/apps/apps.k8s.yaml', 'images.yaml', 'k8s/api.yml']);
  });

  test('also a second time, with a new digest behind the same tag', () => {
    const folder = workspace();
    fluxThenSynth(folder, NEWEST);
    const changed = fluxThenSynth(folder, { 'flux-system:web': { ...NEWEST['flux-system:web'], digest: DIGEST('c') } });
    expect(changed).toEqual(['dist/clusters/home/apps/apps.k8s.yaml', 'images.yaml']);
  });

  test('nor does it without one', () => {
    const folder = workspace();
    const before = readTree(folder);
    synth(folder);
    expect(readTree(folder)).toEqual(before);
  });
});

describe('neither hashes nor names move with a tag', () => {
  test('the Job keeps its name, and Flux is told to replace it', () => {
    const folder = workspace();
    const jobName = () =>
      /name: migrate-[0-9a-f]{8}/.exec(readTree(folder)['dist/clusters/home/apps/apps.k8s.yaml'])?.[0];
    const before = jobName();
    fluxThenSynth(folder, NEWEST);
    expect(before).toBeDefined();
    expect(jobName()).toBe(before);
    const objects = parseAllDocuments(readTree(folder)['dist/clusters/home/apps/apps.k8s.yaml']).map((d) => d.toJS());
    const forced = objects.filter((o) => o.metadata.annotations?.['kustomize.toolkit.fluxcd.io/force'] === 'enabled');
    expect(forced.map((object) => object.metadata.name)).toEqual([before!.replace('name: ', '')]);
  });
});

describe('changes of the program after commits of Flux', () => {
  test('an image that is removed leaves lock and output, and the others keep their versions', () => {
    const folder = workspace();
    fluxThenSynth(folder, NEWEST);
    synth(folder, { without: ['chart'] });
    const { 'images.yaml': lock } = readTree(folder);
    expect(lock).not.toContain('flux-system:chart');
    expect(lock).toContain('main-2222222-2');
    fluxThenSynth(folder, NEWEST, { without: ['chart'] });
  });

  test('an image that comes back begins anew', () => {
    const folder = workspace();
    fluxThenSynth(folder, NEWEST);
    synth(folder, { without: ['web'] });
    synth(folder);
    expect(readTree(folder)['images.yaml']).toContain(
      'flux-system:web:\n    tag: "latest" # {"$imagepolicy": "flux-system:web:tag"}\n    digest: "" #',
    );
  });

  test('a rollback is a policy that allows one tag; Flux commits it and synth agrees', () => {
    const folder = workspace();
    fluxThenSynth(folder, NEWEST);
    const pinned = { apiTags: TagPolicy.pinned('main-1111111-1') };
    synth(folder, pinned);
    const changed = fluxThenSynth(folder, { 'flux-system:api': { name: name('api'), tag: 'main-1111111-1' } }, pinned);
    expect(changed).toEqual(['dist/clusters/home/apps/apps.k8s.yaml', 'images.yaml', 'k8s/api.yml']);
  });
});

test('an image whose name in the registry changes keeps its tag under the new name', () => {
  const folder = temporaryFolder();
  const program = (owner: string) => {
    const { app } = newApp(folder);
    const home = new Cluster(app, 'home', { source: gitops });
    deployment(new Chart(home, 'apps', { namespace: 'apps' }), 'web', policyOf(home, 'web', { owner }).image);
    app.synth();
  };
  program('platform');
  playFlux(folder, { 'flux-system:web': { name: name('web'), tag: 'main-2222222-2' } });
  program('team');
  const committed = readTree(folder);
  expect(committed['dist/clusters/home/apps/apps.k8s.yaml']).toContain('"git.example.com/team/web:main-2222222-2"');
  playFlux(folder, { 'flux-system:web': { name: 'git.example.com/team/web', tag: 'main-2222222-2' } });
  expect(readTree(folder)).toEqual(committed);
});

test('a policy that gets another name begins anew, and Flux and synth agree again', () => {
  const folder = temporaryFolder();
  const program = (id: string) => {
    const { app } = newApp(folder);
    const home = new Cluster(app, 'home', { source: gitops });
    deployment(new Chart(home, 'apps', { namespace: 'apps' }), 'web', policyOf(home, id).image);
    app.synth();
  };
  program('web');
  playFlux(folder, { 'flux-system:web': { name: name('web'), tag: 'main-2222222-2' } });
  program('site');
  expect(readTree(folder)['images.yaml']).not.toContain('flux-system:web');
  const changed = playFlux(folder, { 'flux-system:site': { name: name('site'), tag: 'main-3333333-3' } });
  const committed = readTree(folder);
  program('site');
  expect(readTree(folder)).toEqual(committed);
  expect(changed).toEqual(['dist/clusters/home/apps/apps.k8s.yaml', 'images.yaml']);
});

test('adopting a file does not move what is deployed: its tag enters the lock', () => {
  const folder = workspace();
  const files = readTree(folder);
  expect(files['images.yaml']).toContain('main-1111111-1');
  expect(files['k8s/api.yml']).toBe(
    HAND_WRITTEN.replace('main-1111111-1', 'main-1111111-1 # {"$imagepolicy": "flux-system:api"}'),
  );
});
