import { Size } from 'cdk8s';
import { Forge } from '../../lib/forge';
import { Endpoint, Registry, registryChecks, registrySymptoms } from '../../lib/registry';
import { command } from '../../lib/support';
import { CaBundle, Trust } from '../../lib/trust';

const url = 'https://git.example.com';
const internal = 'gitea-http.gitea.svc.cluster.local:3000';
const gitea = (version: string, trust?: Trust) =>
  Forge.gitea({ version, url, internalUrl: `http://${internal}`, trust });
const seen = (registry: Registry) => registrySymptoms(registry).map((symptom) => symptom.seen.replace(/`/g, ''));

test('is asked where it can be reached: the Service from inside, the public name by the operator', () => {
  const checks = registryChecks(Registry.gitea(gitea('1.26'), { owner: 'platform' }), {
    exec: command`kubectl exec it --`,
    name: 'The builder',
    namespace: 'ci',
  });
  expect(checks.map(({ commands = [] }) => commands.map(({ text }) => text))).toEqual([
    [`kubectl exec it -- wget -O /dev/null http://${internal}/v2/`],
    ["curl --silent --show-error --output /dev/null --write-out '%{http_code}\\n' https://git.example.com/v2/"],
    [expect.stringContaining('--config - ')],
  ]);
  checks.slice(0, 2).forEach(({ good }) => expect(good).toMatch(/^`401`\. /));
  expect(checks[2].title).toBe('The token realm of `git.example.com` answers');
});

test('an open registry may answer at once', () => {
  expect(
    registryChecks(Registry.oci({ owner: 'team', pull: Endpoint.https('registry.example.com') }))[0].good,
  ).toContain('or `200`');
});

test('curl trusts the CA of the endpoint, and nothing else', () => {
  const registry = Registry.gitea(gitea('1.26', Trust.privateCa(CaBundle.fromConfigMap('ca'))), { owner: 'platform' });
  const [check] = registryChecks(registry);
  expect(check.commands!.map(String)).toEqual([
    `curl --silent --show-error --cacert "$CA" --output /dev/null --write-out '%{http_code}\\n' ${url}/v2/`,
  ]);
  expect(check.authority).toEqual({ name: 'ca' });
});

test('public TLS everywhere: nothing but a token, and the settings of a package, can be wrong', () => {
  expect(seen(Registry.ghcr({ owner: 'example' }))).toEqual([
    'failed to authorize: failed to fetch oauth token: unauthorized, 401 Unauthorized or denied at a push',
    '500 Internal Server Error at a push',
    'DENIED: requested access to the resource is denied at an ImageRepository, or failed to fetch anonymous token at a pod',
    'denied: permission_denied: write_package at a push',
  ]);
});

test('a failing server is a symptom of its own: one looks into its log if it is yours, and waits if it is not', () => {
  const fix = (registry: Registry) => registrySymptoms(registry).find(({ seen: text }) => text.includes('500'))!.fix;
  expect(fix(Registry.gitea(gitea('1.26'), { owner: 'platform' }))).toContain('log of the server');
  expect(fix(Registry.ghcr({ owner: 'example' }))).toContain('Check the status of the registry');
});

test('each symptom is there if, and only if, an endpoint can show it', () => {
  const plain = Registry.gitea(gitea('1.26'), {
    owner: 'platform',
    pull: Endpoint.https('git.example.com', { uploadLimit: Size.mebibytes(100) }),
  });
  expect(seen(plain)).toEqual(
    expect.arrayContaining(['http: server gave HTTP response to HTTPS client', '413 Request Entity Too Large']),
  );
  expect(seen(plain)).not.toEqual(expect.arrayContaining(['x509: certificate signed by unknown authority']));
  const secured = Registry.gitea(gitea('1.26', Trust.privateCa(CaBundle.fromConfigMap('ca'))), {
    owner: 'platform',
    push: Endpoint.https('git.example.com', { trust: Trust.privateCa(CaBundle.fromConfigMap('ca')) }),
  });
  expect(seen(secured)).toContain('x509: certificate signed by unknown authority');
  expect(seen(secured)).not.toContain('http: server gave HTTP response to HTTPS client');
});

test('a token from elsewhere is a symptom of servers before 1.26', () => {
  const token = 'failed to authorize: failed to fetch oauth token';
  expect(seen(Registry.gitea(gitea('1.25'), { owner: 'platform' }))).toContain(token);
  expect(seen(Registry.gitea(gitea('1.26'), { owner: 'platform' }))).not.toContain(token);
});
