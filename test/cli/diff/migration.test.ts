import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import * as fc from 'fast-check';
import { keptBy, writeMigration } from '../../../lib/cli/diff/migration';
import { Cluster } from '../../../lib/flux';
import { Layer } from '../../../lib/kube';
import { MigrationFile } from '../../../lib/output';
import { ForgeError } from '../../../lib/support';
import { readTree } from '../../support/workspace';
import { claim, configMap, GitOpsRepository, lines } from './repository';

type Program = (cluster: Cluster) => void;

const LAYERS: Record<string, Layer> = {
  first: Layer.between(Layer.SECRETS, Layer.PLATFORM, 'first'),
  platform: Layer.PLATFORM,
  apps: Layer.APPS,
};

/** A program whose objects stand in layers. */
function program(layers: Record<string, object[]>): Program {
  return (cluster) => {
    for (const [name, objects] of Object.entries(layers)) {
      const chart = new Chart(cluster, `chart-${name}`, { namespace: 'apps' });
      LAYERS[name].mark(chart);
      objects.forEach((object, i) => new ApiObject(chart, `o${i}`, object as never));
    }
  };
}

/** Every file of the repository but those of git. */
function filesOf({ folder }: GitOpsRepository): Record<string, string> {
  return Object.fromEntries(Object.entries(readTree(folder)).filter(([name]) => !name.startsWith('.git/')));
}

async function migrated(before: Program, after: Program): Promise<GitOpsRepository> {
  const repository = new GitOpsRepository().synth(before).commit().synth(after);
  writeMigration({ outdir: repository.outdir, commit: 'HEAD', kept: keptBy(await repository.diff()).kept });
  return repository;
}

const before = program({ platform: [claim('data'), configMap('settings')], apps: [configMap('other')] });
const after = program({ platform: [configMap('settings')], apps: [claim('data'), configMap('other')] });

test('the first commit keeps the object that moves, and the second one moves it without a deletion', async () => {
  const repository = new GitOpsRepository().synth(before).commit().synth(after);
  expect(lines(await repository.changes())).toEqual(['move PersistentVolumeClaim/data to home-apps deletes: yes']);
  writeMigration({ outdir: repository.outdir, commit: 'HEAD', kept: keptBy(await repository.diff()).kept });
  expect(lines(await repository.changes())).toEqual(['update PersistentVolumeClaim/data']);
  repository.commit().synth(after);
  expect(lines(await repository.changes())).toEqual(['move PersistentVolumeClaim/data to home-apps']);
  repository.commit();
  fs.rmSync(path.join(repository.folder, MigrationFile.NAME));
  repository.synth(after);
  expect(await repository.changes()).toEqual([]);
  expect(readTree(repository.outdir)['clusters/home/apps/chart-apps.k8s.yaml']).not.toContain('prune: disabled');
});

test('the first commit is what a synth of the old program writes, whatever the annotations of an object are', async () => {
  const key = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,8}[a-z0-9])?(\/[a-z]([a-z0-9-]{0,6}[a-z0-9])?)?$/);
  const value = fc.oneof(
    fc.constantFrom('', 'yes', 'a: b', '- x', '"', "it's", '# no comment', ' x ', 'true', 'a\nb\n', 'é'),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value, { maxKeys: 4 }), fc.boolean(), async (annotations, isEmpty) => {
      const metadata = { name: 'data', namespace: 'apps', ...(isEmpty ? {} : { annotations }), labels: { a: 'b' } };
      const object = { ...claim('data'), metadata };
      const old = program({ platform: [object, configMap('x')], apps: [configMap('y')] });
      const repository = await migrated(old, program({ platform: [configMap('x')], apps: [object, configMap('y')] }));
      const written = filesOf(repository);
      repository.synth(old);
      expect(filesOf(repository)).toEqual(written);
      expect(written['dist/clusters/home/platform/chart-platform.k8s.yaml']).toContain(
        'kustomize.toolkit.fluxcd.io/prune: disabled',
      );
    }),
    { numRuns: 12 },
  );
});

