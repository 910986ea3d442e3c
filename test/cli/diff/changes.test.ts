import { effectOf, severityOf } from '../../../lib/cli/diff/report';
import { chart, claim, configMap, GitOpsRepository, kustomization, lines } from './repository';

const PRUNE = 'kustomize.toolkit.fluxcd.io/prune';
const FORCE = 'kustomize.toolkit.fluxcd.io/force';

/** The repository after two states of hand-written directories, of which the first is committed. */
function between(before: Record<string, object[]>, after: Record<string, object[]>): GitOpsRepository {
  return new GitOpsRepository().write(before).commit().write(after);
}

const entry = (...objects: object[]): object[] => [kustomization('home', 'flux'), ...objects];
const APPS = kustomization('apps');

test('a program that changes nothing has no difference', async () => {
  const repository = new GitOpsRepository().synth((home) => chart(home, 'web', configMap('settings'))).commit();
  expect(await repository.changes()).toEqual([]);
});

test('a renamed chart moves no object: the directory of its layer is what a Kustomization applies', async () => {
  const repository = new GitOpsRepository()
    .synth((home) => chart(home, 'web', claim('data')))
    .commit()
    .synth((home) => chart(home, 'site', claim('data')));
  expect(lines(await repository.changes())).toEqual([]);
});

test('objects are created, updated and deleted', async () => {
  const repository = between(
    { flux: entry(APPS), apps: [configMap('old'), configMap('settings', { a: '1' })] },
    { flux: entry(APPS), apps: [configMap('new'), configMap('settings', { a: '2' })] },
  );
  expect(lines(await repository.changes())).toEqual([
    'create ConfigMap/new',
    'delete ConfigMap/old deletes: yes',
    'update ConfigMap/settings',
  ]);
  expect((await repository.changes()).find(({ action }) => action === 'update')?.fields).toEqual([
    { path: 'data.a', old: '1', next: '2' },
  ]);
});

test.each([
  ['an annotation', {}, configMap('old', {}, { [PRUNE]: 'disabled' })],
  ['an annotation in other letters', {}, configMap('old', {}, { [PRUNE]: 'Disabled' })],
  ['prune: false', { prune: false }, configMap('old')],
  ['a suspension', { suspend: true }, configMap('old')],
])('an object that leaves its directory stays by %s', async (_, spec, object) => {
  const apps = kustomization('apps', 'apps', spec);
  const repository = between(
    { flux: entry(apps), apps: [object, configMap('x')] },
    { flux: entry(apps), apps: [configMap('x')] },
  );
  expect(lines(await repository.changes()).filter((line) => /delete/.test(line))).toEqual([]);
});

test('prune that is turned off with the same commit may be read too late', async () => {
  const repository = between(
    { flux: entry(APPS), apps: [configMap('old'), configMap('x')] },
    { flux: entry(kustomization('apps', 'apps', { prune: false })), apps: [configMap('x')] },
  );
  expect(lines(await repository.changes())).toContain('delete ConfigMap/old deletes: maybe');
});

