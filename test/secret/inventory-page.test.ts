import { Chart, Testing } from 'cdk8s';
import { ActionsSecret, Forge } from '../../lib/forge';
import { secretInventory, SecretSource, SecretStore } from '../../lib/secret';

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
  expect(secretInventory(SecretSource.requirementsAt(chart)).join('\n')).toMatchSnapshot();
});

test('where there is no secret there is no chapter', () => {
  expect(secretInventory([])).toEqual([]);
});