test('new files of the change are away from the first commit, and files of others stay', async () => {
  const repository = new GitOpsRepository().synth(before).commit();
  fs.writeFileSync(path.join(repository.folder, 'notes.txt'), 'mine');
  repository.synth(program({ first: [claim('data')], apps: [configMap('other')] }));
  writeMigration({ outdir: repository.outdir, commit: 'HEAD', kept: keptBy(await repository.diff()).kept });
  const files = Object.keys(filesOf(repository));
  expect(files).toContain('notes.txt');
  expect(files).toContain('dist/clusters/home/platform/chart-platform.k8s.yaml');
  expect(files.filter((name) => name.includes('/first/'))).toEqual([]);
});

test('a claim that the program does not have any more is kept, a ConfigMap is not', async () => {
  const repository = new GitOpsRepository()
    .synth(before)
    .commit()
    .synth(program({ apps: [configMap('other')] }));
  expect(keptBy(await repository.diff()).kept).toEqual([
    { directory: 'dist/clusters/home/platform', kind: 'PersistentVolumeClaim', namespace: 'apps', name: 'data' },
  ]);
});

test('after the commit of the change it is too late', async () => {
  const repository = new GitOpsRepository().synth(before).commit();
  repository.git('checkout', '--quiet', '-b', 'change');
  repository.synth(after).commit();
  const { kept } = keptBy(await repository.diff('main'));
  expect(() => writeMigration({ outdir: repository.outdir, commit: 'main', kept })).toThrow(
    expect.objectContaining({ code: 'FORGE-CLI-024' }),
  );
  repository.git('reset', '--quiet', '--soft', 'main');
  writeMigration({ outdir: repository.outdir, commit: 'main', kept });
  expect(lines(await repository.changes('main'))).toEqual(['update PersistentVolumeClaim/data']);
});

test.each([
  ['no YAML', 'a: [', 'cannot be used'],
  ['another version', 'version: 2\nkeep: []\n', 'version: 1'],
  ['another key', 'version: 1\nkeep: []\nx: 1\n', 'no others'],
  ['an entry of text', 'version: 1\nkeep: [x]\n', 'entry 1'],
  ['an unknown key of an entry', 'version: 1\nkeep: [{ directory: a, kind: b, name: c, uid: d }]\n', '"uid"'],
  ['an entry without a name', 'version: 1\nkeep: [{ directory: a, kind: b }]\n', '"name"'],
])('a file with %s is refused, and one of the right form is read', async (_, text, reason) => {
  const repository = new GitOpsRepository();
  const file = path.join(repository.folder, MigrationFile.NAME);
  fs.writeFileSync(file, text);
  expect(() => repository.synth(before)).toThrow(
    expect.objectContaining({ code: 'FORGE-OUT-011', message: expect.stringContaining(reason) }) as ForgeError,
  );
  fs.writeFileSync(
    file,
    'version: 1\nkeep: [{ directory: dist/clusters/home/platform, kind: PersistentVolumeClaim, namespace: apps, name: data }]\n',
  );
  repository.synth(before);
  expect(
    filesOf(repository)['dist/clusters/home/platform/chart-platform.k8s.yaml'].match(/prune: disabled/g),
  ).toHaveLength(1);
});

test('a kept object is one of its group, and of its directory', async () => {
  const kept = {
    directory: 'dist/clusters/home/platform',
    group: 'apps',
    kind: 'Deployment',
    namespace: 'x',
    name: 'web',
  };
  const file = new MigrationFile([kept]);
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'x' } };
  expect(file.applied(object, kept.directory)).not.toBe(object);
  expect(file.applied(object, 'dist/clusters/home/apps')).toBe(object);
  expect(file.applied({ ...object, apiVersion: 'other/v1' }, kept.directory)).toMatchObject({
    metadata: object.metadata,
  });
  expect(file.applied({ ...object, apiVersion: 'other/v1' }, kept.directory).metadata).toBe(object.metadata);
});

test('an object to which Flux does not write is for a person to annotate', async () => {
  const metadata = {
    name: 'data',
    namespace: 'apps',
    annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' },
  };
  const data = { ...claim('data'), metadata };
  const repository = new GitOpsRepository()
    .synth(program({ platform: [data, configMap('settings')], apps: [configMap('other')] }))
    .commit()
    .synth(program({ platform: [configMap('settings')], apps: [data, configMap('other')] }));
  expect(keptBy(await repository.diff())).toEqual({
    kept: [],
    commands: [
      'kubectl annotate persistentvolumeclaim data --namespace apps kustomize.toolkit.fluxcd.io/prune=disabled',
    ],
  });
});
