import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-33';
import { Construct } from 'constructs';
import { GitOpsApp } from '../../lib/app';
import { MOST_LINKS } from '../../lib/app/picture';
import { runbookFiles, RunbookParts } from '../../lib/app/runbook';
import { Builder } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Model } from '../../lib/model';
import { ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { advise } from '../../lib/support';
import { pictureIn, readFlowchart } from '../support/mermaid';
import { blocksOf } from '../support/runbook';
import { readTree, temporaryFolder } from '../support/workspace';

type Pages = Record<string, string>;

const LARGEST = 22_000;

function newApp(folder = temporaryFolder()): GitOpsApp {
  return new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
}

/** A platform with one pipeline for each name; the part of the name before the first "." is the chart. */
function platform(names: readonly string[], clusters: readonly string[] = ['home']): { app: GitOpsApp; model: Model } {
  const app = newApp();
  const forge = Forge.gitea({ version: '28.3', url: 'https://git.example.com' });
  const registry = Registry.gitea(forge, { owner: 'platform', credentials: SecretSource.existing('pull') });
  const [home] = clusters.map((name) => new Cluster(app, name, { source: forge.repository('platform/gitops') }));
  const ci = new Chart(home, 'ci', { namespace: 'ci' });
  const runner = new Runner(ci, 'runner', {
    forge,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.docker(),
  });
  const charts = new Map<string, Chart>();
  for (const name of names) {
    const [team, service] = name.split('.');
    const chart = charts.get(team) ?? new Chart(home, team, { namespace: team });
    charts.set(team, chart);
    const repository = forge.repository(`${team}/${service}`);
    const { image } = new ImagePipeline(chart, service, { repository, registry, runner, builder: Builder.docker() });
    new Deployment(chart, `${service}-app`, { containers: [{ image: image.reference, portNumber: 8080 }] });
  }
  app.synth();
  return { app, model: Model.of(app as App) };
}

/** The charts of the platform use the image of the pipeline that is named as its policy. */
function pagesOf({ model }: { model: Model }, parts: RunbookParts = {}): Pages {
  const imageUsers = new Map(
    model.images.map(({ construct }) => {
      const name = construct.apiObject.name;
      const chart = model.workflows
        .find(({ node }) => node.id === name)!
        .node.path.split('/')
        .slice(0, 2)
        .join('/');
      return [construct.node.path, new Set([chart])];
    }),
  );
  const files = runbookFiles(model, { imageUsers, largestPage: LARGEST, ...parts });
  return Object.fromEntries(files.map((file) => [file.path, file.text]));
}

const TEAMS = ['checkout', 'payments', 'search', 'shop'];
const NAMES = TEAMS.flatMap((team) => Array.from({ length: 6 }, (_, i) => `${team}.${team}-${i}`));

const SMALL = platform(NAMES);
const PAGES = pagesOf(SMALL);

/** The lines of tables and of blocks of commands, apart from the heads of tables. */
function facts(pages: Pages, kind: 'rows' | 'commands'): string[] {
  const texts = Object.values(pages);
  const lines =
    kind === 'commands'
      ? texts.flatMap(blocksOf).flatMap((block) => block.split('\n'))
      : texts.flatMap((text) =>
          text.split('\n').filter((line) => /^\| \[?`.*\| `(main-|Opaque|kubernetes|Actions)/.test(line)),
        );
  return lines.sort();
}

test('a runbook that is larger than a page has a first page and a page per layer, none of which is larger', () => {
  expect(Object.keys(PAGES).sort()).toEqual([
    'RUNBOOK.md',
    'runbook/home/apps.md',
    ...['c', 'p', 's'].map((start) => `runbook/home/apps/${start}.md`),
    'runbook/home/platform.md',
  ]);
  Object.values(PAGES).forEach((text) => expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LARGEST));
});

test('every command and every row is in one place', () => {
  const whole = pagesOf(SMALL, { largestPage: Infinity });
  expect(Object.keys(whole)).toEqual(['RUNBOOK.md']);
  expect(facts(PAGES, 'commands')).toEqual(facts(whole, 'commands'));
  expect(facts(PAGES, 'rows')).toEqual(facts(whole, 'rows'));
  expect(facts(whole, 'rows').length).toBeGreaterThan(NAMES.length + TEAMS.length);
  const seen = (pages: Pages) =>
    Object.values(pages)
      .flatMap((text) => text.split('## Troubleshooting')[1]?.split('\n') ?? [])
      .filter((line) => line.startsWith('|'))
      .map((line) =>
        line
          .split(' | ')
          .filter((_, i) => i !== 2)
          .join(),
      )
      .filter((line) => !/^\|(-| Symptom)/.test(line));
  expect(seen(PAGES).sort()).toEqual(seen(whole).sort());
});

test('everything about a pipeline is on one page: its repository, its workflow file, its checks, its image', () => {
  const pages = Object.entries(PAGES).filter(([, text]) => text.includes('search-3'));
  expect(pages).toHaveLength(1);
  const [[, text]] = pages;
  for (const chapter of ['Repositories', 'Workflow files', 'Verify', 'Images']) {
    const own = text.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`));
    expect(own).toContain('search-3');
  }
});

/** What is wrong with the links of pages to pages and chapters. */
function brokenLinks(pages: Pages): string[] {
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replace(/ /g, '-'),
    );
  return Object.entries(pages).flatMap(([file, text]) =>
    [...text.matchAll(/\]\(([^)]+)\)/g)]
      .map(([, link]) => link)
      .filter((link) => !link.startsWith('https://'))
      .filter((link) => {
        const [target, anchor] = link.split('#');
        const page = target === '' ? text : pages[path.posix.join(path.posix.dirname(file), target)];
        return page === undefined || (anchor !== undefined && !anchors(page).includes(anchor));
      })
      .map((link) => `${file}: ${link}`),
  );
}

test('each link leads to a page, and to a heading', () => {
  expect(brokenLinks(PAGES)).toEqual([]);
  expect(brokenLinks({ a: '[x](b.md) [y](#z)' })).toEqual(['a: b.md', 'a: #z']);
  expect(PAGES['RUNBOOK.md']).toContain('](runbook/home/apps.md)');
});

test('a link to a chapter leads to that of the page, or else of the first page', () => {
  const app = newApp();
  const [one, two, zoo] = ['one', 'two', 'zoo'].map((name) => new Chart(app, name));
  advise(zoo, () => ({ warnings: ['z'.repeat(4_000)] }));
  const symptom = { seen: '`something is wrong`', fix: 'See [Warnings](#warnings).' };
  advise(one, () => ({ symptoms: [{ ...symptom, cause: 'x'.repeat(5_000) }] }));
  advise(two, () => ({ symptoms: [{ ...symptom, cause: 'y'.repeat(2_500) }], warnings: ['z'.repeat(2_500)] }));
  const pages = pagesOf({ model: Model.of(app as App) }, { largestPage: 11_500 });
  expect(pages['runbook/no_cluster/o.md']).toContain('See [Warnings](../../RUNBOOK.md#warnings).');
  expect(pages['runbook/no_cluster/t.md']).toContain('See [Warnings](#warnings).');
  expect(brokenLinks(pages)).toEqual([]);
});

test('a pipeline that is added changes the pages of its path only, and not the first page', () => {
  const more = pagesOf(platform([...NAMES, 'search.search-9']));
  const changed = Object.keys({ ...PAGES, ...more }).filter((file) => PAGES[file] !== more[file]);
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.filter((file) => !/^runbook\/home\/apps\/s/.test(file))).toEqual([]);
});

test('the picture shows groups, without their numbers', () => {
  const { nodes, edges, groups } = readFlowchart(pictureIn(PAGES['RUNBOOK.md']));
  expect([...nodes.values()].map((lines) => lines.join(' '))).toEqual(
    expect.arrayContaining(['workflows', 'pods of several namespaces', 'repositories of search', 'runner runner']),
  );
  expect([...groups.values()].map(({ title }) => title)).toContain('layer apps');
  expect(edges.length).toBeLessThan(30);
});

describe('many clusters', () => {
  const names = Array.from({ length: 12 }, (_, i) => `edge-${i}`);
  const many = pagesOf(platform(['team.one'], names), { largestPage: 15_000 });

  test('have pages of their own, where they would make the first page too large', () => {
    expect(Object.keys(many).filter((file) => /^runbook\/edge-\d+\/all_layers\.md$/.test(file))).toHaveLength(12);
    Object.values(many).forEach((text) => expect(Buffer.byteLength(text)).toBeLessThanOrEqual(15_000));
    expect(many['runbook/edge-3/all_layers.md']).toContain('kubectl apply -f dist/clusters/edge-3/flux/');
    expect(many['RUNBOOK.md']).not.toContain('kubectl apply -f dist/clusters/edge-3/flux/');
    expect(brokenLinks(many)).toEqual([]);
  });

  test('are one box in the picture', () => {
    const { edges, groups } = readFlowchart(pictureIn(many['RUNBOOK.md']));
    expect(groups.size).toBe(0);
    expect(edges.length).toBeGreaterThan(1);
    expect(edges.length).toBeLessThan(MOST_LINKS);
  });
});

test('constructs outside of clusters and names of all kinds have their pages', () => {
  const app = newApp();
  for (const name of ['Ops', 'ops', 'ö', '😀', '😁', '..', 'a b', 'a_b', '`']) {
    advise(new Construct(app, name), () => ({ warnings: [name.repeat(3), `x${'-'.repeat(5_000)}`] }));
  }
  const pages = pagesOf({ model: Model.of(app as App) }, { largestPage: 12_000 });
  expect(
    Object.keys(pages).filter((file) => !/^(RUNBOOK|runbook\/no_cluster(\/[a-z0-9_-]+)?)\.md$/.test(file)),
  ).toEqual([]);
  expect(new Set(Object.keys(pages).map((file) => file.toLowerCase())).size).toBe(Object.keys(pages).length);
  expect(
    Object.values(pages)
      .join('')
      .match(/-{5000}/g),
  ).toHaveLength(9);
  expect(Object.values(pages).every((text) => Buffer.from(text).toString() === text)).toBe(true);
  expect(brokenLinks(pages)).toEqual([]);
});

test('pages come and go with the size of the platform', () => {
  const folder = temporaryFolder();
  const synth = (count: number) => {
    const app = newApp(folder);
    const chart = new Chart(app, 'apps');
    for (let i = 0; i < count; i++) {
      advise(new Construct(chart, `part-${i}`), () => ({ warnings: ['-'.repeat(10_000)] }));
    }
    app.synth();
    return Object.keys(readTree(path.join(folder, 'dist'))).filter((file) => file.endsWith('.md'));
  };
  expect(synth(19)).toEqual(['RUNBOOK.md']);
  const many = synth(30);
  expect(many).toEqual(
    expect.arrayContaining(['RUNBOOK.md', 'runbook/no_cluster.md', 'runbook/no_cluster/apps_part-1.md']),
  );
  many.forEach((file) => expect(fs.statSync(path.join(folder, 'dist', file)).size).toBeLessThanOrEqual(200_000));
  expect(synth(19)).toEqual(['RUNBOOK.md']);
  expect(fs.existsSync(path.join(folder, 'dist/runbook'))).toBe(false);
});
