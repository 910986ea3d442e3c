import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Duration, Testing } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import {
  Alert,
  ChatKind,
  Cluster,
  ClusterProps,
  FluxVersion,
  GitReference,
  GitRepository,
  GitVerification,
  GitVerificationMode,
  ImageUpdateAutomation,
  Kustomization,
  KustomizationProps,
  OciReference,
  OciRepository,
  OciVerification,
  Provider,
  ProviderTarget,
  ProviderType,
  SigningKey,
} from '../../lib/flux';
import { Layer } from '../../lib/kube';
import { secretsNotedAt, SecretSource } from '../../lib/secret';
import { accepts, codesOf, foundCodes } from '../support/problems';
import { configMap, fluxChart, gitops, newApp, registry, specs } from './support';

// What differs between versions of Flux, and the fields that Flux has gained.

const secret = SecretSource.existing;

/** A chart in a cluster that runs a version of Flux; the newest if left out. */
function chartAt(version?: string, props: Partial<ClusterProps> = {}) {
  const { app } = newApp();
  const cluster = new Cluster(app, 'home', {
    source: gitops,
    ...(version ? { version: FluxVersion.of(version) } : {}),
    ...props,
  });
  return { app, cluster, chart: new Chart(cluster, 'extra', { namespace: 'flux-system' }) };
}

describe('notifications', () => {
  const apisOf = (version?: string) => {
    const { chart } = chartAt(version);
    const source = new GitRepository(chart, 'source', { repository: gitops });
    const provider = new Provider(chart, 'hook', { target: ProviderTarget.webhook('http://hooks.example.com') });
    new Alert(chart, 'alert', { provider, sources: [source] });
    return (Testing.synth(chart) as { kind: string; apiVersion: string }[])
      .filter(({ kind }) => kind !== 'GitRepository')
      .map(({ apiVersion }) => apiVersion.split('/')[1]);
  };

  test.each([
    ['2.7', 'v1beta3'],
    ['2.9', 'v1beta3'],
    ['v2.9.5', 'v1beta3'],
    ['2.10', 'v1'],
    ['2.10.1', 'v1'],
    [undefined, 'v1'],
  ])('Flux %s has notification.toolkit.fluxcd.io/%s', (version, api) => {
    expect(apisOf(version)).toEqual([api, api]);
  });

  test('both are served by the CRDs that the types come from', () => {
    const text = fs.readFileSync(
      path.join(__dirname, '../../conformance/crds/notification.toolkit.fluxcd.io.yaml'),
      'utf8',
    );
    const served = parseAllDocuments(text).map((document) => {
      const { spec } = document.toJS() as { spec: { names: { kind: string }; versions: { name: string }[] } };
      return [spec.names.kind, spec.versions.map(({ name }) => name)];
    });
    expect(Object.fromEntries(served)).toMatchObject({ Alert: ['v1', 'v1beta3'], Provider: ['v1', 'v1beta3'] });
  });
});

describe('options that need a later Flux', () => {
  const automation = (options: object) => (chart: Chart) =>
    new ImageUpdateAutomation(chart, 'auto', {
      source: new GitRepository(chart, 'source', { repository: gitops }),
      ...options,
    });
  const git = (verify: GitVerification) => (chart: Chart) =>
    new GitRepository(chart, 'source', { repository: gitops, verify });
  const oci = (verify: OciVerification) => (chart: Chart) =>
    new OciRepository(chart, 'oci', { registry, artifact: 'a', reference: OciReference.tag('a'), verify });
  const who = [{ issuer: 'i', subject: 's' }];

  test.each<[string, string, string, (chart: Chart) => unknown]>([
    ['policyChangeDelay', '2.10', '2.9', automation({ policyChangeDelay: Duration.minutes(1) })],
    ['.Changed.Summary', '2.10', '2.9', automation({ messageTemplate: '{{ .Changed.Summary }}' })],
    ['a signing key of type ssh', '2.9', '2.8', automation({ signingKey: SigningKey.ssh(secret('key')) })],
    ['SSH signatures', '2.9', '2.8', git(GitVerification.ssh(secret('keys')))],
    ['a trusted root', '2.9', '2.8', oci(OciVerification.keyless(who, secret('root')))],
  ])('%s: Flux %s accepts, Flux %s does not', (_, since, before, make) => {
    expect(() => make(chartAt(since).chart)).not.toThrow();
    expect(() => make(chartAt().chart)).not.toThrow();
    expect(codesOf(() => make(chartAt(before).chart))).toEqual(['FORGE-FLUX-046']);
  });

  test.each<[string, (chart: Chart) => unknown]>([
    ['OpenPGP signatures', git(GitVerification.gpg(secret('keys')))],
    ['the public trusted root', oci(OciVerification.keyless(who))],
    ['an OpenPGP signing key', automation({ signingKey: SigningKey.gpg(secret('key')) })],
  ])('%s: every supported Flux accepts', (_, make) => {
    expect(() => make(chartAt('2.7').chart)).not.toThrow();
  });
});