describe('an object that moves', () => {
  const both = (first: object, second: object): [Record<string, object[]>, Record<string, object[]>] => [
    { flux: entry(first, second), first: [claim('data'), configMap('a')], second: [configMap('b')] },
    { flux: entry(first, second), first: [configMap('a')], second: [claim('data'), configMap('b')] },
  ];
  const after = (name: string): object => ({ dependsOn: [{ name }] });

  test.each([
    ['is deleted first if the new owner waits for the old one', {}, after('first'), ' deletes: yes'],
    ['is not deleted if the old owner waits for the new one', after('second'), {}, ''],
    ['may be deleted if nobody waits', {}, {}, ' deletes: maybe'],
  ])('%s', async (_, first, second, suffix) => {
    const repository = between(
      ...both(kustomization('first', 'first', first), kustomization('second', 'second', second)),
    );
    expect(lines(await repository.changes())).toEqual([`move PersistentVolumeClaim/data to second${suffix}`]);
  });

  test.each([
    ['IfNotPresent', ['move ConfigMap/x to first deletes: yes']],
    ['Merge', ['move ConfigMap/x to first']],
    ['Ignore', ['delete ConfigMap/x deletes: yes']],
  ])('with ssa: %s', async (ssa, expected) => {
    const owners = entry(kustomization('first'), kustomization('second', 'second', { dependsOn: [{ name: 'first' }] }));
    const [a, b, x] = [configMap('a'), configMap('b'), configMap('x', {}, { 'kustomize.toolkit.fluxcd.io/ssa': ssa })];
    const repository = between(
      { flux: owners, first: [a], second: [b, configMap('x')] },
      { flux: owners, first: [a, x], second: [b] },
    );
    expect(lines(await repository.changes())).toEqual(expected);
  });

  test('may be deleted if the old owner waits only from this commit on', async () => {
    const late = kustomization('second', 'second', { dependsOn: [{ name: 'first' }] });
    const repository = between(
      { flux: entry(kustomization('second')), second: [claim('data'), configMap('a')] },
      { flux: entry(kustomization('first'), late), first: [claim('data')], second: [configMap('a')] },
    );
    expect(lines(await repository.changes())).toContain('move PersistentVolumeClaim/data to first deletes: maybe');
  });

  test('may be deleted with the Kustomization that goes', async () => {
    const repository = between(
      { flux: entry(kustomization('first')), first: [claim('data')] },
      { flux: entry(kustomization('second')), second: [claim('data')] },
    );
    expect(lines(await repository.changes())).toEqual([
      'create Kustomization/second',
      'delete Kustomization/first deletes: yes',
      'move PersistentVolumeClaim/data to second deletes: maybe',
    ]);
  });

  describe('between two that do not wait, with a field that cannot change,', () => {
    const owners = entry(kustomization('first'), kustomization('second'));
    const move = (next: object) =>
      between(
        { flux: owners, first: [claim('data'), configMap('a')], second: [configMap('b')] },
        { flux: owners, first: [configMap('a')], second: [next, configMap('b')] },
      );
    const other = claim('data', '1Gi', { storageClassName: 'fast' }) as { metadata: object };

    test('is deleted or refused, and the text says both', async () => {
      const repository = move(other);
      expect(lines(await repository.changes())).toEqual(['move PersistentVolumeClaim/data to second deletes: maybe']);
      const [change] = await repository.changes();
      expect(severityOf(change)).toBe('danger');
      expect(effectOf(change)).toMatch(
        /the API server refuses it, because spec.storageClassName cannot change.*deleted and created/,
      );
    });

    test('is deleted for certain if force is set', async () => {
      const repository = move({ ...other, metadata: { ...other.metadata, annotations: { [FORCE]: 'enabled' } } });
      expect(lines(await repository.changes())).toEqual(['replace PersistentVolumeClaim/data to second deletes: yes']);
    });

    test('is neither if the field can change', async () => {
      const [change] = await move(claim('data', '2Gi')).changes();
      expect([change.action, change.refused]).toEqual(['move', undefined]);
    });
  });

  test('is not deleted with a Kustomization that leaves its objects behind', async () => {
    const repository = between(
      { flux: entry(kustomization('first', 'first', { deletionPolicy: 'Orphan' })), first: [claim('data')] },
      { flux: entry(kustomization('second')), second: [claim('data')] },
    );
    expect(lines(await repository.changes())).toContain('move PersistentVolumeClaim/data to second');
  });
});

