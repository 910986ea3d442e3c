import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { ConfigMap } from 'cdk8s-plus-33';
import * as fc from 'fast-check';
import { Model } from '../../lib/model';
import { picture } from '../../lib/app/picture';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd, BuildkitTls } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Layer, Storage } from '../../lib/kube';
import { Registry } from '../../lib/registry';
import { Link, Part, PartKind } from '../../lib/support';
import { EXAMPLES } from '../support/examples';
import { pictureIn, readFlowchart } from '../support/mermaid';
import { temporaryFolder } from '../support/workspace';

const ROOT = path.join(__dirname, '../..');
const runbooks = ['dist', ...EXAMPLES.map((folder) => `${folder}/dist`)]
  .map((folder) => path.join(folder, 'RUNBOOK.md'))
  .filter((file) => fs.existsSync(path.join(ROOT, file)));

/** A picture of these parts and links alone. */
function drawn(links: readonly Link[], parts: readonly Part[] = []): string[] {
  const model = {
    advice: [{ path: '', links, parts }],
    imageRepositories: [],
    constructs: [],
    workflows: [],
    runners: [],
    clusters: [],
    charts: new Map<Chart, never>(),
  } as unknown as Model;
  return picture(model).slice(0, -1);
}

const part = (kind: PartKind, name: string, label = [name]): Part => ({ kind, name, label });

test.each(runbooks)('the picture in %s can be read', (file) => {
  const { nodes, edges } = readFlowchart(pictureIn(fs.readFileSync(path.join(ROOT, file), 'utf8')));
  expect(nodes.size).toBeGreaterThan(0);
  expect(edges.length).toBeGreaterThan(0);
});

test('shows the way of an image, from its repository to the pods of its namespace', () => {
  const { nodes, groups, edges } = readFlowchart(
    pictureIn(fs.readFileSync(path.join(ROOT, 'dist/RUNBOOK.md'), 'utf8')),
  );
  const next = (label: string, from: string) =>
    edges.find((edge) => edge.label.startsWith(label) && edge.from === from)?.to ?? `nothing by ${label}`;
  const [repository] = [...nodes].find(([, lines]) => lines.join() === 'platform/hello')!;
  const workflow = next('push', repository);
  const builder = next('builds with', next('runs on', workflow));
  const registry = next('push to http://gitea-http.gitea.svc.cluster.local:3000', builder);
  expect(nodes.get(next('pull from https://git.example.com', registry))).toEqual(['pods of', 'apps']);
  const flux = next('scan of https://git.example.com', registry);
  expect(nodes.get(next('commits', flux))).toEqual(['platform/gitops']);
  expect(groups.get(next('then', next('applies', flux)))).toEqual({ title: 'layer apps', members: ['pods_home_apps'] });
});

test('there is none of parts that nothing connects', () => {
  expect(drawn([], [part('runner', 'a')])).toEqual([]);
});

test('a part that comes leaves the lines of the others alone', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => part('runner', name));
  const before = drawn([{ from: a, to: b }]);
  expect(
    before.filter(
      (line) =>
        !drawn([
          { from: c, to: a },
          { from: a, to: b },
        ]).includes(line),
    ),
  ).toEqual([]);
});

test('two parts whose names differ in punctuation only stay two', () => {
  const { nodes } = readFlowchart(drawn([{ from: part('runner', 'a-b/c'), to: part('runner', 'a/b-c') }]));
  expect(new Set([...nodes.values()].map((lines) => lines.join()))).toEqual(new Set(['a-b/c', 'a/b-c']));
});

describe('two parts of one name', () => {
  const twins = (id: string) => part('builder', `${id}/buildkitd`, ['buildkitd', 'buildkitd']);

  test('show the name that tells them apart, and a part alone does not', () => {
    const registry = part('registry', 'ghcr.io/example');
    const { nodes } = readFlowchart(drawn([twins('one'), twins('two')].map((from) => ({ from, to: registry }))));
    expect([...nodes.values()]).toEqual([
      ['buildkitd', 'buildkitd', 'one/buildkitd'],
      ['ghcr.io/example'],
      ['buildkitd', 'buildkitd', 'two/buildkitd'],
    ]);
    const alone = readFlowchart(drawn([{ from: twins('one'), to: registry }]));
    expect([...alone.nodes.values()][0]).toEqual(['buildkitd', 'buildkitd']);
  });

  test('stay apart when their names are long and alike at the beginning', () => {
    const far = 'scope/'.repeat(30);
    const { nodes } = readFlowchart(drawn([{ from: twins(`${far}one`), to: twins(`${far}two`) }]));
    expect(new Set([...nodes.values()].map((lines) => lines.join())).size).toBe(2);
  });

  test('are told apart in the runbook of an app, in one namespace layout after another', () => {
    const workspace = temporaryFolder();
    const app = new GitOpsApp({ outdir: path.join(workspace, 'dist'), imageLock: path.join(workspace, 'images.yaml') });
    const registries = [Registry.ghcr({ owner: 'example' })];
    for (const id of ['one', 'two']) {
      new Buildkitd(new Chart(app, id, { namespace: id }), 'buildkitd', {
        registries,
        tls: BuildkitTls.certManager(),
        storage: Storage.persistent(Size.gibibytes(50)),
      });
    }
    app.synth();
    const { nodes } = readFlowchart(pictureIn(fs.readFileSync(path.join(workspace, 'dist/RUNBOOK.md'), 'utf8')));
    const builders = [...nodes.values()].filter(([first]) => first === 'buildkitd').map((lines) => lines.join(' '));
    expect(builders).toEqual(['buildkitd buildkitd one/buildkitd', 'buildkitd buildkitd two/buildkitd']);
  });
});

