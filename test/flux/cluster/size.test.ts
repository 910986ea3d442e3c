import { Chart } from 'cdk8s';
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { Cluster, ClusterKustomizations, ClusterProps, ImageAutomationParts } from '../../../lib/flux';
import { Layer } from '../../../lib/kube';
import { seedOf } from '../../support/seed';
import { accepts, problemsOf } from '../../support/problems';
import { readTree } from '../../support/workspace';
import { configMap, gitops, newApp, policyOf } from '../support';

/** The names of the ImagePolicies and ImageRepositories in each directory of a cluster with images. */
function imagesIn(names: readonly string[], props: Partial<ClusterProps>): Map<string, string[]> {
  const files = synth((home) => names.forEach((name) => policyOf(home, name)), props);
  const found = new Map<string, string[]>();
  for (const [file, text] of Object.entries(files)) {
    const folder = /^dist\/clusters\/home\/([^/]+)\/images\.k8s\.yaml$/.exec(file)?.[1];
    if (folder === undefined) {
      continue;
    }
    const followed = objects(text).filter(({ kind }) => /^Image(Policy|Repository)$/.test(kind));
    found.set(
      folder,
      followed.map(({ metadata }) => metadata.name),
    );
  }
  return found;
}

function synth(build: (home: Cluster) => void, props: Partial<ClusterProps>): Record<string, string> {
  const { app, folder } = newApp();
  build(new Cluster(app, 'home', { source: gitops, ...props }));
  app.synth();
  return readTree(folder);
}

const objects = (text: string) => parseAllDocuments(text).map((document) => document.toJS());
const kustomizations = (files: Record<string, string>) => objects(files['dist/clusters/home/flux/layers.k8s.yaml']);
const names = (count: number) => Array.from({ length: count }, (_, i) => `service-${i}`);

/** Where each object is. */
const places = (found: Map<string, string[]>) =>
  new Map([...found].flatMap(([folder, own]) => own.map((name): [string, string] => [name, folder])));

test('objects that follow images are in the directory of the entry, or divided among Kustomizations that wait for nothing', () => {
  expect([...imagesIn(names(3), {}).keys()]).toEqual(['flux']);
  expect([...imagesIn(names(3), { expected: 200 }).keys()]).toEqual(['flux']);
  const files = synth((home) => names(40).forEach((name) => policyOf(home, name)), { expected: 800 });
  const parts = kustomizations(files).slice(1);
  expect(parts.map(({ metadata }) => metadata.name)).toEqual([0, 1, 2, 3].map((i) => `home-images-${i}`));
  for (const { metadata, spec } of parts) {
    const folder = metadata.name.replace('home-', '');
    expect(spec).toMatchObject({ path: `./dist/clusters/home/${folder}`, prune: true, wait: false });
    expect(spec.dependsOn).toBeUndefined();
    expect(objects(files[`dist/clusters/home/${folder}/images.k8s.yaml`]).length).toBeGreaterThan(0);
  }
  expect(objects(files['dist/clusters/home/flux/images.k8s.yaml']).map(({ kind }) => kind)).toEqual([
    'ImageUpdateAutomation',
  ]);
});

test('an ImageRepository and its ImagePolicy are together, and every object is in one directory', () => {
  const found = imagesIn(names(60), { expected: 1600 });
  const all = [...found.values()].flat();
  expect(all.sort()).toEqual([...names(60), ...names(60)].sort());
  found.forEach((own) => expect(own.filter((name, i) => own.indexOf(name) === i)).toHaveLength(own.length / 2));
});

test('no object moves when others come and go, or when the number grows within its step', () => {
  const all = places(imagesIn(names(60), { expected: 700 }));
  const half = places(
    imagesIn(
      names(60)
        .filter((_, i) => i % 2 === 0)
        .reverse(),
      { expected: 410 },
    ),
  );
  expect(half.size).toBe(30);
  half.forEach((folder, name) => expect(all.get(name)).toBe(folder));
});

test('twice as many images divide each directory into two, and nothing else moves', () => {
  const [four, eight] = [800, 1600].map((expected) => places(imagesIn(names(60), { expected })));
  const index = (folder: string) => Number(folder.replace('images-', ''));
  eight.forEach((folder, name) => expect([0, 4]).toContain(index(folder) - index(four.get(name)!)));
  expect(new Set(eight.values()).size).toBe(8);
});

