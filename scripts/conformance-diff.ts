/**
 * Writes random edits of programs, and what `cdk8s-forge diff` says of each: `node --import tsx scripts/conformance-diff.ts <folder>
 * <count> <seed>`. Each case has the output before and after the edit, and `diff.json`.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { GitOpsApp } from '../lib/app';
import { Change, ClusterChanges, changesOf } from '../lib/cli/diff/changes';
import { keptBy } from '../lib/cli/diff/migration';
import { ClusterState, clustersOf, keyOf } from '../lib/cli/diff/platform';
import { isMarked, stateOf } from '../lib/cli/diff/simulation';
import { WorkingTree } from '../lib/cli/diff/tree';
import { Cluster } from '../lib/flux';
import { Forge } from '../lib/forge';
import { Layer } from '../lib/kube';
import { MigrationFile } from '../lib/output';

const [folder, count = '20', seed = '1'] = process.argv.slice(2);
if (!folder) {
  throw new Error('usage: conformance-diff.ts <folder> <count> <seed>');
}

/** A generator of numbers below 1: mulberry32. */
function random(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const next = random(Number(seed));
const below = (n: number): number => Math.floor(next() * n);
const pick = <T>(list: readonly T[]): T => list[below(list.length)];

/** An object of a program: its kind, two numbers that its fields come from, and annotations of Flux. */
interface Part {
  readonly kind: keyof typeof KINDS;
  readonly name: string;
  readonly free: number;
  readonly fixed: number;
  readonly marks: Record<string, string>;
}

interface ChartPart {
  readonly id: string;
  readonly layer: string;
  /** The chart is of the cluster that is played, or of another one of the same program. */
  readonly elsewhere?: boolean;
  readonly parts: Part[];
}

interface Program {
  readonly charts: readonly ChartPart[];
  /** The number of Kustomizations of each layer. */
  readonly parts: number;
}

const pod = (free: number, labels: object): object => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: `registry.example.com/app:1.${free}` }] },
});

/** The kinds, with a field that can change and one that cannot. */
const KINDS = {
  ConfigMap: (free: number, fixed: number) => ({
    apiVersion: 'v1',
    data: { a: `${free}` },
    ...(fixed > 0 ? { immutable: true } : {}),
  }),
  Secret: (free: number, fixed: number) => ({
    apiVersion: 'v1',
    type: `example.com/${fixed}`,
    stringData: { a: `${free}` },
  }),
  PersistentVolumeClaim: (free: number, fixed: number) => ({
    apiVersion: 'v1',
    metadata: { labels: { free: `${free}` } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: `c${fixed}`,
      resources: { requests: { storage: '1Gi' } },
    },
  }),
  Service: (free: number, fixed: number) => ({
    apiVersion: 'v1',
    spec: { selector: { a: `${free}` }, ports: [{ port: 80 }], ...(fixed % 2 ? { clusterIP: 'None' } : {}) },
  }),
  Deployment: (free: number, fixed: number) => ({
    apiVersion: 'apps/v1',
    spec: { replicas: 1, selector: { matchLabels: { a: `${fixed}` } }, template: pod(free, { a: `${fixed}` }) },
  }),
  StatefulSet: (free: number, fixed: number) => ({
    apiVersion: 'apps/v1',
    spec: { serviceName: `s${fixed}`, selector: { matchLabels: { a: 'b' } }, template: pod(free, { a: 'b' }) },
  }),
  Job: (free: number, fixed: number) => ({
    apiVersion: 'batch/v1',
    spec: {
      parallelism: free + 1,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: `app:${fixed}` }] } },
    },
  }),
  Namespace: (free: number) => ({ apiVersion: 'v1', metadata: { labels: { free: `${free}` } } }),
  RoleBinding: (free: number, fixed: number) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    subjects: [{ kind: 'User', name: `u${free}`, apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'ClusterRole', name: `r${fixed}`, apiGroup: 'rbac.authorization.k8s.io' },
  }),
};

const LAYERS: Record<string, Layer> = { platform: Layer.PLATFORM, apps: Layer.APPS };
for (const name of ['first', 'second', 'third']) {
  LAYERS[name] = Layer.between(Layer.PLATFORM, Layer.APPS, name);
}

let made = 0;
const part = (): Part => ({
  kind: pick(Object.keys(KINDS) as (keyof typeof KINDS)[]),
  name: `o${++made}`,
  free: below(2),
  fixed: below(2),
  marks:
    next() < 0.15
      ? { prune: 'disabled' }
      : next() < 0.1
        ? { force: 'enabled' }
        : next() < 0.05
          ? { ssa: 'IfNotPresent' }
          : {},
});

const program = (): Program => ({
  charts: ['web', 'jobs', 'data'].map((id) => ({
    id,
    layer: pick(Object.keys(LAYERS)),
    parts: Array.from({ length: 2 + below(3) }, part),
  })),
  parts: next() < 0.7 ? 1 : 2,
});

type Edit = (program: Program) => Program;

const inCharts =
  (change: (charts: readonly ChartPart[]) => readonly ChartPart[]): Edit =>
  (one) => ({ ...one, charts: change(one.charts) });

/** Changes one chart. */
const inOne = (change: (chart: ChartPart) => ChartPart): Edit =>
  inCharts((charts) => {
    const index = below(charts.length);
    return charts.map((chart, i) => (i === index ? change(chart) : chart));
  });

