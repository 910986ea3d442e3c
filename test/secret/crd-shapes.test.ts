import { Chart, Duration, Size, Testing } from 'cdk8s';
import { toJson_ExternalSecretSpec } from '../../imports/external-secrets.io';
import { toJson_HelmReleaseSpec } from '../../imports/helm.toolkit.fluxcd.io';
import { toJson_HelmRepositorySpec } from '../../imports/source.toolkit.fluxcd.io';
import { GiteaRelease } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { SecretSource, SecretStore } from '../../lib/secret';

/*
 * The generated L1s drop every field that their CRD does not have. So an object that comes through unchanged has none of that kind.
 */
const objects = () => {
  const chart = new Chart(Testing.app(), 'gitea', { namespace: 'gitea' });
  const keys = { username: { key: 'r', property: 'user' }, password: { key: 'r', property: 'token', version: '2' } };
  const admin = SecretSource.externalSecret('gitea-admin', {
    store: SecretStore.cluster('vault'),
    keys,
    refresh: Duration.minutes(5),
  });
  new GiteaRelease(chart, 'gitea', {
    version: '1.26.2',
    storage: Storage.persistent(Size.gibibytes(10)),
    admin,
    ingress: { host: 'git.example.com' },
  });
  SecretSource.externalSecret('registry', { store: SecretStore.namespaced('vault'), keys }).provide(chart, {
    purpose: 'x',
    type: 'kubernetes.io/dockerconfigjson',
    keys: ['.dockerconfigjson'],
    registryHosts: ['git.example.com'],
  });
  return Testing.synth(chart) as { kind: string; spec: Record<string, unknown> }[];
};

test.each<[string, (spec: never) => unknown, number]>([
  ['ExternalSecret', toJson_ExternalSecretSpec as never, 2],
  ['HelmRelease', toJson_HelmReleaseSpec as never, 1],
  ['HelmRepository', toJson_HelmRepositorySpec as never, 1],
])('%s has no field that its CRD has not', (kind, throughL1, count) => {
  const found = objects().filter((object) => object.kind === kind);
  expect(found).toHaveLength(count);
  for (const { spec } of found) {
    expect(throughL1(spec as never)).toEqual(spec);
  }
});
