import * as fs from 'node:fs';
import * as path from 'node:path';
import { runProgram } from '../../../lib/cli/program';
import { Ask, askServer, liveState } from '../../../lib/cli/diff/live';
import { clustersOf } from '../../../lib/cli/diff/platform';
import { changesOf } from '../../../lib/cli/diff/changes';
import { stateOf } from '../../../lib/cli/diff/simulation';
import { WorkingTree } from '../../../lib/cli/diff/tree';
import { temporaryFolder } from '../../support/workspace';
import { claim, configMap, GitOpsRepository, kustomization, lines } from './repository';

const ENTRY = [kustomization('home', 'flux'), kustomization('apps')];

/** Runs the command, and returns its exit code and output. */
async function diff(repository: GitOpsRepository, ...args: string[]): Promise<{ code: number; stdout: string }> {
  const chunks: string[] = [];
  const out = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => chunks.push(String(chunk)) > 0);
  const err = jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => chunks.push(String(chunk)) > 0);
  try {
    await runProgram(['diff', '--no-synth', '--output', repository.outdir, ...args]);
    return { code: Number(process.exitCode ?? 0), stdout: chunks.join('') };
  } finally {
    process.exitCode = undefined;
    out.mockRestore();
    err.mockRestore();
  }
}

const lost = (): GitOpsRepository =>
  new GitOpsRepository()
    .write({ flux: ENTRY, apps: [claim('data'), configMap('a')] })
    .commit()
    .write({ flux: ENTRY, apps: [configMap('a')] });
const stopped = (): GitOpsRepository =>
  new GitOpsRepository()
    .write({ flux: ENTRY, apps: [configMap('a'), configMap('b')] })
    .commit()
    .write({ flux: ENTRY, apps: [configMap('a')] });
const changed = (): GitOpsRepository =>
  new GitOpsRepository()
    .write({ flux: ENTRY, apps: [configMap('a')] })
    .commit()
    .write({ flux: ENTRY, apps: [configMap('a', { b: 'c' })] });

test.each([
  ['lost data', lost, [1, 1, 1, 0]],
  ['a deletion', stopped, [0, 1, 1, 0]],
  ['a change', changed, [0, 0, 1, 0]],
] as const)('%s ends in the exit code that --fail-on says', async (_, make, codes) => {
  const repository = make();
  const found = [];
  for (const severity of ['danger', 'deletion', 'change', 'never']) {
    found.push((await diff(repository, '--fail-on', severity)).code);
  }
  expect(found).toEqual(codes);
  expect((await diff(repository)).code).toBe(codes[0]);
});

test('JSON names each change without values', async () => {
  const { changes, gone } = JSON.parse((await diff(changed(), '--json')).stdout);
  expect(gone).toEqual([]);
  expect(changes).toEqual([
    expect.objectContaining({
      cluster: 'home',
      action: 'update',
      kind: 'ConfigMap',
      name: 'a',
      severity: 'change',
      fields: ['data.b'],
    }),
  ]);
});

test('--migrate writes the file and says what to do next; without need it writes nothing', async () => {
  const repository = lost();
  const { code, stdout } = await diff(repository, '--migrate');
  expect(code).toBe(0);
  expect(stdout).toContain('1. Commit only this');
  expect(fs.readFileSync(path.join(repository.folder, 'migration.yaml'), 'utf8')).toContain('name: data');
  const other = changed();
  expect((await diff(other, '--migrate')).stdout).toContain('Nothing to migrate');
  expect(fs.existsSync(path.join(other.folder, 'migration.yaml'))).toBe(false);
});