describe('Kustomization', () => {
  const made = (props: Partial<KustomizationProps>) => {
    const chart = fluxChart();
    const source = new GitRepository(chart, 'source', { repository: gitops });
    new Kustomization(chart, 'apps', { source, path: './dist/apps', ...props });
    return specs(chart).Kustomization;
  };
  const exprs = [{ apiVersion: 'example.com/v1', kind: 'Thing', current: "status.phase == 'Running'" }];

  test('health check expressions are evaluated with wait, or with health checks', () => {
    expect(made({ healthCheckExprs: exprs })).toMatchObject({ healthCheckExprs: exprs, wait: true });
    const healthChecks = [configMap(fluxChart(), 'settings')];
    expect(made({ healthCheckExprs: exprs, healthChecks })).toMatchObject({ healthCheckExprs: exprs, wait: false });
    expect(codesOf(() => made({ healthCheckExprs: exprs, wait: false }))).toEqual(['FORGE-FLUX-047']);
    expect(codesOf(() => made({ healthCheckExprs: [...exprs, ...exprs] }))).toEqual(['FORGE-FLUX-047']);
    accepts(() => made({ healthCheckExprs: [...exprs, { ...exprs[0], kind: 'Other' }] }));
  });

  test.each([
    "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')",
    'has(status.a) && status["b(c"] == r"\\d+["',
    "status.text == '''a\n'b''' // a comment with '",
    'size({"a": [1]}) > 0',
  ])('the expression %p is accepted', (current) => {
    expect(() => made({ healthCheckExprs: [{ apiVersion: 'a/v1', current }] })).not.toThrow();
  });

  test.each(['', ' ', 'a(', 'a)', '(a]', "'a", 'a == "b'])('the expression %p is not', (current) => {
    accepts(
      ...['a', 'a()', '(a)', "'a'", 'a == "b"'].map(
        (good) => () => made({ healthCheckExprs: [{ apiVersion: 'a/v1', current: good, failed: good }] }),
      ),
    );
    expect(codesOf(() => made({ healthCheckExprs: [{ apiVersion: 'a/v1', current }] }))).toEqual(['FORGE-FLUX-047']);
    expect(codesOf(() => made({ healthCheckExprs: [{ apiVersion: 'a/v1', current: 'a', failed: current }] }))).toEqual([
      'FORGE-FLUX-047',
    ]);
    expect(codesOf(() => made({ dependsOn: [], readyExpr: current }))).toEqual(['FORGE-FLUX-047']);
  });

  test('readyExpr is written at each dependency, and needs one', () => {
    const chart = fluxChart();
    const source = new GitRepository(chart, 'source', { repository: gitops });
    const before = ['a', 'b'].map((id) => new Kustomization(chart, id, { source, path: `./${id}` }));
    new Kustomization(chart, 'c', { source, path: './c', dependsOn: before, readyExpr: 'dep.metadata.name != ""' });
    expect(specs(chart).Kustomization.dependsOn).toEqual(
      ['a', 'b'].map((name) => ({ name, readyExpr: 'dep.metadata.name != ""' })),
    );
    expect(codesOf(() => made({ readyExpr: 'true' }))).toEqual(['FORGE-FLUX-047']);
  });

  test.each(['../tls', 'tls', './a/b'])('the component %p is accepted', (component) => {
    expect(made({ components: [component] })).toMatchObject({ components: [component] });
  });

  test.each(['/tls', '../../../tls', 'https://example.com/a', '', 'a b'])('the component %p is not', (component) => {
    expect(codesOf(() => made({ components: [component] }))).toEqual(['FORGE-FLUX-021']);
    expect(() => ['../tls', 'components/tls'].map((good) => made({ components: [good] }))).not.toThrow();
  });

  const operations = '- op: replace\n  path: /spec/replicas\n  value: 2\n';
  const part = 'kind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n';

  test.each([
    { patch: operations, target: { kind: 'Deployment' } },
    { patch: part },
    { patch: 'spec:\n  replicas: 2\n', target: { labelSelector: 'app=web' } },
    { patch: `${part}---\n${part}` },
  ])('the patch %p is accepted', (patch) => {
    expect(made({ patches: [patch] })).toMatchObject({ patches: [patch] });
  });

  const target = { kind: 'Deployment' };

  test.each([
    [{ patch: operations }, { patch: operations, target }],
    [{ patch: 'spec:\n  replicas: 2\n' }, { patch: 'spec:\n  replicas: 2\n', target }],
    [
      { patch: '- op: set\n  path: /a\n', target },
      { patch: '- op: remove\n  path: /a\n', target },
    ],
    [
      { patch: '- op: add\n  path: a\n', target },
      { patch: '- op: add\n  path: /a\n  value: 1\n', target },
    ],
    [
      { patch: '- text\n', target },
      { patch: '- op: test\n  path: /a\n  value: text\n', target },
    ],
    [{ patch: 'a: [' }, { patch: 'a: []', target }],
    [
      { patch: '', target },
      { patch: 'a: ""', target },
    ],
    [
      { patch: 'text', target },
      { patch: 'text: a', target },
    ],
  ])('the patch %p is not, and %p is', (patch, neighbour) => {
    accepts(() => made({ patches: [neighbour] }));
    expect(codesOf(() => made({ patches: [patch] }))).toEqual(['FORGE-FLUX-050']);
  });

  test('the layers of a cluster accept the same options', () => {
    const { cluster } = chartAt(undefined, {
      layers: {
        apps: { healthCheckExprs: exprs, readyExpr: 'true', components: ['../tls'], patches: [{ patch: part }] },
      },
    });
    expect(cluster.layer(Layer.APPS).kustomization.apiObject.toJson().spec).toMatchObject({
      healthCheckExprs: exprs,
      components: ['../tls'],
      patches: [{ patch: part }],
    });
  });
});

