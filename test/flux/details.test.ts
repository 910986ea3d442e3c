// Details that no other test of this room holds: orders, keys, advice, and the texts of errors.
import { App, Chart, Testing } from 'cdk8s';
import * as fc from 'fast-check';
import {
  ChatKind,
  Cluster,
  compareVersions,
  GitRepository,
  HelmRepository,
  ImageUpdateAutomation,
  OciReference,
  OciRepository,
  OciVerification,
  Provider,
  ProviderTarget,
  satisfies,
} from '../../lib/flux';
import { keptAfterRename } from '../../lib/flux/adopt/renamed';
import { changesOf, KustomizationChanges } from '../../lib/flux/cluster/kustomization-changes';
import { checkedPatches } from '../../lib/flux/cluster/kustomization-options';
import { LayeredChart, partsOf } from '../../lib/flux/cluster/layers';
import { policyAdvice } from '../../lib/flux/image/advice';
import { checkedTag } from '../../lib/flux/image/tags/checks';
import { TagFilter } from '../../lib/flux/pattern/filter';
import { charactersIn } from '../../lib/flux/pattern/node';
import { Layer } from '../../lib/kube';
import { SecretSource } from '../../lib/secret';
import { adviceAt } from '../../lib/support';
import { accepts, codesOf } from '../support/problems';
import { fluxChart, gitops, newApp, policyOf, registry } from './support';

describe('versions', () => {
  // https://semver.org/#spec-item-11
  const ordered = [
    ...['1.0.0-0', '1.0.0-2', '1.0.0-11', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.1.1', '1.0.0-alpha.beta'],
    ...[
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-beta.rc',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.1.0',
      '2.0.0',
    ],
  ];

  test('are compared number by number and part by part', () => {
    ordered.forEach((a, i) =>
      ordered.forEach((b, j) => expect([a, b, compareVersions(a, b)]).toEqual([a, b, Math.sign(i - j)])),
    );
  });

  test('satisfy a range from a prerelease on exactly if they are not older', () => {
    for (const from of ordered.filter((version) => version.includes('-'))) {
      const found = ordered.filter((version) => satisfies(version, `>=${from}`));
      expect(found).toEqual(ordered.slice(ordered.indexOf(from)));
    }
  });
});

test('a range with ~ has versions from its own on, of the same minor version', () => {
  const versions = ['1.2.0', '1.2.2', '1.2.3', '1.2.4', '1.3.0', '2.2.3', '0.2.3'];
  expect(versions.filter((version) => satisfies(version, '~1.2.3'))).toEqual(['1.2.3', '1.2.4']);
  expect(versions.filter((version) => satisfies(version, '~1.2'))).toEqual(['1.2.0', '1.2.2', '1.2.3', '1.2.4']);
  expect(versions.filter((version) => satisfies(version, '~1'))).toEqual(versions.slice(0, 5));
});

describe('patterns', () => {
  test('quote what stands between \\Q and \\E, wherever it begins', () => {
    const keys = (pattern: string) =>
      ['ab.c1', 'ab.c', 'abxc1', 'a.b', 'axb'].filter((tag) => TagFilter.of(pattern).keyOf(tag));
    expect(keys('^ab\\Q.c\\E[0-9]$')).toEqual(['ab.c1']);
    expect(keys('^ab\\Q.c')).toEqual(['ab.c1', 'ab.c']);
    expect(keys('^a\\Q.b\\E$')).toEqual(['a.b']);
  });

  test('a negated class has every tag character that the class does not have', () => {
    expect(charactersIn('0-9', false)).toBe('0123456789');
    expect(charactersIn('a-z0-9_.\\-', false, true)).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    expect(charactersIn('a-z0-9_.\\-', true, true)).toBe('');
    expect(charactersIn('x', true)).toBe('Xx');
  });

  const part = fc.constantFrom(
    ...[
      '[^a-c]',
      '[a-c]',
      'a',
      'b+',
      '(?:a|bc)',
      '[^0-9]?',
      '\\d',
      '\\D',
      '\\w{1,2}',
      '.',
      '[[:alpha:]]',
      '[[:^digit:]]',
    ],
  );

  test('select the tags that the language of the pattern contains', () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(fc.constantFrom(...'abcd1'), { minLength: 1, maxLength: 4 }),
        (parts, chars) => {
          const filter = TagFilter.of(`^${parts.join('')}$`);
          const tag = chars.join('');
          const isSelected = filter.keyOf(tag) !== undefined;
          found += isSelected ? 1 : 0;
          expect(filter.tags.intersects(TagFilter.of(`^${tag}$`).tags)).toBe(isSelected);
        },
      ),
      { numRuns: 400 },
    );
    expect(found).toBeGreaterThan(20);
  });

  test.each([
    ['[a', '[a]'],
    ['[', '[[]'],
    ['[z-a]', '[a-z]'],
    ['[[:none:]]', '[[:alpha:]]'],
    ['(', '(a)'],
    ['a**', 'a*'],
    ['\\', '\\\\'],
    ['(?=a)', '(?:a)'],
    ['a{2,1}', 'a{1,2}'],
    ['\ud800', 'a'],
    ['\\pX', '\\pL'],
  ])('%j is refused with the words of Go, and %j is not', (pattern, neighbour) => {
    expect(codesOf(() => TagFilter.of(pattern))).toEqual(['FORGE-FLUX-007']);
    accepts(() => TagFilter.of(neighbour));
  });
});

