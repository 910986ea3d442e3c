import { Chart, Duration } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { Cluster, ClusterProps, ImageRepository } from '../../../lib/flux';
import { SecretSource } from '../../../lib/secret';
import { readTree } from '../../support/workspace';
import { gitops, newApp, policyOf, registry } from '../support';

interface Followed {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: object; readonly annotations?: object };
  readonly spec: {
    readonly interval: string;
    readonly timeout?: string;
    readonly events: string[];
    readonly resources: object[];
    readonly resourceFilter?: string;
  };
}

function synth(build: (home: Cluster) => void, props: Partial<ClusterProps>): Record<string, string> {
  const { app, folder } = newApp();
  build(new Cluster(app, 'home', { source: gitops, ...props }));
  app.synth();
  return readTree(folder);
}

/** The objects of a kind in the files of a cluster. */
const objects = (files: Record<string, string>, kind: string): Followed[] =>
  Object.entries(files)
    .filter(([file]) => file.endsWith('.yaml') && file.startsWith('dist/'))
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as Followed))
    .filter((object) => object?.kind === kind);

const images = (count: number) => (home: Cluster) => {
  for (let i = 0; i < count; i++) {
    policyOf(home, `service-${i}`);
  }
};

/** The ImageRepositories of a cluster, without a synth. */
function repositories(count: number, expected: number): Followed[] {
  const home = new Cluster(newApp().app, 'home', { source: gitops, expected });
  images(count)(home);
  return (home.images.toJson() as Followed[]).filter(({ kind }) => kind === 'ImageRepository');
}

const seconds = (text: string) => {
  const [, minutes = '0', rest = '0'] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(text)!;
  return Number(minutes) * 60 + Number(rest);
};

describe('the intervals of scans', () => {
  test('are five minutes up to 500 images, and none of the objects is marked', () => {
    for (const expected of [undefined, 500]) {
      const files = synth(images(3), { expected, webhookToken: SecretSource.existing('webhook') });
      for (const { metadata, spec } of objects(files, 'ImageRepository')) {
        expect([spec.interval, spec.timeout, metadata.labels, metadata.annotations]).toEqual(['5m', ...Array(3)]);
      }
    }
  });

  test.each([
    [501, 5],
    [2_500, 5],
    [2_501, 6],
    [10_000, 20],
    [25_000, 50],
  ])(
    'of %i images differ by up to a tenth from %i minutes, by name, and a scan takes a minute at most',
    (expected, minutes) => {
      const all = repositories(60, expected);
      const intervals = all.map(({ spec }) => seconds(spec.interval));
      expect(Math.min(...intervals)).toBeGreaterThanOrEqual(minutes * 54);
      expect(Math.max(...intervals)).toBeLessThanOrEqual(minutes * 66);
      // Spread over the range, and not only different.
      const middle = intervals.filter((interval) => interval < minutes * 60).length;
      expect(middle).toBeGreaterThan(15);
      expect(middle).toBeLessThan(45);
      expect(new Set(intervals).size).toBeGreaterThan(25);
      expect(all.map(({ spec }) => spec.timeout)).toEqual(Array(60).fill('1m'));
      const more = repositories(61, expected);
      expect(more.map(({ spec }) => spec.interval)).toEqual(
        expect.arrayContaining(all.map(({ spec }) => spec.interval)),
      );
    },
  );

  test('that are set stay as they are', () => {
    const build = (home: Cluster) => {
      const props = { registry, image: 'a' };
      new ImageRepository(home.images, 'one', { ...props, interval: Duration.minutes(7) });
      new ImageRepository(home.images, 'two', {
        ...props,
        interval: Duration.minutes(7),
        timeout: Duration.seconds(9),
      });
      new ImageRepository(home.images, 'three', { ...props, timeout: Duration.seconds(9) });
    };
    const specs = objects(synth(build, { expected: 5_000 }), 'ImageRepository').map(({ metadata, spec }) => [
      metadata.name,
      spec.interval,
      spec.timeout,
    ]);
    expect(specs).toEqual(
      expect.arrayContaining([
        ['one', '7m', undefined],
        ['two', '7m', '9s'],
        ['three', expect.stringMatching(/^(9|10)m/), '9s'],
      ]),
    );
  });

  test('are a warning if one controller cannot keep them', () => {
    const every = (count: number, interval: Duration) => (home: Cluster) => {
      for (let i = 0; i < count; i++) {
        new ImageRepository(home.images, `service-${i}`, {
          registry,
          image: `service-${i}`,
          interval,
          suspend: i === 0,
        });
      }
    };
    const warned = (count: number) => synth(every(count, Duration.seconds(1)), {})['dist/RUNBOOK.md'];
    // 60 scans a minute each; the first is suspended.
    expect(warned(18)).toContain('Flux is to scan 1020 images a minute.');
    expect(warned(17)).not.toContain('images a minute');
  });
});

describe('the webhook for images', () => {
  const webhookToken = SecretSource.existing('webhook');

  test('lists few images by name', () => {
    const [, receiver] = objects(synth(images(2), { webhookToken }), 'Receiver');
    expect(receiver.spec.resources).toMatchObject([{ name: 'service-0' }, { name: 'service-1' }]);
    expect(receiver.spec.resourceFilter).toBeUndefined();
  });

  test('finds many images by their label, in each namespace, and lets Flux scan the one that was pushed', () => {
    const files = synth(
      (home) => {
        images(2)(home);
        const team = new Chart(home, 'team', { namespace: 'team' });
        new ImageRepository(team, 'own', { registry, image: 'team/own' });
      },
      { webhookToken, expected: 600 },
    );
    const [push, receiver] = objects(files, 'Receiver');
    expect(push.spec.resourceFilter).toBeUndefined();
    const found = {
      apiVersion: 'image.toolkit.fluxcd.io/v1',
      kind: 'ImageRepository',
      name: '*',
      matchLabels: { 'cdk8s-forge/images': 'home' },
    };
    expect(receiver.spec.resources).toEqual(expect.arrayContaining([found, { ...found, namespace: 'team' }]));
    expect(receiver.spec.resources).toHaveLength(2);
    expect(receiver.spec.resourceFilter).toContain("res.metadata.annotations['cdk8s-forge/image'] == req.package.name");
    const marks = objects(files, 'ImageRepository').map(({ metadata: { labels, annotations } }) => ({
      labels,
      annotations,
    }));
    const mark = (image: string) => ({ labels: found.matchLabels, annotations: { 'cdk8s-forge/image': image } });
    expect(marks).toEqual(expect.arrayContaining(['service-0', 'service-1', 'team/own'].map(mark)));
  });
});