test('layers of your own are drawn in their order, with ids that Mermaid reads', () => {
  const workspace = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(workspace, 'dist'), imageLock: path.join(workspace, 'images.yaml') });
  const source = Forge.gitea({ version: '1.27', url: 'https://git.example.com' }).repository('platform/gitops');
  for (const [name, layer] of [
    ['a', 'b--c'],
    ['a--b', 'c'],
  ]) {
    const chart = new Chart(new Cluster(app, name, { source }), `${name}-x`, { namespace: 'x' });
    new ConfigMap(chart, 'map');
    Layer.between(Layer.SECRETS, Layer.PLATFORM, layer).assign(chart);
  }
  app.synth();
  const { groups, nodes } = readFlowchart(pictureIn(fs.readFileSync(path.join(workspace, 'dist/RUNBOOK.md'), 'utf8')));
  const titles = [
    ...[...groups.values()].map(({ title }) => title),
    ...[...nodes.values()].map((lines) => lines.join()),
  ];
  expect(titles).toEqual(expect.arrayContaining(['layer b--c', 'layer c']));
});

test('a picture that Mermaid would refuse is drawn without workflows, or not at all', () => {
  const many = (kind: PartKind) =>
    Array.from({ length: 300 }, (_, i) => ({ from: part(kind, `a${i}`), to: part('registry', 'r') }));
  const few = { from: part('builder', 'b'), to: part('registry', 'r') };
  const [note, empty, ...lines] = drawn([...many('workflow'), few]);
  expect([note, empty]).toEqual(['Workflows are left out of the picture: there are too many.', '']);
  expect(readFlowchart(lines).edges).toHaveLength(1);
  expect(drawn(many('builder'))).toEqual([]);
});

test('no name breaks the picture, and every name can be read back', () => {
  const hostile = fc.constantFrom(
    'end',
    '"] --> x',
    'a["b"]',
    '`code`',
    '1. one',
    '- x',
    '#35;',
    'style x:y#1;',
    '%%{init: {}}%%',
    '<script>',
    '|"|',
    '\n```\n',
    ']]',
    '😀',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 90 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
    hostile,
  );
  const parts = fc.record({
    kind: fc.constantFrom<PartKind>('repository', 'workflow', 'runner', 'builder', 'registry', 'flux', 'pods'),
    name: text,
    label: fc.array(text, { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.record({ from: parts, to: parts, label: fc.option(text, { nil: undefined }) }), {
        minLength: 1,
        maxLength: 6,
      }),
      (links) => {
        const { nodes, edges } = readFlowchart(drawn(links));
        const first = new Map(
          links
            .flatMap(({ from, to }) => [from, to])
            .reverse()
            .map((one) => [JSON.stringify([one.kind, one.name]), one]),
        );
        const shown = (line: string) => (line.length > 80 ? `${line.slice(0, 79)}…` : line).replace(/\s+/g, ' ');
        const labels = [...first.values()].map(({ label }) =>
          label
            .filter((line) => line.trim() !== '')
            .map(shown)
            .join('|'),
        );
        // Parts that look the same show their names too, which another test looks at.
        const worded = labels.filter((label) => label !== '');
        fc.pre(new Set(worded).size === worded.length);
        // A part without words shows its id.
        expect([...nodes].map(([id, lines]) => (lines.join() === id ? '' : lines.join('|'))).sort()).toEqual(
          labels.sort(),
        );
        expect(edges.length).toBeLessThanOrEqual(links.length);
        expect(new Set(edges.map(({ label }) => label))).toEqual(
          new Set(links.map(({ label }) => ((label ?? '').trim() === '' ? '' : shown(label!)))),
        );
      },
    ),
    { numRuns: 200 },
  );
});
