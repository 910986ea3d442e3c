import { Chart, Testing } from 'cdk8s';
import { ClusterCa, ClusterCaProps } from '../../lib/trust';
import { codesOf, foundCodes, problemsOf } from '../support/problems';

function made(props: Partial<ClusterCaProps> = {}) {
  const chart = new Chart(Testing.app(), 'chart', { namespace: 'gitea' });
  const ca = new ClusterCa(chart, 'ca', { names: ['git.example.com', '192.0.2.1'], ...props });
  return { ca, objects: Testing.synth(chart) };
}

test('a self-signed root signs the CA, whose Issuer signs the certificate of the server', () => {
  const { ca, objects } = made();
  const [root, authority, issuer, server] = objects;
  expect(root.spec).toEqual({ selfSigned: {} });
  expect(authority.spec).toMatchObject({ isCA: true, issuerRef: { name: root.metadata.name } });
  expect(authority.spec.privateKey.rotationPolicy).toBe('Never');
  expect(issuer.spec).toEqual({ ca: { secretName: authority.spec.secretName } });
  expect([issuer.metadata.name, server.spec.secretName]).toEqual([ca.issuerName, ca.serverSecretName]);
  expect(server.spec).toMatchObject({
    dnsNames: ['git.example.com'],
    ipAddresses: ['192.0.2.1'],
    issuerRef: { name: ca.issuerName },
  });
});

test('clients get the certificate of the repository, which the command of the error creates', () => {
  expect(made({ certificate: 'test/fixtures/trust/ca.crt' }).ca.caBundle.pem).toContain('BEGIN CERTIFICATE');
  const [problem] = problemsOf(() => made({ certificate: 'certs/none.crt' }).ca.caBundle);
  expect(problem.code).toBe('FORGE-TRUST-013');
  expect(problem.fix).toContain('kubectl --namespace gitea get secret');
  expect(problem.fix).toContain('> certs/none.crt');
});

test('fails on names that a certificate cannot have, and on files that are not of the repository', () => {
  const broken = [[], ['https://git.example.com'], ['git.example.com:443'], ['999.1.1.1'], ['fe80::1%eth0']];
  expect(broken.map((names) => codesOf(() => made({ names })))).toEqual(broken.map(() => ['FORGE-TRUST-012']));
  expect(foundCodes(() => made({ names: ['*.example.com', '99.1.1.1', 'fe80::1'] }))).toEqual([]);
  const files = ['/etc/ca.crt', '../ca.crt', 'dist/ca.crt', "a'; id", '', 'main.ts'];
  expect(files.map((certificate) => codesOf(() => made({ certificate })))).toEqual(
    files.map(() => ['FORGE-TRUST-012']),
  );
  expect(foundCodes(() => made({ certificate: 'ca/dist.crt' }))).toEqual([]);
  const { ca } = made();
  const chart = (id: string) => new Chart(ca.node.root, id, { namespace: id });
  const second = (id: string, certificate?: string) => () =>
    new ClusterCa(chart(id), 'ca', { names: ['a.example'], certificate });
  expect(codesOf(second('second'))).toEqual(['FORGE-TRUST-012']);
  expect(foundCodes(second('third', 'certs/third.crt'))).toEqual([]);
});