/** Changes one object of one chart. */
const inPart = (change: (one: Part) => Part[]): Edit =>
  inOne((chart) => {
    const index = below(chart.parts.length);
    return { ...chart, parts: chart.parts.flatMap((one, i) => (i === index ? change(one) : [one])) };
  });

const EDITS: Edit[] = [
  inPart(() => []),
  inPart((one) => [one, part()]),
  inPart((one) => [{ ...one, name: `renamed-${one.name}` }]),
  inPart((one) => [{ ...one, free: one.free + 1 }]),
  inPart((one) => [{ ...one, fixed: one.fixed + 1 }]),
  inPart((one) => [{ ...one, fixed: one.fixed + 1, marks: { force: 'enabled' } }]),
  inOne((chart) => ({ ...chart, id: `${chart.id}-renamed` })),
  inOne((chart) => ({ ...chart, layer: pick(Object.keys(LAYERS)) })),
  inOne((chart) => ({ ...chart, elsewhere: true })),
  (one) => ({ ...one, parts: 1 + below(3) }),
  inCharts((charts) => charts.filter((_, i) => i !== 0)),
  inCharts((charts) => {
    const [from, to] = [below(charts.length), below(charts.length)];
    const [moved] = charts[from].parts;
    return moved === undefined || from === to
      ? charts
      : charts.map((chart, i) => ({
          ...chart,
          parts: i === from ? chart.parts.slice(1) : i === to ? [...chart.parts, moved] : chart.parts,
        }));
  }),
];

const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });

function synth(root: string, name: string, { charts, parts: count }: Program): void {
  const app = new GitOpsApp({
    outdir: path.join(root, 'dist'),
    imageLock: path.join(root, 'images.yaml'),
    collectErrors: false,
  });
  const source = forge.repository('platform/gitops');
  const cluster = new Cluster(app, name, { source, parts: count });
  const other = new Cluster(app, `other-${name}`, { source });
  for (const { id, layer, elsewhere, parts } of charts.filter((chart) => chart.parts.length > 0)) {
    const chart = new Chart(elsewhere ? other : cluster, id, { namespace: `n-${name}` });
    LAYERS[layer].mark(chart);
    for (const { kind, name: object, free, fixed, marks } of parts) {
      const fields = KINDS[kind](free, fixed) as { apiVersion: string; metadata?: object };
      const annotations = Object.fromEntries(
        Object.entries(marks).map(([key, value]) => [`kustomize.toolkit.fluxcd.io/${key}`, value]),
      );
      new ApiObject(chart, object, {
        ...fields,
        kind,
        metadata: { name: kind === 'Namespace' ? `${name}-${object}` : object, annotations, ...fields.metadata },
      } as never);
    }
  }
  app.synth();
}

const entry = ({ action, object, kustomization, to, deletes, waits }: Change): object => {
  const { apiVersion } = object.manifest;
  // The new owner may have looked before the old one deleted, and looks again at its next interval.
  const late = isMarked(object.manifest, 'ssa', 'IfNotPresent');
  return { action, key: keyOf(object.id), apiVersion, kustomization, to, deletes, late, waits: waits !== undefined };
};

function clusterIn(place: string, name: string): ClusterState {
  const cluster = clustersOf(new WorkingTree(place), 'dist').find((found) => found.name === name);
  if (cluster === undefined) {
    throw new Error(`${place}: no cluster ${name}`);
  }
  return cluster;
}

function write(folder: string, { changes, halts }: ClusterChanges): void {
  // Whether the Kustomization is refused depends on the order in which two of them act.
  const uncertain = changes.some(({ action, deletes, refused }) => action === 'move' && deletes && refused);
  const file = path.join(folder, 'diff.json');
  fs.writeFileSync(file, JSON.stringify({ changes: changes.map(entry), halts, uncertain: Boolean(uncertain) }));
}

const counts: Record<string, number> = {};
for (let i = 0; i < Number(count); i++) {
  const root = path.join(folder, String(i));
  const name = `c${i}`;
  const before = program();
  const after = Array.from({ length: 1 + below(3) }).reduce<Program>(
    (one) => (one.charts.filter(({ elsewhere }) => !elsewhere).length > 1 ? pick(EDITS)(one) : one),
    before,
  );
  const sides = [before, after].map((one, side) => {
    const place = path.join(root, side === 0 ? 'before' : 'after');
    synth(place, name, one);
    return clusterIn(place, name);
  });
  const said = changesOf(stateOf(sides[0]), sides[1]);
  const { changes, halts } = said;
  changes.forEach(({ action, deletes, waits, refused }) => {
    const key = [action, deletes ?? '', waits ? 'waits' : '', action === 'move' && refused ? 'or refused' : '']
      .join(' ')
      .trim();
    counts[key] = (counts[key] ?? 0) + 1;
  });
  write(root, said);
  // The two commits of a migration, as the command writes them: the same sources, and the list of what is kept.
  const { kept, commands } = keptBy({ since: '', gone: [], clusters: [{ name, changes, halts }] });
  fs.mkdirSync(path.join(root, 'kept'), { recursive: true });
  // What a person has to annotate is not played.
  if (kept.length > 0 && commands.length === 0) {
    const place = path.join(root, 'kept');
    fs.writeFileSync(path.join(place, MigrationFile.NAME), new MigrationFile(kept).render());
    synth(place, name, before);
    // What the second run of the command says.
    write(place, changesOf(stateOf(clusterIn(place, name)), sides[1]));
  }
}
process.stdout.write(`${JSON.stringify(counts)}\n`);