describe('a field that cannot change', () => {
  const [small, large, other] = [
    claim('data'),
    claim('data', '2Gi'),
    claim('data', '1Gi', { storageClassName: 'fast' }),
  ];

  test('stops everything that its Kustomization would do, and those that wait for it', async () => {
    const [apps, late] = [APPS, kustomization('late', 'late', { dependsOn: [{ name: 'apps' }] })];
    const repository = between(
      { flux: entry(apps, late), apps: [small, configMap('old')], late: [configMap('l', { a: '1' })] },
      { flux: entry(apps, late), apps: [other, configMap('new')], late: [configMap('l', { a: '2' })] },
    );
    expect(lines(await repository.changes())).toEqual([
      'create ConfigMap/new waits for apps',
      'delete ConfigMap/old waits for apps',
      'refuse PersistentVolumeClaim/data',
      'update ConfigMap/l waits for late',
    ]);
    expect(
      (await repository.diff()).clusters[0].halts.map(({ kustomization: key, reason }) => `${key} ${reason}`),
    ).toEqual(['flux-system/apps refused', 'flux-system/late waits']);
  });

  test('replaces the object if force is set, by the Kustomization or by the object', async () => {
    const forced = kustomization('apps', 'apps', { force: true });
    expect(
      lines(await between({ flux: entry(forced), apps: [small] }, { flux: entry(forced), apps: [other] }).changes()),
    ).toEqual(['replace PersistentVolumeClaim/data deletes: yes']);
    const marked = { ...other, metadata: { name: 'data', namespace: 'apps', annotations: { [FORCE]: 'enabled' } } };
    expect(
      lines(await between({ flux: entry(APPS), apps: [small] }, { flux: entry(APPS), apps: [marked] }).changes()),
    ).toEqual(['replace PersistentVolumeClaim/data deletes: yes']);
  });

  test('deletes an object with force, and does not create it again, while another object of the Kustomization is refused', async () => {
    const marked = { ...other, metadata: { name: 'data', namespace: 'apps', annotations: { [FORCE]: 'enabled' } } };
    const refused = (storageClassName: string) => ({
      ...claim('data', '1Gi', { storageClassName }),
      metadata: { name: 'other', namespace: 'apps' },
    });
    const repository = between(
      { flux: entry(APPS), apps: [small, refused('a')] },
      { flux: entry(APPS), apps: [marked, refused('b')] },
    );
    expect(lines(await repository.changes())).toEqual([
      'refuse PersistentVolumeClaim/other',
      'replace PersistentVolumeClaim/data deletes: maybe waits for apps',
    ]);
    const replaced = (await repository.changes()).find(({ action }) => action === 'replace')!;
    expect(effectOf(replaced)).toContain('created again only when flux-system/apps applies its objects');
    expect(severityOf(replaced)).toBe('danger');
  });

  test('a claim may grow', async () => {
    expect(
      lines(await between({ flux: entry(APPS), apps: [small] }, { flux: entry(APPS), apps: [large] }).changes()),
    ).toEqual(['update PersistentVolumeClaim/data']);
    expect(
      lines(await between({ flux: entry(APPS), apps: [large] }, { flux: entry(APPS), apps: [small] }).changes()),
    ).toEqual(['refuse PersistentVolumeClaim/data']);
  });
});

test('an object of a kind without namespaces is one object, whatever namespace its file says', async () => {
  const namespace = (metadata: object) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team', ...metadata },
  });
  const repository = between(
    { flux: entry(APPS), apps: [namespace({ namespace: 'apps' }), configMap('x')] },
    { flux: entry(APPS), apps: [namespace({}), configMap('x')] },
  );
  expect(lines(await repository.changes()).filter((line) => /create|delete/.test(line))).toEqual([]);
});

test('a directory that is gone leaves its objects in the cluster, as Flux reports an error', async () => {
  const repository = between(
    { flux: entry(APPS), apps: [claim('data')] },
    { flux: entry(kustomization('apps', 'elsewhere')) },
  );
  expect(lines(await repository.changes())).toEqual(['update Kustomization/apps']);
  expect((await repository.diff()).clusters[0].halts).toEqual([
    { cluster: 'home', kustomization: 'flux-system/apps', reason: 'no such directory' },
  ]);
});

test('a cluster without output is named, and nothing of it is deleted', async () => {
  const repository = between({ flux: entry(APPS), apps: [claim('data')] }, {});
  expect(await repository.diff()).toEqual({ since: 'HEAD', clusters: [], gone: ['home'] });
});

test('the target namespace of a Kustomization counts', async () => {
  const repository = between(
    { flux: entry(kustomization('apps', 'apps', { targetNamespace: 'a' })), apps: [configMap('x')] },
    { flux: entry(kustomization('apps', 'apps', { targetNamespace: 'b' })), apps: [configMap('x')] },
  );
  expect(lines(await repository.changes())).toEqual([
    'create ConfigMap/x',
    'delete ConfigMap/x deletes: yes',
    'update Kustomization/apps',
  ]);
});

test('changes of the other branch do not count', async () => {
  const repository = new GitOpsRepository().write({ flux: entry(APPS), apps: [configMap('a')] }).commit();
  repository.git('checkout', '--quiet', '-b', 'change');
  repository.write({ flux: entry(APPS), apps: [configMap('a'), configMap('b')] }).commit();
  repository.git('checkout', '--quiet', 'main');
  repository.write({ flux: entry(APPS), apps: [configMap('a'), configMap('c')] }).commit();
  repository.git('checkout', '--quiet', 'change');
  expect(lines(await repository.changes('main'))).toEqual(['create ConfigMap/b']);
});
