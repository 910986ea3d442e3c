import * as fc from 'fast-check';
import { TagFilter } from '../../../lib/flux/pattern/filter';
import {
  Cluster,
  DigestReflection,
  FluxVersion,
  ImagePolicy,
  ImageRepository,
  SortOrder,
  TagPolicy,
} from '../../../lib/flux';
import { Endpoint, Registry } from '../../../lib/registry';
import { adviceAt } from '../../../lib/support';
import { accepts, codesOf, problemsOf } from '../../support/problems';
import { fluxChart, gitops, newApp, registry } from '../support';

const rendered = (policy: TagPolicy) => policy._render();
const codes = (make: () => unknown) => codesOf(() => void make());

describe('numbers', () => {
  test.each([
    ['several groups', '^(?P<day>[0-9]{8})-(?P<run>[0-9]{2})$', '$day$run', '20261128-01'],
    ['decimals', '^v(?P<major>[0-9]+)\\.(?P<minor>[0-9]+)$', '$major.$minor', 'v1.5'],
    ['decimals in one group', '^(?P<n>[0-9]+(\\.[0-9]+)?)$', '$n', '1.25'],
    ['leading zeros', '^build-(?P<n>0*[0-9]+)$', undefined, 'build-0042'],
    ['a flag', '(?i)^BUILD-(?P<n>\\d+)$', undefined, 'build-12'],
    ['alternatives of one group', '^(?:main|dev)-(?P<n>[[:digit:]]+)$', undefined, 'dev-7'],
  ])('%s', (_, pattern, extract, tag) => {
    const tags = TagPolicy.numeric({ pattern, extract });
    expect(tags.canSort(tag)).toBe(true);
    expect(tags.canSort(`x${tag}x`)).toBe(false);
  });

  test('of 15 digits are compared, of 16 not', () => {
    expect(TagPolicy.numeric({ pattern: '^(?P<n>[0-9]{15})$' }).canSort('2'.repeat(15))).toBe(true);
    expect(codes(() => TagPolicy.numeric({ pattern: '^(?P<n>[0-9]{16})$' }))).toEqual(['FORGE-FLUX-009']);
    const [a, b] = ['(?P<a>[0-9]{8})', '(?P<b>[0-9]{7})'];
    expect(TagPolicy.numeric({ pattern: `^${a}${b}$`, extract: '$a$b' }).order).toBe('numeric');
    expect(codes(() => TagPolicy.numeric({ pattern: `^${a}${b}[0-9]$`, extract: '$a$b$a' }))).toEqual([
      'FORGE-FLUX-009',
    ]);
  });

  test.each([
    ['two dots', '^(?P<n>[0-9.]+)$', undefined, '^(?P<n>[0-9]+[.][0-9]+)$', undefined],
    ['a group that may be absent', '^build(-(?P<n>[0-9]+))?$', '$n', '^build(-(?P<n>[0-9]+))$', '$n'],
    ['a group of one alternative', '^(?:a(?P<n>[0-9]+)|b)$', '$n', '^(?:a|b)(?P<n>[0-9]+)$', '$n'],
    ['a group that may be empty', '^b(?P<n>[0-9]*)$', '$n', '^b(?P<n>[0-9]+)$', '$n'],
    ['the whole tag, which is not anchored', '[0-9]+', undefined, '^[0-9]+$', undefined],
    ['letters between groups', '^(?P<a>[0-9]+)-(?P<b>[0-9]+)$', '$a-$b', '^(?P<a>[0-9]+)-(?P<b>[0-9]+)$', '$a.$b'],
  ])('fail for %s, and not for its neighbour', (_, pattern, extract, goodPattern, goodExtract) => {
    accepts(() => TagPolicy.numeric({ pattern: goodPattern, extract: goodExtract }));
    expect(codes(() => TagPolicy.numeric({ pattern, extract }))).toEqual(['FORGE-FLUX-009']);
  });

  test('write braces of a template without them: variable substitution would replace them', () => {
    const filter = TagFilter.of('^(?P<day>[0-9]{8})-(?P<run>[0-9]{2})$', '${day}.${2}');
    expect(filter.render().extract).toBe('$day.$2');
    expect(filter.keyOf('20261128-01')).toBe('20261128.01');
  });

  test.each(['$none', '$3', '$nx', '${n}x', '${n', '${}', '${m}', '$', 'n', '$$n'])(
    'fail for the template %p, which names no group',
    (extract) => {
      const of = (template: string) => () => TagPolicy.numeric({ pattern: '^(?P<n>[0-9]+)$', extract: template });
      accepts(of('$n'), of('$1'), of('${n}'), of('${1}'));
      expect(codes(of(extract))).toEqual(['FORGE-FLUX-008']);
    },
  );

  test('are sorted in both directions', () => {
    expect(rendered(TagPolicy.numeric({ order: SortOrder.DESCENDING }))).toMatchObject({
      policy: { numerical: { order: 'desc' } },
    });
  });
});

