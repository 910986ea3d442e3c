import { ApiObject, App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { oncePerNamespace } from '../../lib/kube';
import { SecretSource } from '../../lib/secret';
import { secretIn } from '../../lib/secret/secret-object';
import { accepts, codesOf } from '../support/problems';

const need = { purpose: 'jobs use it', type: 'Opaque', keys: ['token'] };
const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');

test('a Secret of cdk8s-plus is a source: created, or imported by name', () => {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  const created = new kplus.Secret(chart, 'tok', { metadata: { name: 'tok' } });
  const imported = kplus.Secret.fromSecretName(chart, 'there', 'there');
  expect(SecretSource.fromSecret(created).provide(chart, need)).toBe('tok');
  expect(SecretSource.fromSecret(imported).provide(chart, need)).toBe('there');
  expect(SecretSource.fromSecret(ApiObject.of(created)).secretName).toBe('tok');
  expect(SecretSource.requirementsAt(chart).map(({ origin }) => origin)).toEqual([
    'created by this cdk8s app: ci/tok',
    'created by hand',
  ]);
});

test('fails for what is no Secret, and for another namespace or cluster', () => {
  const app = new App();
  const chart = new Chart(app, 'ci', { namespace: 'ci' });
  const secret = new kplus.Secret(chart, 'tok');
  const fromSecret = (value: unknown) => codesOf(() => SecretSource.fromSecret(value as Construct));
  expect([undefined, null, 'tok', {}, new kplus.ConfigMap(chart, 'map'), chart.node].map(fromSecret)).toEqual([
    ['FORGE-ARG-001'],
    ['FORGE-ARG-001'],
    ['FORGE-ARG-001'],
    ['FORGE-ARG-001'],
    ['FORGE-SEC-009'],
    ['FORGE-ARG-001'],
  ]);
  const other = new Chart(app, 'apps', { namespace: 'apps' });
  expect(codesOf(() => SecretSource.fromSecret(secret).provide(other, need))).toEqual(['FORGE-SEC-005']);
  accepts(() => SecretSource.fromSecret(secret).provide(new Chart(app, 'more', { namespace: 'ci' }), need));
  const home = new Chart(new Cluster(app, 'home', { source }), 'ci', { namespace: 'ci' });
  expect(codesOf(() => SecretSource.fromSecret(secret).provide(home, need))).toEqual(['FORGE-SEC-005']);
});

test('a Secret may have keys of its own, for what can read them', () => {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  const runner = SecretSource.existing('runner', { keys: { token: 'cache-secret' } });
  expect([runner.keyOf('token'), runner.keyOf('username'), runner.keyOf('toString')]).toEqual([
    'cache-secret',
    'username',
    'toString',
  ]);
  expect(codesOf(() => runner.provide(chart, need))).toEqual(['FORGE-SEC-010']);
  expect(runner.provide(chart, { ...need, readsAnyKey: true })).toBe('runner');
  expect(runner.provide(chart, { ...need, keys: ['username'] })).toBe('runner');
  expect(SecretSource.requirementsAt(chart).map(({ keys }) => keys)).toEqual([['cache-secret'], ['username']]);
  const keyed = (key: unknown) => codesOf(() => SecretSource.existing('a', { keys: { token: key as string } }));
  expect(['', '..', 'a/b'].map(keyed)).toEqual(Array(3).fill(['FORGE-SEC-010']));
  expect([undefined, 1].map(keyed)).toEqual(Array(2).fill(['FORGE-ARG-001']));
  expect(() => SecretSource.existing('a', { keys: { token: '.a_B-1' } })).not.toThrow();
});

test('clusters are told apart by the tree, whatever stands between', () => {
  const app = new App();
  const group = new Construct(app, 'group');
  const charts = ['home', 'away'].map(
    (name) => new Chart(new Construct(new Cluster(group, name, { source }), 'between'), 'ci', { namespace: 'ci' }),
  );
  const made = charts.map((chart) => oncePerNamespace(chart, { namespace: 'ci', key: 'k' }, () => ({})));
  expect(made[0]).not.toBe(made[1]);
  const inner = new Chart(new Construct(charts[0], 'inner'), 'b', { namespace: 'ci' });
  expect(oncePerNamespace(inner, { namespace: 'ci', key: 'k' }, () => ({}))).toBe(made[0]);
  const plain = ['a', 'b'].map((id) => new Chart(new Construct(app, id), 'ci', { namespace: 'ci' }));
  const shared = plain.map((chart) => oncePerNamespace(chart, { namespace: 'ci', key: 'k' }, () => ({})));
  expect(shared[0]).toBe(shared[1]);
});

test('a name is enough for an imported Secret, and for nothing that is something else', () => {
  const found = (value: unknown) => secretIn(value as Construct);
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  const named = Object.assign(new Construct(chart, 'with-map'), { name: 'map' });
  new kplus.ConfigMap(named, 'map');
  for (const bad of [
    undefined,
    {},
    { name: 1 },
    { name: 1, kind: 'Secret' },
    { name: 'a', kind: 'ConfigMap' },
    named,
  ]) {
    expect(codesOf(() => found(bad))).toEqual(['FORGE-SEC-009']);
  }
  expect([found({ name: 'a' }), found({ name: 'a', kind: 'Secret' })]).toEqual([
    { name: 'a', isCreated: false },
    { name: 'a', isCreated: false },
  ]);
});
