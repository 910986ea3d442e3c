import { Chart, Testing } from 'cdk8s';
import { Forge, PublicUrlDetection } from '../../lib/forge';
import { Endpoint, fluxRegistryAccess, pullSecret, Registry, RegistryRole, Zone } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { CaBundle, Trust } from '../../lib/trust';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { CA_FILE } from './registries';

const INTERNAL = 'http://gitea-http.gitea.svc.cluster.local:3000';
const chart = () => new Chart(Testing.app(), 'flux', { namespace: 'flux-system' });
const { PUSH, PULL, SCAN } = RegistryRole;

/** ROOT_URL that jobs cannot reach: it is behind a VPN that nodes are in. */
const hidden = Endpoint.https('git.example.com', { zones: [Zone.NODE, Zone.HOST] });
const registryOf = (version: string, publicUrlDetection?: PublicUrlDetection) =>
  Registry.gitea(Forge.gitea({ version, url: 'https://git.example.com', internalUrl: INTERNAL, publicUrlDetection }), {
    owner: 'platform',
    pull: hidden,
  });

test.each<[string, PublicUrlDetection | undefined, string[]]>([
  ['1.22', undefined, ['FORGE-REG-008']],
  ['1.25', undefined, ['FORGE-REG-008']],
  ['1.25', PublicUrlDetection.AUTO, []],
  ['1.26', undefined, []],
  ['1.27.1', PublicUrlDetection.LEGACY, ['FORGE-REG-008']],
  ['1.26', PublicUrlDetection.NEVER, ['FORGE-REG-008']],
])('Gitea %s, detection %s: a job that pushes inside needs ROOT_URL for its token: %j', (version, detection, codes) => {
  const registry = registryOf(version, detection);
  if (codes.length === 0) {
    expect(() => registry.assertAccess(chart(), PUSH, Zone.JOB)).not.toThrow();
    return;
  }
  const [problem] = problemsOf(() => registry.assertAccess(chart(), PUSH, Zone.JOB));
  expect(problem).toMatchObject({
    code: codes[0],
    path: 'flux',
    symptom: expect.stringContaining('https://git.example.com/v2/token'),
  });
  expect(problem.fix).toContain(version === '1.22' ? 'upgrade' : 'PUBLIC_URL_DETECTION = auto');
});

test('ROOT_URL that jobs reach is no problem, whatever the version', () => {
  const registry = Registry.gitea(
    Forge.gitea({ version: '1.20', url: 'https://git.example.com', internalUrl: INTERNAL }),
    { owner: 'platform' },
  );
  expect(() => registry.assertAccess(chart(), PUSH, Zone.JOB)).not.toThrow();
});

test('an address of an old server that a proxy serves sees the host that was asked for', () => {
  const registry = Registry.gitea(Forge.gitea({ version: '1.25', url: 'https://git.example.com' }), {
    owner: 'a',
    push: Endpoint.https('push.example.com'),
    pull: hidden,
  });
  expect(() => registry.assertAccess(chart(), PUSH, Zone.JOB)).not.toThrow();
});

test("nodes do not find Services, and localhost is each one's own", () => {
  const service = Registry.oci({ owner: 'a', pull: Endpoint.http('zot.zot.svc:5000') });
  expect(problemsOf(() => service.assertAccess(chart(), PULL, Zone.NODE))[0]).toMatchObject({
    code: 'FORGE-REG-006',
    symptom: 'dial tcp: lookup zot.zot.svc: no such host',
  });
  const local = Registry.oci({ owner: 'a', pull: Endpoint.http('localhost:30080') });
  expect(problemsOf(() => local.assertAccess(chart(), PULL, Zone.NODE))[0]).toMatchObject({
    code: 'FORGE-REG-006',
    symptom: 'dial tcp 127.0.0.1:30080: connect: connection refused',
  });
  expect(codesOf(() => local.assertAccess(chart(), SCAN, Zone.POD))).toEqual(['FORGE-REG-006']);
  expect(() => local.assertAccess(chart(), PUSH, Zone.HOST)).not.toThrow();
  expect(() =>
    Registry.oci({
      owner: 'a',
      pull: Endpoint.http('localhost:30080', { zones: [Zone.HOST, Zone.NODE] }),
    }).assertAccess(chart(), PULL, Zone.NODE),
  ).not.toThrow();
  expect(() =>
    Registry.oci({
      owner: 'a',
      pull: Endpoint.http('localhost:30080', { mirrors: [Endpoint.http('192.168.1.10:30080')] }),
    }).assertAccess(chart(), PULL, Zone.NODE),
  ).not.toThrow();
  expect(
    problemsOf(() => Registry.oci({ owner: 'a', pull: hidden }).assertAccess(chart(), PUSH, Zone.JOB))[0],
  ).toMatchObject({ code: 'FORGE-REG-006', symptom: 'dial tcp: i/o timeout' });
});