describe('sparseCheckout', () => {
  const applied = (sparseCheckout: string[] | undefined, path: string) => () => {
    const chart = fluxChart();
    const source = new GitRepository(chart, 'source', { repository: gitops, sparseCheckout });
    new Kustomization(chart, 'apps', { source, path });
  };

  test.each([
    [undefined, './dist'],
    [[], './dist'],
    [['dist'], './dist'],
    [['./dist/'], 'dist/apps/'],
    [['a', 'dist/apps'], './dist/apps'],
  ])('with %p, %p is there', (directories, path) => {
    expect(applied(directories, path)).not.toThrow();
  });

  test.each([
    [['dist'], './', ['dist'], './dist/'],
    [['dist/apps'], './dist', ['dist/apps', 'dist'], './dist'],
    [['dist'], './distribution', ['dist', 'distribution'], './distribution'],
    [['/dist'], './dist', ['dist'], './dist'],
    [['../dist'], './dist', ['..dist'], './..dist'],
    [['.'], './dist', ['.dist'], './.dist'],
    [['dist/*'], './dist/a', ['dist/a'], './dist/a'],
  ])('with %p, %p is not, and with %p, %p is', (directories, path, goodDirectories, goodPath) => {
    accepts(applied(goodDirectories, goodPath));
    expect(codesOf(applied(directories, path))).toEqual(['FORGE-FLUX-048']);
  });
});