test('a tag inside a reference is named in the fix; a digest has none', () => {
  const inside = ['hello:1.0.0', 'git.example.com:5000/a/hello:v1@sha256:aa', 'a/b:1'];
  for (const tag of [...inside, 'sha256:aa', 'a b', '', ':1', 'hello:', 'x@sha256:aa', `hello:${'a'.repeat(129)}`]) {
    expect(codesOf(() => checkedTag(tag))).toEqual(['FORGE-FLUX-010']);
  }
  accepts(
    () => checkedTag('1.0.0'),
    () => checkedTag('sha256-aa'),
  );
});

test('a text stays what it is while Flux still writes the old name of an image', () => {
  const image = { policy: 'flux-system:web', name: 'git.example.com/platform/web' } as Parameters<
    typeof keptAfterRename
  >[1];
  const line = (value: string, setter: string) => `image: ${value} # {"$imagepolicy": "${setter}"}\n`;
  expect(
    [
      line('git.example.com/old/web:1', 'flux-system:web'),
      line('git.example.com/platform/web:1', 'flux-system:web'),
      line('git.example.com:5000/platform/web', 'flux-system:web'),
      line('git.example.com/platform/web@sha256:aa', 'flux-system:web'),
      line('git.example.com/old/web', 'flux-system:web:name'),
      line('git.example.com/platform/web', 'flux-system:web:name'),
      line('git.example.com/old/web', 'flux-system:other:name'),
      line('"1"', 'flux-system:web:tag'),
      'image: git.example.com/old/web:1\n',
    ].map((text) => keptAfterRename(text, image)),
  ).toEqual([true, false, true, false, true, false, false, false, false]);
});

describe('the changes of a Kustomization', () => {
  const chart = new Chart(new App(), 'c');
  const digest = `sha256:${'a'.repeat(64)}`;

  test.each<[KustomizationChanges, KustomizationChanges]>([
    [{ targetNamespace: 'A' }, { targetNamespace: 'a' }],
    [{ namePrefix: 'A' }, { namePrefix: 'a-' }],
    [{ namePrefix: '' }, { namePrefix: '.' }],
    [{ nameSuffix: 'a b' }, { nameSuffix: '-b' }],
    [{ nameSuffix: 'a'.repeat(201) }, { nameSuffix: 'a'.repeat(200) }],
    [{ commonMetadata: { labels: { team: 'a b' } } }, { commonMetadata: { labels: { team: '${TEAM}', 'a.b/c': '' } } }],
    [{ commonMetadata: { labels: { 'a/b/c': 'x' } } }, { commonMetadata: { labels: { a_b: 'A.b-c' } } }],
    [{ commonMetadata: { annotations: { 'a b': '' } } }, { commonMetadata: { annotations: { 'a/B': 'any text' } } }],
    [{ images: [{ name: 'Nginx', newTag: '1' }] }, { images: [{ name: 'nginx', newTag: '1' }] }],
    [{ images: [{ name: 'nginx:1', newTag: '1' }] }, { images: [{ name: 'localhost:5000/nginx', newTag: '1' }] }],
    [{ images: [{ name: 'nginx', newName: 'a b' }] }, { images: [{ name: 'nginx', newName: 'a/b' }] }],
    [{ images: [{ name: 'nginx' }] }, { images: [{ name: 'nginx', newName: 'mirror/nginx' }] }],
    [{ images: [{ name: 'nginx', digest: 'sha256:aa' }] }, { images: [{ name: 'nginx', digest }] }],
    [{ images: [{ name: 'nginx', digest, newTag: '1' }] }, { images: [{ name: 'nginx', digest, newName: 'x' }] }],
  ])('%j are refused, and %j are rendered as they are', (bad, good) => {
    expect(codesOf(() => changesOf(chart, bad))).toEqual(['FORGE-FLUX-051']);
    expect(changesOf(chart, good)).toEqual(good);
  });

  test('are nothing if nothing is set', () => {
    expect(changesOf(chart, {})).toEqual({});
    expect(changesOf(chart, { images: [] })).toEqual({});
  });
});