test('Flux scans with what the endpoint needs: plain HTTP, a private CA, credentials', () => {
  const scope = chart();
  const plain = Registry.oci({ owner: 'a', pull: Endpoint.http('zot.zot.svc:5000') });
  expect(fluxRegistryAccess(scope, plain)).toEqual({ insecure: true });
  const trust = Trust.privateCa(CaBundle.fromFile(CA_FILE));
  const secure = Registry.oci({
    owner: 'a',
    pull: Endpoint.https('r.example.com', { trust }),
    credentials: SecretSource.existing('registry'),
  });
  expect(fluxRegistryAccess(scope, secure)).toEqual({
    certSecretRef: { name: 'ca-bundle' },
    secretRef: { name: 'registry' },
  });
  expect(SecretSource.requirementsAt(scope)).toMatchObject([
    {
      secretName: 'registry',
      type: 'kubernetes.io/dockerconfigjson',
      registryHosts: ['r.example.com'],
      tokenScope: undefined,
    },
  ]);
  expect(Testing.synth(scope)).toMatchObject([{ kind: 'Secret', metadata: { name: 'ca-bundle' } }]);
  expect(pullSecret(scope, secure)).toBe('registry');
  expect(pullSecret(scope, plain)).toBeUndefined();
});

test('fails for credentials and CA in one Secret, and for a CA that Flux cannot read', () => {
  const of = (bundle: CaBundle) =>
    Registry.oci({
      owner: 'a',
      pull: Endpoint.https('r.example.com', { trust: Trust.privateCa(bundle) }),
      credentials: SecretSource.existing('registry'),
    });
  expect(codesOf(() => fluxRegistryAccess(chart(), of(CaBundle.fromSecret('registry'))))).toEqual(['FORGE-REG-011']);
  expect(codesOf(() => fluxRegistryAccess(chart(), of(CaBundle.fromConfigMap('ca'))))).toEqual(['FORGE-TRUST-006']);
  accepts(() => fluxRegistryAccess(chart(), of(CaBundle.fromSecret('ca'))));
});

test('Flux trusts where its token comes from, and one authority only', () => {
  const [own, other] = [CaBundle.fromSecret('own'), CaBundle.fromSecret('other')].map((bundle) =>
    Trust.privateCa(bundle),
  );
  const of = (trust: Trust, tokens: Trust) =>
    Registry.oci({
      owner: 'a',
      pull: Endpoint.https('r.example.com', { trust }),
      tokenServer: Endpoint.https('auth.example.com', { trust: tokens }),
    });
  expect(fluxRegistryAccess(chart(), of(Trust.publicCa(), other))).toEqual({ certSecretRef: { name: 'other' } });
  expect(fluxRegistryAccess(chart(), of(own, Trust.publicCa()))).toEqual({ certSecretRef: { name: 'own' } });
  expect(fluxRegistryAccess(chart(), of(own, own))).toEqual({ certSecretRef: { name: 'own' } });
  expect(codesOf(() => fluxRegistryAccess(chart(), of(own, other)))).toEqual(['FORGE-REG-015']);
});