test('the expected number of images gives less than 500 objects to each Kustomization, and no more Kustomizations than that needs', () => {
  const charts = (home: Cluster, count: number) => {
    for (let i = 0; i < count; i += 10) {
      const chart = new Chart(home, `team-${i}`, { namespace: `team-${i}` });
      for (let j = i; j < Math.min(i + 10, count); j++) {
        policyOf(home, `service-${j}`);
        configMap(chart, `service-${j}`);
        configMap(chart, `other-${j}`);
      }
    }
  };
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 900 }), (count) => {
      const files = synth((home) => charts(home, count), { expected: count });
      const sizes = new Map<string, number>();
      for (const [file, text] of Object.entries(files).filter(([name]) => /clusters\/.*\.yaml$/.test(name))) {
        const folder = file.split('/')[3];
        sizes.set(folder, (sizes.get(folder) ?? 0) + text.split('\n---\n').length);
      }
      sizes.forEach((size) => expect(size).toBeLessThan(500));
      expect(sizes.size).toBeLessThan(4 + count / 25);
    }),
    { numRuns: 3, seed: seedOf(20261129), examples: [[900]] },
  );
});

const large = (count: number) => (home: Cluster) => {
  const chart = new Chart(home, 'many', { namespace: 'apps' });
  Array.from({ length: count }, (_, i) => configMap(chart, `c${i}`));
};
const followed = (count: number) => (home: Cluster) => names(count).forEach((name) => policyOf(home, name));

test.each([
  ['a layer', large(1000), large(1001), '`parts: 8`'],
  ['the entry', followed(500), followed(501), '`expected: 600`'],
])('more than 1,000 objects of %s fail, and the fix names the property; 1,000 are a warning', (_, most, more, fix) => {
  const [problem] = problemsOf(() => synth(more, {}));
  expect(problem).toMatchObject({ code: 'FORGE-FLUX-027', fix: expect.stringContaining(fix) });
  expect(problem.fix).toContain('diff --migrate');
  accepts(() => synth(most, {}));
  const warned = synth(most, {})['dist/RUNBOOK.md'];
  expect(warned).toMatch(
    /has 1000 objects, and the time that Flux needs grows with their square: .*(parts|expected): \d/,
  );
});

test('a Kustomization of 500 objects is no warning', () => {
  expect(synth(large(500), {})['dist/RUNBOOK.md']).not.toContain('grows with their square');
  expect(synth(large(501), {})['dist/RUNBOOK.md']).toContain('has 501 objects');
});

test('without Kustomizations of the app, and with an automation only, no Kustomization applies images', () => {
  const build = (home: Cluster) => {
    policyOf(home, 'hello');
    configMap(new Chart(home, 'apps', { namespace: 'apps' }), 'a');
  };
  const update = synth(build, { expected: 800, imageParts: ImageAutomationParts.UPDATE });
  expect(kustomizations(update).map(({ metadata }) => metadata.name)).not.toContainEqual(
    expect.stringContaining('images'),
  );
  const none = synth(build, { expected: 800, kustomizations: ClusterKustomizations.none() });
  expect(Object.keys(none)).not.toContain('dist/clusters/home/flux/layers.k8s.yaml');
  expect(Object.keys(none).filter((file) => file.includes('/images-'))).toHaveLength(1);
});

test('layers before and after keep their order beside divided images', () => {
  const files = synth(
    (home) => {
      followed(20)(home);
      const platform = new Chart(home, 'ci', { namespace: 'ci' });
      configMap(platform, 'a');
      Layer.PLATFORM.assign(platform);
      configMap(new Chart(home, 'apps', { namespace: 'apps' }), 'a');
    },
    { expected: 400, parts: 1 },
  );
  expect(kustomizations(files).map(({ metadata, spec }) => [metadata.name, spec.dependsOn])).toEqual([
    ['home', undefined],
    ['home-images-0', undefined],
    ['home-images-1', undefined],
    ['home-platform', undefined],
    ['home-apps', [{ name: 'home-platform' }]],
  ]);
});
