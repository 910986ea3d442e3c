import { Chart, Testing } from 'cdk8s';
import { ActionsSecret, Forge } from '../../lib/forge';
import { secretInventory, SecretRequirement, SecretSource, SecretStore } from '../../lib/secret';

/** The chapters of the inventory that have rows. */
const linesOf = (needed: readonly SecretRequirement[]) =>
  secretInventory(needed)
    .filter(({ rows }) => rows.length > 0)
    .flatMap(({ heading, words, rows, lines }) => [heading, '', words, '', ...lines(rows)])
    .slice(0, -1);

test('every secret stands in one inventory, whoever keeps it', () => {
  const chart = new Chart(Testing.app(), 'ci', { namespace: 'ci' });
  const docker = { type: 'kubernetes.io/dockerconfigjson', keys: ['.dockerconfigjson'], tokenScope: 'read:package' };
  const registry = SecretSource.externalSecret('registry', {
    store: SecretStore.cluster('vault'),
    keys: { username: { key: 'r' }, password: { key: 'r' } },
  });
  registry.provide(chart, {
    ...docker,
    purpose: 'Flux scans git.example.com for new tags',
    registryHosts: ['git.example.com'],
  });
  registry.provide(chart, { ...docker, purpose: 'nodes pull', registryHosts: ['git.example.com', 'gitea.svc:3000'] });
  SecretSource.existing('runner-token').provide(chart, {
    purpose: 'a runner registers',
    type: 'Opaque',
    keys: ['token'],
  });
  SecretSource.environment('REGISTRY_TOKEN')._provideOutside(chart, { ...docker, purpose: 'builds on a laptop push' });
  ActionsSecret.of('REGISTRY_TOKEN', { purpose: 'jobs push images', tokenScope: 'write:package' }).provide(
    chart,
    Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/hello'),
  );
  expect(linesOf(SecretSource.requirementsAt(chart)).join('\n')).toMatchSnapshot();
});

test('where there is no secret there is no chapter', () => {
  expect(linesOf([])).toEqual([]);
});

test('a secret with several users has one line, with everything that any of them needs', () => {
  const need = { secretName: 'registry', namespace: 'apps', purpose: 'pods pull', type: 'Opaque', keys: ['a'] };
  const lines = (needed: SecretRequirement[]) => linesOf(needed).filter((line) => line.startsWith('| `'));
  const docker = { type: 'kubernetes.io/dockerconfigjson', keys: ['.dockerconfigjson', 'a'] };
  const more = { ...need, ...docker, purpose: 'Flux scans', registryHosts: ['b.example.com', 'a.example.com'] };
  const scoped = { ...need, tokenScope: 'write:package' };
  const other = { ...need, secretName: 'another', tokenScope: 'read:package' };
  const line =
    '| `apps/registry` | `kubernetes.io/dockerconfigjson` | `a`, `.dockerconfigjson` | pods pull; Flux scans; one entry each for `a.example.com`, `b.example.com` | - | created by hand |';
  expect(lines([need, more])).toEqual([line]);
  expect(lines([scoped, { ...scoped, tokenScope: 'read:package' }, other])).toEqual([
    '| `apps/another` | `Opaque` | `a` | pods pull | `read:package` | created by hand |',
    '| `apps/registry` | `Opaque` | `a` | pods pull | `read:package`, `write:package` | created by hand |',
  ]);
  expect(lines([{ ...need, origin: 'ExternalSecret from store vault' }, need])).toEqual([
    '| `apps/registry` | `Opaque` | `a` | pods pull | - | ExternalSecret from store vault |',
  ]);
});

test('secrets that are replaced in one way share a line, in their order', () => {
  const need = { namespace: 'apps', purpose: 'x', type: 'Opaque', keys: ['a'] };
  const own = { ...need, secretName: 'own', rotation: 'add the new key first' };
  const rest = ['two', 'one'].map((secretName) => ({ ...need, secretName }));
  expect(linesOf([{ ...own, rotation: undefined }, own, ...rest]).slice(-2)).toEqual([
    '- `apps/one`, `apps/two`: replace the Secret, restart the pods that read it, then revoke the old value.',
    '- `apps/own`: add the new key first.',
  ]);
});