test.each([
  ['a name that is no commit', (r: GitOpsRepository) => diff(r, 'nonsense'), 'FORGE-CLI-020'],
  ['an option in the place of a commit', (r: GitOpsRepository) => diff(r, '--', '--output=x'), 'FORGE-CLI-020'],
  ['an unknown cluster', (r: GitOpsRepository) => diff(r, '--cluster', 'office'), 'FORGE-CLI-026'],
  [
    'a file that is no YAML',
    (r: GitOpsRepository) => {
      fs.writeFileSync(path.join(r.outdir, 'clusters/home/apps/all.k8s.yaml'), 'a: [');
      return diff(r);
    },
    'FORGE-CLI-021',
  ],
  [
    'a directory that kustomize builds',
    (r: GitOpsRepository) => {
      fs.writeFileSync(path.join(r.outdir, 'clusters/home/apps/kustomization.yaml'), 'resources: []\n');
      return diff(r);
    },
    'FORGE-CLI-022',
  ],
  [
    'an output in no repository',
    () => diff({ outdir: path.join(temporaryFolder(), 'dist') } as GitOpsRepository),
    'FORGE-CLI-020',
  ],
])('%s is an error', async (_, run, code) => {
  const repository = changed();
  await expect(run(repository)).rejects.toMatchObject({ code });
  expect((await diff(changed(), 'HEAD', '--cluster', 'home')).code).toBe(0);
});

test('--live needs one cluster', async () => {
  const repository = changed();
  fs.cpSync(path.join(repository.outdir, 'clusters/home'), path.join(repository.outdir, 'clusters/office'), {
    recursive: true,
  });
  const kubectl = path.join(temporaryFolder(), 'kubectl');
  fs.writeFileSync(kubectl, '#!/bin/sh\necho \'{"items":[]}\'\n', { mode: 0o755 });
  const { PATH } = process.env;
  process.env.PATH = `${path.dirname(kubectl)}:${PATH}`;
  try {
    await expect(diff(repository, '--live')).rejects.toMatchObject({ code: 'FORGE-CLI-025' });
    expect((await diff(repository, '--live', '--cluster', 'home')).code).toBe(0);
  } finally {
    process.env.PATH = PATH;
  }
});

describe('against a cluster', () => {
  const inventory = (...ids: string[]): object => ({ inventory: { entries: ids.map((id) => ({ id, v: 'v1' })) } });
  const cluster = (answers: Partial<Record<string, object | string>>): Ask => ({
    try: async ([verb]) => {
      const answer = answers[verb] ?? { items: [] };
      return typeof answer === 'string'
        ? { code: 1, stdout: '', stderr: answer }
        : { code: 0, stdout: JSON.stringify(answer), stderr: '' };
    },
  });

  async function compared(kubectl: Ask): Promise<string[]> {
    const [home] = clustersOf(new WorkingTree(changed().folder), 'dist');
    const live = await liveState(kubectl, stateOf(home));
    return lines((await askServer(kubectl, changesOf(live, home))).changes);
  }

  test('what only the cluster has is deleted, and what it lacks is created', async () => {
    const inventories = cluster({
      get: {
        items: [
          {
            ...ENTRY[0],
            status: inventory(
              'flux-system_home_kustomize.toolkit.fluxcd.io_Kustomization',
              'flux-system_apps_kustomize.toolkit.fluxcd.io_Kustomization',
            ),
          },
          { ...ENTRY[1], status: inventory('apps_forgotten__PersistentVolumeClaim') },
        ],
      },
    });
    const objects = cluster({ get: { items: [claim('forgotten')] } });
    const run: Ask = { try: (args) => (args.includes('--all-namespaces') ? inventories : objects).try(args) };
    expect(await compared(run)).toEqual(['create ConfigMap/a', 'delete PersistentVolumeClaim/forgotten deletes: yes']);
  });

  test('what the API server refuses is a refusal, but for what the commit itself creates first', async () => {
    const items = [
      {
        ...ENTRY[0],
        status: inventory(
          'flux-system_home_kustomize.toolkit.fluxcd.io_Kustomization',
          'flux-system_apps_kustomize.toolkit.fluxcd.io_Kustomization',
        ),
      },
      { ...ENTRY[1], status: inventory() },
    ];
    expect(await compared(cluster({ get: { items }, apply: 'The ConfigMap "a" is invalid: data' }))).toEqual([
      'refuse ConfigMap/a',
    ]);
    expect(await compared(cluster({ get: { items }, apply: 'Error: namespaces "apps" not found' }))).toEqual([
      'create ConfigMap/a',
    ]);
  });

  test('a cluster that cannot be read is an error', async () => {
    const failing = compared(cluster({ get: 'no configuration' }));
    await expect(failing).rejects.toMatchObject({ code: 'FORGE-CLI-023' });
  });
});
