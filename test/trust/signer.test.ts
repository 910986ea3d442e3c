import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Testing } from 'cdk8s';
import { OciReference, OciRepository, OciVerification } from '../../lib/flux';
import {
  Endpoint,
  Registry,
  SignaturePolicyEngine,
  SignaturePolicyMode,
  SignedImages,
  SignedImagesProps,
} from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { SignatureFormat, Signer, SignerKind } from '../../lib/trust';
import { codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const PRIVATE = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const OTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();

test('a public key is read from text and from a file, whatever its line ends', () => {
  const file = path.join(temporaryFolder(), 'cosign.pub');
  fs.writeFileSync(file, PEM.replace(/\n/g, '\r\n'));
  expect(Signer.keyFile(file).isSameAs(Signer.key(PEM))).toBe(true);
  expect(Signer.keyFile(file).isSameAs(Signer.key(OTHER))).toBe(false);
  expect([Signer.key(PEM).publicKey, Signer.key(PEM).kind]).toEqual([PEM, SignerKind.KEY]);
});

test.each<[string, string, () => unknown, () => unknown]>([
  ['FORGE-TRUST-009', 'a private key', () => Signer.key(PRIVATE), () => Signer.key(PEM)],
  ['FORGE-TRUST-009', 'both keys', () => Signer.key(PEM + PRIVATE), () => Signer.key(PEM)],
  ['FORGE-TRUST-009', 'no key', () => Signer.key('cosign.pub'), () => Signer.key(PEM)],
  ['FORGE-TRUST-009', 'a missing file', () => Signer.keyFile('/absent/cosign.pub'), () => Signer.key(PEM)],
  ['FORGE-TRUST-009', 'a name', () => Signer.key(PEM, { name: 'A b' }), () => Signer.key(PEM, { name: 'a-b' })],
  [
    'FORGE-TRUST-010',
    'an issuer over HTTP',
    () => Signer.keyless({ issuer: 'http://issuer', subject: 'a' }),
    () => Signer.keyless({ issuer: 'https://issuer', subject: 'a' }),
  ],
  [
    'FORGE-TRUST-010',
    'a subject that admits anyone',
    () => Signer.keyless({ issuer: 'https://issuer', subject: '.*' }),
    () => Signer.keyless({ issuer: 'https://issuer', subject: '.*@example\\.com' }),
  ],
])('fails with %s for %s, and accepts its neighbor', (code, _, wrong, right) => {
  expect(codesOf(wrong)).toEqual([code]);
  expect(right).not.toThrow();
});

test('the message about a private key does not show it', () => {
  expect(() => Signer.key(PRIVATE)).toThrow('(not shown)');
  expect(() => Signer.key(PRIVATE)).not.toThrow(PRIVATE.split('\n')[1]);
});

test('the subject of a keyless signer is for the whole text', () => {
  const { subject } = Signer.keyless({ issuer: 'https://issuer', subject: 'https://github\\.com/a/b/.+' });
  expect(subject).toBe('^https://github\\.com/a/b/.+$');
});

const registry = Registry.oci({
  owner: 'team',
  pull: Endpoint.https('registry.example.com'),
  credentials: SecretSource.existing('pull'),
});
const plain = Registry.oci({ owner: 'team', pull: Endpoint.http('registry.example.com:5000') });
const local = Registry.oci({ owner: 'team', pull: Endpoint.http('10.0.0.5:5000') });
const KEY = Signer.key(PEM);
const KEYLESS = Signer.keyless({ issuer: 'https://token.example.com', subject: 'https://git\\.example\\.com/team/.+' });

function policy(props: Partial<SignedImagesProps>) {
  const chart = new Chart(Testing.app(), 'policies', { namespace: 'kyverno' });
  new SignedImages(chart, 'signed', {
    registry,
    images: ['web'],
    signer: KEY,
    engine: SignaturePolicyEngine.KYVERNO,
    ...props,
  });
  return chart.toJson()[0];
}

test('Kyverno verifies pods, writes the digest into them, and reads the registry with its own Secret', () => {
  const { apiVersion, kind, metadata, spec } = policy({});
  expect(metadata).toEqual({ name: 'signed' });
  expect([apiVersion, kind]).toEqual(['policies.kyverno.io/v1beta1', 'ImageValidatingPolicy']);
  expect(spec).toMatchObject({
    validationActions: ['Deny'],
    failurePolicy: 'Fail',
    credentials: { secrets: ['kyverno/pull'] },
    matchImageReferences: [
      { glob: 'registry.example.com/team/web' },
      { glob: 'registry.example.com/team/web:*' },
      { glob: 'registry.example.com/team/web@*' },
    ],
    autogen: { podControllers: { controllers: [] } },
    attestors: [{ name: 'signer', cosign: { key: { data: PEM }, ctlog: { insecureIgnoreTlog: true } } }],
  });
  expect(spec.validations.map(({ expression }: { expression: string }) => expression.split('.map')[0])).toEqual([
    'images.containers',
    'images.initContainers',
    'images.ephemeralContainers',
  ]);
});

test('Kyverno reads a registry over plain HTTP if it is told so; a warning changes no pod', () => {
  const { spec } = policy({ registry: plain, mode: SignaturePolicyMode.WARN });
  expect(spec).toMatchObject({
    credentials: { allowInsecureRegistry: true },
    validationActions: ['Warn'],
    failurePolicy: 'Ignore',
    validationConfigurations: { mutateDigest: false },
  });
});

test('an image of Docker Hub is found under each of its names', () => {
  const hub = (owner: string) => Registry.oci({ owner, pull: Endpoint.https('docker.io') });
  const globs = (props: Partial<SignedImagesProps>) => {
    const { matchImageReferences, images } = policy(props).spec;
    return (matchImageReferences ?? images).map(({ glob }: { glob: string }) => glob);
  };
  const tagged = (props: Partial<SignedImagesProps>) => globs(props).filter((glob: string) => glob.endsWith(':*'));
  expect(globs({ registry: hub('team') })).toHaveLength(9);
  expect(tagged({ registry: hub('team') })).toEqual([
    'docker.io/team/web:*',
    'index.docker.io/team/web:*',
    'team/web:*',
  ]);
  expect(tagged({ registry: hub('library') })).toEqual([
    'docker.io/library/web:*',
    'index.docker.io/library/web:*',
    'library/web:*',
    'web:*',
  ]);
  // Policy-controller completes the names itself.
  expect(globs({ registry: hub('team'), engine: SignaturePolicyEngine.POLICY_CONTROLLER })).toEqual([
    'index.docker.io/team/web:*',
    'index.docker.io/team/web@*',
  ]);
});

test('policy-controller states the format and the identity', () => {
  const engine = SignaturePolicyEngine.POLICY_CONTROLLER;
  expect(policy({ engine }).spec).toEqual({
    mode: 'enforce',
    images: [{ glob: 'registry.example.com/team/web:*' }, { glob: 'registry.example.com/team/web@*' }],
    authorities: [{ name: 'signer', key: { data: PEM, hashAlgorithm: 'sha256' }, signatureFormat: 'legacy' }],
  });
  expect(policy({ engine, signer: KEYLESS }).spec.authorities).toEqual([
    {
      name: 'signer',
      keyless: {
        url: 'https://fulcio.sigstore.dev',
        identities: [{ issuer: 'https://token.example.com', subjectRegExp: KEYLESS.subject }],
      },
      ctlog: { url: 'https://rekor.sigstore.dev' },
      signatureFormat: 'bundle',
    },
  ]);
});

test.each<[string, Partial<SignedImagesProps>, Partial<SignedImagesProps>]>([
  ['no images', { images: [] }, { images: ['web'] }],
  [
    'policy-controller and plain HTTP',
    { engine: SignaturePolicyEngine.POLICY_CONTROLLER, registry: plain },
    { engine: SignaturePolicyEngine.POLICY_CONTROLLER, registry: local },
  ],
  [
    'policy-controller and a bundle of a key',
    { engine: SignaturePolicyEngine.POLICY_CONTROLLER, format: SignatureFormat.BUNDLE },
    { engine: SignaturePolicyEngine.POLICY_CONTROLLER, format: SignatureFormat.BUNDLE, signer: KEYLESS },
  ],
])('fails with FORGE-REG-021 for %s, and accepts its neighbor', (_, wrong, right) => {
  expect(codesOf(() => policy(wrong))).toEqual(['FORGE-REG-021']);
  expect(() => policy(right)).not.toThrow();
});

describe('Flux verifies artifacts of the same signer', () => {
  const artifacts = (signers: Signer[]) => {
    const chart = new Chart(Testing.app(), 'sources', { namespace: 'flux-system' });
    signers.forEach(
      (signer, i) =>
        new OciRepository(chart, `artifact-${i}`, {
          registry: plain,
          artifact: 'manifests',
          reference: OciReference.tag('main'),
          verify: OciVerification.signedBy(signer),
        }),
    );
    return chart.toJson();
  };

  test('with a Secret of the public key, once in a namespace', () => {
    const objects = artifacts([KEY, KEY]);
    expect(objects.map(({ kind }) => kind).sort()).toEqual(['OCIRepository', 'OCIRepository', 'Secret']);
    expect(objects.find(({ kind }) => kind === 'Secret').stringData).toEqual({ 'cosign.pub': PEM });
    expect(objects.find(({ kind }) => kind === 'OCIRepository').spec.verify).toEqual({
      provider: 'cosign',
      secretRef: { name: 'image-signer' },
    });
    expect(codesOf(() => artifacts([KEY, Signer.key(OTHER)]))).toEqual(['FORGE-TRUST-009']);
    expect(() => artifacts([KEY, Signer.key(OTHER, { name: 'other' })])).not.toThrow();
  });

  test('by the identity, of which the issuer is no pattern', () => {
    expect(artifacts([KEYLESS])[0].spec.verify).toEqual({
      provider: 'cosign',
      matchOIDCIdentity: [{ issuer: '^https://token\\.example\\.com$', subject: KEYLESS.subject }],
    });
  });
});
