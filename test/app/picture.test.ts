import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart } from 'cdk8s';
import * as fc from 'fast-check';
import { Model } from '../../lib/model';
import { picture } from '../../lib/app/picture';
import { Link, Part, PartKind } from '../../lib/support';
import { pictureIn, readFlowchart } from '../support/mermaid';

const ROOT = path.join(__dirname, '../..');
const runbooks = ['dist', ...fs.readdirSync(path.join(ROOT, 'examples')).map((name) => `examples/${name}/dist`)]
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