test.each<[string, object | undefined, string]>([
  ['', undefined, 'kind: Deployment\nmetadata:\n  name: web\n'],
  ['---\n# nothing\n---\n', undefined, '---\nkind: A\nmetadata:\n  name: web\n---\n'],
  ['kind: A\n', undefined, 'kind: A\nmetadata: { name: web }\n'],
  ['a: [', undefined, 'kind: A\nmetadata: { name: "[" }\n'],
  ['- op: add\n  path: /a\n', undefined, 'kind: A\nmetadata: { name: web }\n'],
  ['- op: put\n  path: /a\n', { kind: 'A' }, '- op: add\n  path: /a\n'],
  ['- op: add\n  path: a\n', { kind: 'A' }, '- op: remove\n  path: ""\n'],
  ['- op: add\n', { kind: 'A' }, '- op: test\n  path: /a/b\n'],
  ['text', { kind: 'A' }, 'spec: {}\n'],
])('the patch %j with target %j is refused, and %j is not', (patch, target, neighbour) => {
  const chart = fluxChart();
  expect(codesOf(() => checkedPatches(chart, [{ patch, target }]))).toEqual(['FORGE-FLUX-050']);
  accepts(() => checkedPatches(chart, [{ patch: neighbour, target }]));
});

test('layers of one order stand in the order of their names, and a layer has no part without charts', () => {
  const app = new App();
  const layered = (id: string, layer: Layer): LayeredChart => ({
    chart: new Chart(app, id),
    layer,
    size: 1,
    after: [],
  });
  const [b, a, first] = [...['b', 'a'].map((name) => Layer.between(Layer.PLATFORM, Layer.APPS, name)), Layer.SECRETS];
  const charts = [layered('one', b), layered('two', a), layered('three', first), layered('four', b)];
  expect(partsOf(charts, 1).map(({ name, size }) => [name, size])).toEqual([
    ['secrets', 1],
    ['a', 1],
    ['b', 2],
  ]);
  const many = partsOf(charts, 16);
  expect(many.reduce((sum, { size }) => sum + size, 0)).toBe(4);
  expect(many.every(({ charts: own }) => own.length > 0)).toBe(true);
});

test('the advice for policies looks in their namespace', () => {
  expect(policyAdvice('images').symptoms!.flatMap(({ look = [] }) => look.map(({ text }) => text))).toEqual([
    'flux get images all --namespace images',
    'flux get images policy --namespace images',
  ]);
});

test('a chart repository and a provider read the keys that Flux reads', () => {
  const chart = fluxChart();
  const source = (name: string) => SecretSource.existing(name);
  const http = new HelmRepository(chart, 'a', { url: 'https://charts.example.com', credentials: source('a') });
  const oci = new HelmRepository(chart, 'b', { url: 'oci://charts.example.com/a', credentials: source('b') });
  const provider = (id: string, target: ProviderTarget) => new Provider(chart, id, { target });
  const providers = [
    provider('slack', ProviderTarget.chat(ChatKind.SLACK, source('slack'))),
    provider('matrix', ProviderTarget.chat(ChatKind.MATRIX, source('matrix'))),
    provider('alertmanager', ProviderTarget.alertmanager('https://alerts.example.com')),
  ];
  const needsOf = (construct: Chart | HelmRepository | Provider) =>
    SecretSource.requirementsAt(construct).map(({ keys, type }) => [type, ...keys]);
  expect([http, oci, ...providers].map(needsOf)).toEqual([
    [['Opaque', 'username', 'password']],
    [['kubernetes.io/dockerconfigjson', '.dockerconfigjson']],
    [['Opaque', 'address']],
    [['Opaque', 'address', 'token']],
    [],
  ]);
  expect(Testing.synth(chart)).toHaveLength(5);
});

test('keys of Cosign may have any name, and those of Notation have the one that Flux reads', () => {
  const named = (keys: Record<string, string>) => SecretSource.existing('keys', { keys });
  const made = (verify: OciVerification) => {
    const reference = OciReference.tag('a');
    return new OciRepository(fluxChart(), 'oci', { registry, artifact: 'a', reference, verify });
  };
  expect(codesOf(() => made(OciVerification.notation(named({ 'trustpolicy.json': 'policy' }))))).toEqual([
    'FORGE-SEC-010',
  ]);
  accepts(
    () => made(OciVerification.cosign(named({ 'cosign.pub': 'team.pub' }))),
    () => made(OciVerification.notation(named({ 'trustpolicy.json': 'trustpolicy.json' }))),
  );
});

test('the diagram shows what Flux follows, and commits only if there are images', () => {
  const labelsOf = (images: boolean) => {
    const { app } = newApp();
    const cluster = new Cluster(app, 'home', { source: gitops });
    if (images) {
      policyOf(cluster, 'hello');
    }
    app.synth();
    return adviceAt(cluster).flatMap(({ links = [] }) => links.map(({ label }) => label));
  };
  expect(labelsOf(false)).toEqual(['followed by']);
  expect(labelsOf(true)).toEqual(['followed by', 'commits new tags']);
});

test('an automation has the name of its construct', () => {
  const chart = fluxChart();
  const source = new GitRepository(chart, 'source', { repository: gitops });
  new ImageUpdateAutomation(chart, 'auto', { source });
  const names = (Testing.synth(chart) as { kind: string; metadata: { name: string } }[]).map(({ kind, metadata }) => [
    kind,
    metadata.name,
  ]);
  expect(names).toContainEqual(['ImageUpdateAutomation', 'auto']);
});