describe('texts', () => {
  test.each([
    ['dates', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', '2026-11-28'],
    ['releases by time', '^RELEASE\\.(?P<t>.*)$', 'RELEASE.2026-01-02T03-04-05Z'],
    ['numbers too long to compare', '^main-(?P<n>[0-9]{17})$', 'main-20260102150405123'],
  ])('%s', (_, pattern, tag) => {
    const tags = TagPolicy.alphabetical({ pattern, initialTag: tag });
    expect([tags.canSort(tag), tags.initialTag]).toEqual([true, tag]);
    expect(rendered(tags)).toMatchObject({ policy: { alphabetical: { order: 'asc' } } });
  });

  test.each([
    '^[0-9a-f]{7}$',
    '^sha-(?P<c>[0-9a-f]{7,40})$',
    '^main-[0-9a-f]{40}$',
    '^sha-[0-9a-f]+[0-9a-f]{7}$',
    '^[0-9]+-[0-9a-f]{7}$',
    '^[0-9]{8}-[0-9a-f]{7}$',
    '^[0-9a-f]{10}-[0-9a-f]{7}$',
  ])('fail for commits, which have no order: %p', (pattern) => {
    accepts(
      ...[
        '^[0-9]{8}$',
        '^release-[0-9a-z]+$',
        '^[0-9]{10}-[0-9a-f]{7}$',
        '^main-[0-9]{14}-[0-9a-f]{7,40}$',
        '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{4}Z-[0-9a-f]{7}$',
      ].map((good) => () => TagPolicy.alphabetical({ pattern: good })),
      () => TagPolicy.alphabetical({ pattern: '^(?P<t>[0-9]{8})-[0-9a-f]{7}$', extract: '$t' }),
    );
    expect(problemsOf(() => TagPolicy.alphabetical({ pattern }))).toMatchObject([
      { code: 'FORGE-FLUX-009', fix: expect.stringContaining('TagPolicy.timestamped()') },
    ]);
  });
});

describe('versions', () => {
  test.each([
    ['1.x', '1.2.3', true],
    ['1.x', '2.0.0', false],
    ['1.x', '1.2', false],
    ['3.12.*', '3.12.0-1', false],
    ['>=3.12.0-0 <3.13.0', '3.12.0-1', true],
    ['2026.x', '2026.11.28', true],
    ['*-ls', '1.2.3-ls45', true],
    ['>=0.0.0-0', '1.2.3-ls45', true],
  ])('%p sorts %p: %p', (range, tag, answer) => {
    expect(TagPolicy.semver(range).canSort(tag)).toBe(answer);
  });

  test.each([
    ['^(?P<name>[a-z]+)-(?P<version>[0-9.]+)$', '$version', 'web-1.2.3'],
    ['^(web|api)-v([0-9.]+)$', '$2', 'web-v1.2.3'],
    ['^([0-9]+)\\.([0-9]+)\\.([0-9]+)$', undefined, '1.2.3'],
    ['^1\\.2\\.([0-9]+)$', undefined, '1.2.3'],
    ['^r(?P<a>[0-9]+)_(?P<b>[0-9]+)$', '$a.$b.0', 'r1_2'],
    ['^(?P<v>[0-9.]+)_p(?P<p>\\d+)-r(?P<r>\\d+)-ls(?P<l>\\d+)$', '$v.$p', '1.7_p1-r4-ls190'],
  ])('what %p extracts as %p decides', (pattern, extract, tag) => {
    expect(TagPolicy.semver('1.x', { pattern, extract }).canSort(tag)).toBe(true);
    expect(TagPolicy.semver('9.x', { pattern, extract }).canSort(tag)).toBe(false);
  });

  test('fail for a pattern that never leaves one, and for a range that contains none', () => {
    const four = '^(?P<version>[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)-[0-9a-z]{9}$';
    expect(codes(() => TagPolicy.semver('>=0.0.1', { pattern: four }))).toEqual(['FORGE-FLUX-009']);
    expect(codes(() => TagPolicy.semver('*', { pattern: '^(?P<v>[0-9]+\\.[0-9]+)$' }))).toEqual(['FORGE-FLUX-009']);
    expect(TagPolicy.semver('*', { pattern: four.replace('[.][0-9]+)', ')') }).canSort('1.9.7-a39b25852')).toBe(true);
    expect(codes(() => TagPolicy.semver('>2.0.0 <1.0.0'))).toEqual(['FORGE-FLUX-006']);
    expect(TagPolicy.semver('>1.0.0 <1.0.2').initialTag).toBe('1.0.1');
  });

  test('begin with a tag of the range, or with a tag that is no version', () => {
    expect(codes(() => TagPolicy.semver('3.12.*', { initialTag: '3.12.0-1' }))).toEqual(['FORGE-FLUX-010']);
    expect(codes(() => TagPolicy.semver('1.x', { initialTag: '2.0.0' }))).toEqual(['FORGE-FLUX-010']);
    expect(TagPolicy.semver('1.x', { initialTag: '1.9.9' }).initialTag).toBe('1.9.9');
    expect(TagPolicy.semver('1.x', { initialTag: 'latest' }).initialTag).toBe('latest');
  });
});

describe('the tags of a build', () => {
  test('fail outside the range, and the fix names the range', () => {
    const chart = fluxChart();
    const fixOf = (range: string, tag: string) =>
      problemsOf(() => TagPolicy.semver(range).assertSorts(chart, [tag]))[0].fix;
    expect(fixOf('3.12.*', '3.12.0-1')).toContain('a range that names a prerelease');
    expect(fixOf('1.x', '2.0.0')).toContain('push a version in "1.x"');
    accepts(
      () => TagPolicy.semver('3.12.*').assertSorts(chart, ['3.12.0']),
      () => TagPolicy.semver('1.x').assertSorts(chart, ['1.99.0']),
    );
  });

  test('do not matter to a pinned tag, so that a rollback is possible', () => {
    const pinned = TagPolicy.pinned('main-4f0c1d2-1763600000');
    expect(() => pinned.assertSorts(fluxChart(), ['main-0123abc-1763700000'])).not.toThrow();
    expect(pinned.canSort('main-0123abc-1763700000')).toBe(false);
  });

  test.each([
    [TagPolicy.semver('1.x'), ['1.2.3', 'v1.2.3'], 1],
    [TagPolicy.semver('1.x'), ['1.2.3', '1.2.4'], 0],
    [TagPolicy.semver('1.x'), ['1.2.3', 'latest'], 0],
    [TagPolicy.numeric(), ['7', '007'], 1],
    [TagPolicy.alphabetical({ pattern: '^(?P<d>[0-9-]+)-.*$' }), ['2026-a', '2026-b'], 1],
  ])('warn of two spellings that Flux cannot tell apart', (policy, tags, warnings) => {
    const chart = fluxChart();
    policy.assertSorts(chart, tags);
    expect(adviceAt(chart).flatMap((advice) => advice.warnings ?? [])).toHaveLength(warnings);
  });
});

describe('initial tags', () => {
  test('of every policy can be the tag that runs', () => {
    const pattern = '^(?P<n>[0-9]+)$';
    expect(TagPolicy.timestamped('main', { initialTag: 'stable' }).initialTag).toBe('stable');
    expect(TagPolicy.numeric({ pattern, initialTag: '41' }).initialTag).toBe('41');
    expect(TagPolicy.alphabetical({ pattern, initialTag: '41' }).initialTag).toBe('41');
    expect(TagPolicy.timestamped().initialTag).toBe('main-0000000-0');
  });

  test.each(['hello:1.0.0', 'sha256:aa', 'a b', ''])('fail for %p', (initialTag) => {
    expect(codes(() => TagPolicy.timestamped('main', { initialTag }))).toEqual(['FORGE-FLUX-010']);
    expect(() => ['1.0.0', 'main-1-1', '_a.b-c'].map((good) => TagPolicy.pinned(good))).not.toThrow();
  });

  test('the fix names the tag inside a reference', () => {
    expect(problemsOf(() => TagPolicy.pinned('hello:1.0.0'))[0].fix).toContain('"1.0.0"');
    accepts(() => TagPolicy.pinned('1.0.0'));
  });
});

describe('a registry that stores tags in lower case', () => {
  const policy = (tags: TagPolicy, from: Registry) => {
    const chart = fluxChart();
    const repository = new ImageRepository(chart, 'web', { registry: from, image: 'web' });
    return new ImagePolicy(repository, 'web', { repository, tags });
  };
  const other = Registry.oci({ owner: 'platform', pull: Endpoint.https('registry.example.com') });

  test.each([
    TagPolicy.timestamped('Release'),
    TagPolicy.newest('Latest'),
    TagPolicy.pinned('V1'),
    TagPolicy.numeric({ pattern: '^Build-(?P<n>[0-9]+)$' }),
  ])('fails for tags that need capitals', (tags) => {
    expect(codes(() => policy(tags, registry))).toEqual(['FORGE-FLUX-040']);
    expect(() => policy(tags, other)).not.toThrow();
  });

  test.each([
    TagPolicy.timestamped('release'),
    TagPolicy.semver('1.x'),
    TagPolicy.numeric({ pattern: '(?i)^B(?P<n>[0-9]+)$' }),
  ])('takes tags that need none', (tags) => {
    expect(() => policy(tags, registry)).not.toThrow();
  });
});

describe('digests over plain HTTP', () => {
  const make = (host: string, version?: string) => () => {
    const home = new Cluster(newApp().app, 'home', {
      source: gitops,
      version: version === undefined ? undefined : FluxVersion.of(version),
    });
    const plain = Registry.oci({ owner: 'a', pull: Endpoint.http(host) });
    const repository = new ImageRepository(home.images, 'web', { registry: plain, image: 'web' });
    new ImagePolicy(repository, 'web', {
      repository,
      tags: TagPolicy.semver('*'),
      digest: DigestReflection.IF_NOT_PRESENT,
    });
  };

  test('at *.local work before Flux 2.9 only', () => {
    const host = 'gitea-http.gitea.svc.cluster.local:3000';
    expect(codes(make(host))).toEqual(['FORGE-FLUX-038']);
    expect(codes(make(host, '2.9'))).toEqual(['FORGE-FLUX-038']);
    expect(make(host, 'v2.8.3')).not.toThrow();
    expect(make('10.0.0.5:5000')).not.toThrow();
  });

  test.each(['2.6', '3', 'latest', '', 'v2'])('a version of Flux fails as %p', (version) => {
    expect(codes(() => FluxVersion.of(version))).toEqual(['FORGE-FLUX-041']);
    expect(() => ['2.7', '2.9.1', '2.10'].map((good) => FluxVersion.of(good))).not.toThrow();
  });
});

test('the name of an image begins with no host; with the owner, a warning asks', () => {
  const repository = (image: string) => new ImageRepository(fluxChart(), 'web', { registry, image });
  expect(problemsOf(() => repository('git.example.com/platform/web'))).toMatchObject([
    { code: 'FORGE-FLUX-042', fix: 'set image to "web"' },
  ]);
  const warnings = (image: string) => adviceAt(repository(image)).flatMap((advice) => advice.warnings ?? []);
  expect([warnings('platform/web').length, warnings('team/web').length]).toEqual([1, 0]);
});

test('any pattern and any tag end in an answer or in an error of this library', () => {
  const part = fc.constantFrom(
    '^',
    '$',
    '(?P<n>',
    '(',
    ')',
    '[0-9]+',
    '[a-f]',
    '.',
    '*',
    '?',
    '{2}',
    '|',
    '-',
    'v',
    '(?i)',
    '\\d',
  );
  const template = fc.option(fc.constantFrom('$n', '$1', '$n.$1', '$2', 'x'), { nil: undefined });
  let taken = 0;
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 10 }),
      template,
      fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,9}$/),
      (parts, extract, tag) => {
        for (const make of [TagPolicy.numeric, TagPolicy.alphabetical, (o: object) => TagPolicy.semver('*', o)]) {
          let policy: TagPolicy | undefined;
          try {
            policy = make({ pattern: parts.join(''), extract });
          } catch (e) {
            expect((e as { code?: string }).code).toMatch(/^FORGE-FLUX-00[789]$/);
          }
          taken += policy === undefined ? 0 : 1;
          expect([true, false, undefined]).toContain(policy?.canSort(tag));
        }
      },
    ),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(200);
});