describe('verification', () => {
  test('of tags needs a tag', () => {
    const make = (reference: GitReference, mode: GitVerificationMode) => () =>
      new GitRepository(fluxChart(), 'a', {
        repository: gitops,
        reference,
        verify: GitVerification.gpg(secret('keys'), mode),
      });
    const { HEAD, TAG, TAG_AND_HEAD } = GitVerificationMode;
    expect(make(GitReference.branch('main'), HEAD)).not.toThrow();
    expect(make(GitReference.semver('1.x'), TAG)).not.toThrow();
    expect(make(GitReference.tag('v1'), TAG_AND_HEAD)).not.toThrow();
    expect(codesOf(make(GitReference.branch('main'), TAG))).toEqual(['FORGE-FLUX-049']);
    expect(codesOf(make(GitReference.commit('0'.repeat(40), 'main'), TAG_AND_HEAD))).toEqual(['FORGE-FLUX-049']);
  });

  test("of a cluster's branch needs signed commits of Flux, or another branch for them", () => {
    const verify = GitVerification.gpg(secret('keys'));
    const make = (imageUpdates: ClusterProps['imageUpdates']) => () => chartAt(undefined, { verify, imageUpdates });
    expect(codesOf(make(undefined))).toEqual(['FORGE-FLUX-049']);
    expect(make({ signingKey: SigningKey.gpg(secret('key')) })).not.toThrow();
    expect(make({ pushBranch: 'updates' })).not.toThrow();
    const { cluster } = chartAt(undefined, { verify, imageUpdates: { pushBranch: 'updates' } });
    expect(cluster.source.apiObject.toJson().spec.verify).toEqual({ mode: 'HEAD', secretRef: { name: 'keys' } });
  });

  test('of artifacts names keys, or identities', () => {
    const spec = (verify: OciVerification) => {
      const chart = fluxChart();
      new OciRepository(chart, 'oci', { registry, artifact: 'a', reference: OciReference.semver('1.x'), verify });
      return specs(chart).OCIRepository.verify;
    };
    expect(spec(OciVerification.cosign(secret('keys')))).toEqual({ provider: 'cosign', secretRef: { name: 'keys' } });
    expect(spec(OciVerification.notation(secret('trust')))).toEqual({
      provider: 'notation',
      secretRef: { name: 'trust' },
    });
    expect(spec(OciVerification.keyless([{ issuer: 'i', subject: 's' }]))).toEqual({
      provider: 'cosign',
      matchOIDCIdentity: [{ issuer: 'i', subject: 's' }],
    });
    expect(codesOf(() => OciVerification.keyless([]))).toEqual(['FORGE-FLUX-049']);
  });

  test('a filter of versions is an expression that Go accepts', () => {
    expect(OciReference.semver('1.x', '-rc')._render()).toEqual({ semver: '1.x', semverFilter: '-rc' });
    expect(OciReference.semver('1.x')._render()).toEqual({ semver: '1.x' });
    expect(codesOf(() => OciReference.semver('1.x', '(?=a)'))).toEqual(['FORGE-FLUX-007']);
  });
});

describe('types of providers', () => {
  test('are all that the custom resource has', () => {
    const file = path.join(__dirname, '../../conformance/crds/notification.toolkit.fluxcd.io.yaml');
    const provider = parseAllDocuments(fs.readFileSync(file, 'utf8'))
      .map((document) => document.toJS())
      .find((crd) => crd?.spec.names.kind === 'Provider');
    const { enum: types } = provider.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.type;
    const known: string[] = Object.values(ProviderType);
    expect([...known].sort()).toEqual([...types].sort());
    expect(Object.values(ChatKind).filter((kind: string) => !known.includes(kind))).toEqual([]);
  });

  test.each<[ProviderType, string, string]>([
    [ProviderType.GITEA_PULL_REQUEST_COMMENT, '2.7', '2.8'],
    [ProviderType.GITHUB_PULL_REQUEST_COMMENT, '2.7', '2.8'],
    [ProviderType.GITLAB_MERGE_REQUEST_COMMENT, '2.7', '2.8'],
    [ProviderType.ZOOM, '2.9', '2.10'],
    [ProviderType.INCIDENT_IO, '2.9', '2.10'],
    [ProviderType.MASTODON, '2.9', '2.10'],
  ])('%s is not in Flux %s, but in %s', (type, before, since) => {
    const target = ProviderTarget.of(type, { address: 'https://a.example.com' });
    const made = (version: string) => foundCodes(() => new Provider(chartAt(version).chart, 'p', { target }));
    expect([made(before), made(since)]).toEqual([['FORGE-FLUX-046'], []]);
  });

  test('a chat whose address is no secret has a token', () => {
    const keysOf = (kind: ChatKind) => {
      const { chart } = chartAt();
      const provider = new Provider(chart, 'p', { target: ProviderTarget.chat(kind, secret('chat')) });
      return secretsNotedAt(provider).map(({ keys }) => keys);
    };
    expect(keysOf(ChatKind.SLACK)).toEqual([['address']]);
    expect(keysOf(ChatKind.MATRIX)).toEqual([['address', 'token']]);
  });
});
