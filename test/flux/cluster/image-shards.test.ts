import { Duration } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { Cluster, ClusterProps, ImagePolicy, ImageRepository, TagPolicy } from '../../../lib/flux';
import { SecretSource } from '../../../lib/secret';
import { foundCodes } from '../../support/problems';
import { readTree } from '../../support/workspace';
import { gitops, newApp, policyOf, registry } from '../support';

const LABEL = 'sharding.fluxcd.io/key';

interface Labelled {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
}

function synth(props: Partial<ClusterProps>, images: number, build?: (home: Cluster) => void) {
  const { app, folder } = newApp();
  const home = new Cluster(app, 'home', { source: gitops, ...props });
  for (let i = 0; i < images; i++) {
    policyOf(home, `service-${i}`);
  }
  build?.(home);
  app.synth();
  const files = readTree(folder);
  const all = Object.entries(files)
    .filter(([file]) => file.startsWith('dist/') && file.endsWith('.yaml'))
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as Labelled));
  const shards = (kind: string) =>
    new Map(all.filter((one) => one?.kind === kind).map(({ metadata }) => [metadata.name, metadata.labels?.[LABEL]]));
  return { runbook: files['dist/RUNBOOK.md'], shards, all };
}

test('each image is in one shard, with its policy, and nothing else is', () => {
  const { shards, all } = synth({ imageShards: ['one', 'two', 'three'], shard: 'apps' }, 30);
  const repositories = shards('ImageRepository');
  expect(shards('ImagePolicy')).toEqual(repositories);
  const counts = ['one', 'two', 'three'].map(
    (shard) => [...repositories.values()].filter((one) => one === shard).length,
  );
  expect(counts.reduce((sum, count) => sum + count)).toBe(30);
  counts.forEach((count) => expect(count).toBeGreaterThan(4));
  const others = all.filter(({ kind }) => !['ImageRepository', 'ImagePolicy'].includes(kind));
  const labelled = others.flatMap(({ kind, metadata }) =>
    metadata.labels?.[LABEL] ? [[kind, metadata.labels[LABEL]]] : [],
  );
  expect(new Set(labelled.map(String))).toEqual(new Set(['GitRepository,apps', 'Kustomization,apps']));
  expect(synth({}, 2).shards('ImageRepository')).toEqual(
    new Map([
      ['service-0', undefined],
      ['service-1', undefined],
    ]),
  );
});

test('a shard that is added takes images from all others, and moves no others', () => {
  const before = synth({ imageShards: ['one', 'two'] }, 30).shards('ImageRepository');
  const after = synth({ imageShards: ['two', 'one', 'three'] }, 30).shards('ImageRepository');
  const moved = [...after].filter(([name, shard]) => shard !== before.get(name));
  expect(new Set(moved.map(([, shard]) => shard))).toEqual(new Set(['three']));
  expect(new Set(moved.map(([name]) => before.get(name)))).toEqual(new Set(['one', 'two']));
  expect(moved.length).toBeLessThan(16);
});

test('a policy with labels of its own follows its repository, whatever its name is', () => {
  const { shards, all } = synth({ imageShards: ['one', 'two', 'three'] }, 0, (home) => {
    const repository = new ImageRepository(home.images, 'app', { registry, image: 'app' });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      new ImagePolicy(home.images, name, { repository, tags: TagPolicy.semver('1.x'), labels: { team: 'web' } });
    }
  });
  const [shard] = shards('ImageRepository').values();
  expect([...shards('ImagePolicy').values()]).toEqual(Array(6).fill(shard));
  expect(all.filter(({ kind }) => kind === 'ImagePolicy').map(({ metadata }) => metadata.labels?.team)).toEqual(
    Array(6).fill('web'),
  );
});

test('with a webhook and many images, an object has both labels', () => {
  const { all } = synth({ imageShards: ['one'], expected: 600, webhookToken: SecretSource.existing('webhook') }, 1);
  expect(all.find(({ kind }) => kind === 'ImageRepository')?.metadata.labels).toEqual({
    'cdk8s-forge/images': 'home',
    [LABEL]: 'one',
  });
});

test('more shards scan more often, and more at all', () => {
  const interval = (imageShards?: string[]) =>
    (
      synth({ imageShards, expected: 10_000 }, 1).all.find(({ kind }) => kind === 'ImageRepository') as unknown as {
        spec: { interval: string };
      }
    ).spec.interval;
  const minutes = (text: string) => Number(/^\d+/.exec(text)![0]);
  expect(minutes(interval())).toBeGreaterThanOrEqual(18);
  expect(minutes(interval(['one', 'two']))).toBeLessThanOrEqual(11);
  const often = (imageShards?: string[]) =>
    synth({ imageShards }, 0, (home) => {
      for (let i = 0; i < 20; i++) {
        new ImageRepository(home.images, `app-${i}`, { registry, image: `app-${i}`, interval: Duration.seconds(1) });
      }
    }).runbook;
  expect(often()).toContain('Flux is to scan 1200 images a minute.');
  expect(often(['one'])).toContain('Flux is to scan 1200 images a minute.');
  expect(often(['one', 'two'])).not.toContain('images a minute');
});

test('the runbook starts the controllers, if there are images', () => {
  const { runbook } = synth({ imageShards: ['one', 'two'] }, 1);
  expect(runbook).toContain(
    '`--watch-label-selector=sharding.fluxcd.io/key=one`, `--watch-label-selector=sharding.fluxcd.io/key=two`',
  );
  expect(runbook).toContain('`--watch-label-selector=!sharding.fluxcd.io/key`');
  expect(synth({ imageShards: ['one', 'two'] }, 0).runbook).not.toContain('watch-label-selector');
  expect(synth({}, 1).runbook).not.toContain('watch-label-selector');
});

test('names that no controller can select are refused', () => {
  const codes = (props: Partial<ClusterProps>) =>
    foundCodes(() => new Cluster(newApp().app, 'home', { source: gitops, ...props }));
  const long = 'a'.repeat(63);
  for (const wrong of ['', ' ', 'a b', '-a', 'a-', `${long}a`, 'a/b', 'a=b', 'ä', 'a\n']) {
    expect(codes({ shard: wrong })).toEqual(['FORGE-FLUX-056']);
    expect(codes({ imageShards: ['one', wrong] })).toEqual(['FORGE-FLUX-056']);
  }
  expect(codes({ imageShards: [] })).toEqual(['FORGE-FLUX-056']);
  expect(codes({ imageShards: ['one', 'two', 'one'] })).toEqual(['FORGE-FLUX-056']);
  for (const right of ['a', long, 'A.b_c-1', '1']) {
    expect(codes({ shard: right, imageShards: [right, 'other'] })).toEqual([]);
  }
});
