import { Chart, Duration, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Alert,
  AlertProps,
  ChatKind,
  Cluster,
  DeletionPolicy,
  DigestReflection,
  GitReference,
  GitRepository,
  GitRepositoryProps,
  GitVerification,
  GitVerificationMode,
  HelmChart,
  HelmRelease,
  HelmReleaseProps,
  HelmRepository,
  HelmRepositoryProps,
  ImagePolicy,
  ImagePolicyProps,
  ImageRepository,
  ImageRepositoryProps,
  ImageUpdateAutomation,
  ImageUpdateAutomationProps,
  KubeConfig,
  Kustomization,
  KustomizationProps,
  OciLayerOperation,
  OciReference,
  OciRepository,
  OciRepositoryProps,
  OciVerification,
  Provider,
  ProviderTarget,
  ProviderTargetProps,
  ProviderType,
  Receiver,
  ReceiverProps,
  ReceiverType,
  SigningKey,
  Substitution,
  TagPolicy,
} from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { SecretSource } from '../../lib/secret';
import { Endpoint, Registry } from '../../lib/registry';
import { CaBundle, Trust } from '../../lib/trust';
import { ForgeError } from '../../lib/support';
import { accepts, codesOf, foundCodes } from '../support/problems';
import { configMap, fluxChart, gitea, gitops, plainRegistry, registry, securedRegistry, specs } from './support';

const secret = SecretSource.existing;
const source = (scope: Construct, id = 'source') => new GitRepository(scope, id, { repository: gitops });
const repository = (scope: Construct, id = 'hello') => new ImageRepository(scope, id, { registry, image: 'hello' });

describe('ImageRepository', () => {
  const all: Omit<Required<ImageRepositoryProps>, 'registry'> = {
    image: 'hello',
    interval: Duration.minutes(90),
    timeout: Duration.minutes(90),
    exclude: ['^main$'],
    sharedWith: ['team'],
    suspend: true,
  };

  test('renders every option, hours never in a timeout', () => {
    const chart = fluxChart();
    new ImageRepository(chart, 'hello', { ...all, registry: securedRegistry });
    new ImageRepository(chart, 'plain', { image: 'hello', registry: plainRegistry });
    expect(Testing.synth(chart)[1].spec).toMatchObject({
      insecure: true,
      image: 'registry.example.com:5000/platform/hello',
    });
    expect(Testing.synth(chart)[0].spec).toMatchInlineSnapshot(`
{
  "accessFrom": {
    "namespaceSelectors": [
      {
        "matchLabels": {
          "kubernetes.io/metadata.name": "team",
        },
      },
    ],
  },
  "certSecretRef": {
    "name": "ca",
  },
  "exclusionList": [
    "^main$",
  ],
  "image": "registry.example.com/platform/hello",
  "interval": "1h30m",
  "secretRef": {
    "name": "registry-credentials",
  },
  "suspend": true,
  "timeout": "90m",
}
`);
  });

  test.each<[string, Partial<ImageRepositoryProps>, string]>([
    ['a tag', { image: 'hello:1.0' }, 'FORGE-REG-002'],
    ['a digest', { image: `hello@sha256:${'0'.repeat(64)}` }, 'FORGE-REG-002'],
    ['a scheme', { image: 'https://git.example.com/hello' }, 'FORGE-REG-002'],
    ['an exclusion that Go does not take', { exclude: ['(?!main)'] }, 'FORGE-FLUX-007'],
    ['26 exclusions', { exclude: Array.from({ length: 26 }, () => 'a') }, 'FORGE-FLUX-007'],
    [
      'credentials and certificates in one Secret',
      {
        registry: Registry.oci({
          owner: 'a',
          pull: Endpoint.https('a.example.com', { trust: Trust.privateCa(CaBundle.fromSecret('one')) }),
          credentials: secret('one'),
        }),
      },
      'FORGE-REG-011',
    ],
    ['an interval below a second', { interval: Duration.millis(500) }, 'FORGE-FLUX-005'],
    ['no interval', { interval: Duration.seconds(0) }, 'FORGE-FLUX-005'],
  ])('fails for %s', (_, props, code) => {
    expect(
      codesOf(() => new ImageRepository(fluxChart(), 'hello', { registry: securedRegistry, image: 'hello', ...props })),
    ).toEqual([code]);
    const accepted: Partial<ImageRepositoryProps>[] = [
      { image: 'team/hello' },
      { exclude: ['(?i:main)'] },
      { exclude: Array.from({ length: 25 }, () => 'a') },
      { interval: Duration.seconds(1) },
    ];
    for (const good of accepted) {
      const make = () =>
        new ImageRepository(fluxChart(), 'hello', { registry: securedRegistry, image: 'hello', ...good });
      expect(foundCodes(make)).toEqual([]);
    }
  });

  test('fails for an id that cannot name it', () => {
    expect(codesOf(() => new ImageRepository(fluxChart(), 'Hello', { registry, image: 'hello' }))).toEqual([
      'FORGE-FLUX-004',
    ]);
    expect(foundCodes(() => new ImageRepository(fluxChart(), 'hello', { registry, image: 'hello' }))).toEqual([]);
  });
});

describe('ImagePolicy', () => {
  const spec = (props: Omit<ImagePolicyProps, 'repository'>) => {
    const chart = fluxChart();
    new ImagePolicy(chart, 'policy', { repository: repository(chart), ...props });
    return specs(chart).ImagePolicy;
  };

  test('renders each kind of tags', () => {
    const ref = { imageRepositoryRef: { name: 'hello' } };
    expect(spec({ tags: TagPolicy.timestamped('release-1.x') })).toEqual({
      ...ref,
      filterTags: { pattern: '^release-1\\.x-[0-9a-f]{7,40}-(?P<ts>[0-9]+)$', extract: '$ts' },
      policy: { numerical: { order: 'asc' } },
    });
    expect(spec({ tags: TagPolicy.semver('1.x') })).toEqual({ ...ref, policy: { semver: { range: '1.x' } } });
    expect(spec({ tags: TagPolicy.semver('*', { pattern: '^app-(?P<version>.*)$' }) })).toEqual({
      ...ref,
      filterTags: { pattern: '^app-(?P<version>.*)$', extract: '$version' },
      policy: { semver: { range: '*' } },
    });
    expect(spec({ tags: TagPolicy.numeric({ pattern: '^build-([0-9]+)$', extract: '$1' }) })).toEqual({
      ...ref,
      filterTags: { pattern: '^build-([0-9]+)$', extract: '$1' },
      policy: { numerical: { order: 'asc' } },
    });
    expect(spec({ tags: TagPolicy.pinned('1.2.3') })).toEqual({
      ...ref,
      filterTags: { pattern: '^1\\.2\\.3$' },
      policy: { alphabetical: { order: 'asc' } },
    });
  });

  test('has an interval exactly when it looks up digests again and again', () => {
    expect(spec({ tags: TagPolicy.newest('latest') })).toMatchObject({
      digestReflectionPolicy: 'Always',
      interval: '5m',
    });
    expect(spec({ tags: TagPolicy.semver('1.x'), digest: DigestReflection.IF_NOT_PRESENT })).toMatchObject({
      digestReflectionPolicy: 'IfNotPresent',
    });
    expect(spec({ tags: TagPolicy.semver('1.x'), digest: DigestReflection.IF_NOT_PRESENT })).not.toHaveProperty(
      'interval',
    );
    expect(spec({ tags: TagPolicy.semver('1.x'), suspend: true, labels: { a: 'b' } })).toMatchObject({ suspend: true });
  });

  test.each<[string, () => TagPolicy, string]>([
    ['a branch that no tag begins with', () => TagPolicy.timestamped('feature/x'), 'FORGE-FLUX-001'],
    ['a range of npm alone', () => TagPolicy.semver('1.2.x || latest'), 'FORGE-FLUX-006'],
    ['look-ahead', () => TagPolicy.semver('1.x', { pattern: '^(?=a)(?P<v>.*)$' }), 'FORGE-FLUX-007'],
    ['an extract without a pattern', () => TagPolicy.semver('1.x', { extract: '$v' }), 'FORGE-FLUX-008'],
    [
      'an extract that names no group',
      () => TagPolicy.semver('1.x', { pattern: '^(?P<v>.*)$', extract: '$ts' }),
      'FORGE-FLUX-008',
    ],
    [
      'a number of a group that is not there',
      () => TagPolicy.numeric({ pattern: '^([0-9]+)$', extract: '$2' }),
      'FORGE-FLUX-008',
    ],
    [
      'an extract that needs braces, which a later substitution would take for its own',
      () => TagPolicy.numeric({ pattern: '^(?P<n>[0-9]+)$', extract: '${n}0' }),
      'FORGE-FLUX-008',
    ],
    ['a number that need not be one', () => TagPolicy.numeric({ pattern: '^build-(?P<n>.*)$' }), 'FORGE-FLUX-009'],
    ['a number that may be empty', () => TagPolicy.numeric({ pattern: '^build-(?P<n>[0-9]*)$' }), 'FORGE-FLUX-009'],
    ['a whole tag that is no number', () => TagPolicy.numeric({ pattern: '^main-.*$' }), 'FORGE-FLUX-009'],
    ['no tag', () => TagPolicy.newest('app:latest'), 'FORGE-FLUX-010'],
  ])('fails for %s', (_, make, code) => {
    expect(codesOf(make)).toEqual([code]);
    const accepted = [
      () => TagPolicy.timestamped('feature-x'),
      () => TagPolicy.semver('1.2.x || 2.x'),
      () => TagPolicy.semver('1.x', { pattern: '^(?:a)(?P<v>.*)$', extract: '$v' }),
      () => TagPolicy.numeric({ pattern: '^([0-9]+)$', extract: '${1}' }),
      () => TagPolicy.numeric({ pattern: '^build-(?P<n>[0-9]+)$' }),
      () => TagPolicy.numeric({ pattern: '^[0-9]+$' }),
      () => TagPolicy.newest('latest'),
    ];
    expect(accepted.flatMap(foundCodes)).toEqual([]);
  });

  test('fails for a tag that moves without digests', () => {
    const chart = fluxChart();
    expect(
      codesOf(
        () =>
          new ImagePolicy(chart, 'p', {
            repository: repository(chart),
            tags: TagPolicy.newest('latest'),
            digest: DigestReflection.IF_NOT_PRESENT,
          }),
      ),
    ).toEqual(['FORGE-FLUX-011']);
    const digests = [
      { tags: TagPolicy.newest('latest'), digest: DigestReflection.always(Duration.minutes(5)) },
      { tags: TagPolicy.semver('*'), digest: DigestReflection.IF_NOT_PRESENT },
    ];
    digests.forEach((good, i) => {
      const make = () => new ImagePolicy(chart, `good${i}`, { repository: repository(chart, `r${i}`), ...good });
      expect(foundCodes(make)).toEqual([]);
    });
  });

  test('fails for the repository of another namespace, unless that shares it', () => {
    const chart = fluxChart();
    const team = new Chart(chart.node.root, 'team', { namespace: 'team' });
    const shared = new ImageRepository(chart, 'shared', { registry, image: 'hello', sharedWith: ['team'] });
    expect(
      codesOf(() => new ImagePolicy(team, 'p', { repository: repository(chart), tags: TagPolicy.semver('*') })),
    ).toEqual(['FORGE-FLUX-012']);
    new ImagePolicy(team, 'q', { repository: shared, tags: TagPolicy.semver('*') });
    expect(specs(team).ImagePolicy).toMatchObject({ imageRepositoryRef: { name: 'shared', namespace: 'flux-system' } });
  });

  test.each([
    ['registry.example.com:5000', ['FORGE-FLUX-038']],
    ['registry.registry.svc.cluster.local:5000', ['FORGE-FLUX-038']],
    ['10.0.0.5:5000', []],
  ])('with digests of %s over plain HTTP: %j', (host, codes) => {
    const chart = fluxChart();
    const plain = new ImageRepository(chart, 'plain', {
      registry: Registry.oci({ owner: 'a', pull: Endpoint.http(host) }),
      image: 'hello',
    });
    const make = () => {
      new ImagePolicy(chart, 'p', { repository: plain, tags: TagPolicy.newest('latest') });
    };
    expect(ForgeError.problemsIn(make).map((problem) => problem.code)).toEqual(codes);
  });

  test('fails to give a name that Flux would replace by the one it scans', () => {
    const chart = fluxChart();
    const elsewhere = Registry.oci({
      owner: 'platform',
      pull: Endpoint.https('registry.example.com'),
      scan: Endpoint.http('registry.registry.svc.cluster.local:5000'),
    });
    const scanned = new ImageRepository(chart, 'elsewhere', { registry: elsewhere, image: 'hello' });
    const { image } = new ImagePolicy(chart, 'p', { repository: scanned, tags: TagPolicy.semver('*') });
    expect(codesOf(() => image.reference)).toEqual(['FORGE-FLUX-037']);
    expect(codesOf(() => image.name)).toEqual(['FORGE-FLUX-037']);
    const repository = new ImageRepository(chart, 'hello', { registry, image: 'hello' });
    const same = new ImagePolicy(chart, 'q', { repository, tags: TagPolicy.semver('*') });
    accepts(
      () => same.image.reference,
      () => same.image.name,
    );
    expect(image.tag).toBe('<image:flux/p:tag>');
  });

  test('fails to give a digest that Flux would blank', () => {
    const chart = fluxChart();
    const repository = new ImageRepository(chart, 'hello', { registry, image: 'hello' });
    const image = (id: string, digest?: DigestReflection) =>
      new ImagePolicy(chart, id, { repository, tags: TagPolicy.semver('*'), digest }).image;
    expect(codesOf(() => image('plain').digest)).toEqual(['FORGE-FLUX-011']);
    expect(image('with-digest', DigestReflection.IF_NOT_PRESENT).digest).toBe('<image:flux/with-digest:digest>');
  });
});

describe('the tags of a build', () => {
  const chart = fluxChart();

  test.each([
    [TagPolicy.timestamped(), 'main-0123abc-1763600000'],
    [TagPolicy.semver('1.x'), 'v1.2.3'],
    [TagPolicy.semver('*', { pattern: '^app-(?P<v>.*)$' }), 'app-1.2.3'],
    [TagPolicy.numeric(), '42'],
    [TagPolicy.newest('latest'), 'latest'],
  ])('pass if the policy sorts one of them', (policy, tag) => {
    expect(() => policy.assertSorts(chart, ['other', tag])).not.toThrow();
  });

  test.each([
    [TagPolicy.timestamped(), 'main-0123abc', 'main-0123abc-1700000000'],
    [TagPolicy.timestamped(), 'latest', 'main-0123abcd-1700000000'],
    [TagPolicy.semver('1.x'), 'latest', '1.0.0'],
    [TagPolicy.semver('1.x'), '1.2', '1.2.0'],
    [TagPolicy.numeric(), 'v1', '1'],
  ])('fail if it cannot, and learn of a form that it can', (policy, tag, neighbour) => {
    accepts(() => policy.assertSorts(chart, [neighbour]));
    expect(codesOf(() => policy.assertSorts(chart, [tag]))).toEqual(['FORGE-FLUX-010']);
    expect(() => policy.assertSorts(chart, [tag])).toThrow(
      tag === 'main-0123abc'
        ? 'add the time to the tags, as in main-<commit>-<unix time>'
        : /fix: push a tag of that form/,
    );
  });
});

describe('GitRepository', () => {
  const all: Omit<Required<GitRepositoryProps>, 'branch' | 'existing'> = {
    repository: gitops,
    url: 'ssh://git@git.example.com:2222/platform/gitops.git',
    reference: GitReference.semver('>=1.0.0'),
    credentials: secret('ssh-key'),
    interval: Duration.minutes(5),
    timeout: Duration.seconds(90),
    recurseSubmodules: true,
    sparseCheckout: ['./dist/', 'charts/web'],
    verify: GitVerification.ssh(secret('authors'), GitVerificationMode.TAG_AND_HEAD),
    suspend: true,
  };

  test('renders every option', () => {
    const chart = fluxChart();
    new GitRepository(chart, 'source', all);
    expect(specs(chart).GitRepository).toEqual({
      url: all.url,
      ref: { semver: '>=1.0.0' },
      secretRef: { name: 'ssh-key' },
      interval: '5m',
      timeout: '1m30s',
      recurseSubmodules: true,
      sparseCheckout: ['dist', 'charts/web'],
      verify: { mode: 'TagAndHEAD', secretRef: { name: 'authors' } },
      suspend: true,
    });
  });

  test.each([
    'git@git.example.com:platform/gitops.git',
    'git.example.com/platform/gitops',
    'git://git.example.com/a/b',
    'https://user:secret-word@git.example.com/a/b',
    'https://git.example.com',
  ])('fails for %p, and shows no credentials', (url) => {
    const make = () => new GitRepository(fluxChart(), 'source', { repository: gitops, url });
    expect(codesOf(make)).toEqual(['FORGE-FLUX-017']);
    expect(make).not.toThrow(/secret-word/);
  });

  test('proposes the ssh:// form of an scp-style address', () => {
    expect(
      () => new GitRepository(fluxChart(), 's', { repository: gitops, url: 'git@git.example.com:platform/gitops.git' }),
    ).toThrow('ssh://git@git.example.com/platform/gitops.git');
  });

  test.each<[string, () => unknown]>([
    ['a branch with a space', () => GitReference.branch('a b')],
    ['a full ref', () => GitReference.branch('refs/heads/main')],
    ['a branch that ends in .lock', () => GitReference.branch('a.lock')],
    ['a short commit', () => GitReference.commit('0123abc', 'main')],
    ['an artifact tag', () => OciReference.tag('a:b')],
    ['an artifact digest', () => OciReference.digest('sha256:0')],
    [
      'branch and reference',
      () =>
        new GitRepository(fluxChart(), 's', { repository: gitops, branch: 'main', reference: GitReference.tag('v1') }),
    ],
  ])('fails for %s', (_, make) => {
    expect(codesOf(make)).toEqual(['FORGE-FLUX-018']);
    const accepted = [
      () => GitReference.branch('a-b'),
      () => GitReference.branch('feature/main'),
      () => GitReference.branch('a.locks'),
      () => GitReference.commit('0123abc'.padEnd(40, '0'), 'main'),
      () => OciReference.tag('a.b'),
      () => OciReference.digest(`sha256:${'0'.repeat(64)}`),
      () => new GitRepository(fluxChart(), 's', { repository: gitops, branch: 'main' }),
      () => new GitRepository(fluxChart(), 's', { repository: gitops, reference: GitReference.tag('v1') }),
    ];
    expect(accepted.flatMap(foundCodes)).toEqual([]);
  });

  test('takes a commit of a branch', () => {
    expect(GitReference.commit('0'.repeat(40), 'main')._render()).toEqual({ branch: 'main', commit: '0'.repeat(40) });
  });
});

describe('ImageUpdateAutomation', () => {
  test('renders every option', () => {
    const chart = fluxChart();
    const all: Required<ImageUpdateAutomationProps> = {
      source: source(chart),
      pushBranch: 'flux-updates',
      interval: Duration.hours(1),
      policyChangeDelay: Duration.seconds(90),
      authorName: 'bot',
      authorEmail: 'bot@example.com',
      messageTemplate: '{{ .Values.a }}',
      signingKey: SigningKey.ssh(secret('signing')),
      policyLabels: { team: 'a' },
      path: './kubernetes/apps',
      suspend: true,
    };
    new ImageUpdateAutomation(chart, 'home', all);
    expect(specs(chart).ImageUpdateAutomation).toEqual({
      interval: '1h',
      policyChangeDelay: '1m30s',
      sourceRef: { kind: 'GitRepository', name: 'source' },
      suspend: true,
      policySelector: { matchLabels: { team: 'a' } },
      git: {
        checkout: { ref: { branch: 'main' } },
        push: { branch: 'flux-updates' },
        commit: {
          author: { name: 'bot', email: 'bot@example.com' },
          messageTemplate: '{{ .Values.a }}',
          signingKey: { type: 'ssh', secretRef: { name: 'signing' } },
        },
      },
      update: { path: './kubernetes/apps', strategy: 'Setters' },
    });
  });

  test('asks for the key that its type of signature reads', () => {
    const chart = fluxChart();
    const automation = new ImageUpdateAutomation(chart, 'home', {
      source: source(chart),
      signingKey: SigningKey.gpg(secret('signing')),
    });
    expect(SecretSource.requirementsAt(automation)).toMatchObject([{ secretName: 'signing', keys: ['git.asc'] }]);
  });

  test('fails without a branch to push to', () => {
    const chart = fluxChart();
    const tagged = new GitRepository(chart, 'tagged', { repository: gitops, reference: GitReference.tag('v1') });
    expect(codesOf(() => new ImageUpdateAutomation(chart, 'home', { source: tagged }))).toEqual(['FORGE-FLUX-014']);
    expect(foundCodes(() => new ImageUpdateAutomation(chart, 'other', { source: source(chart) }))).toEqual([]);
  });

  test.each([
    ['{{ .Updated }}', 'Updated'],
    [
      '{{ range .Changed.ImageResult.Images }}{{ end }}',
      '{{ range .Changed.Changes }}{{ .OldValue }} to {{ .NewValue }}{{ end }}',
    ],
    ['{{ .Changed', '{ .Changed'],
  ])('fails for the message %p, and not for %p', (messageTemplate, neighbour) => {
    const make = (id: string, text: string) => () => {
      const chart = fluxChart();
      return new ImageUpdateAutomation(chart, id, { source: source(chart), messageTemplate: text });
    };
    accepts(make('away', neighbour));
    expect(codesOf(make('home', messageTemplate))).toEqual(['FORGE-FLUX-015']);
  });

  test.each(['Update images', '', 'a } b { c', '{{ .AutomationObject }} and {{ .Values.a }}'])(
    'accepts the message %p',
    (messageTemplate) => {
      const chart = fluxChart();
      const automation = new ImageUpdateAutomation(chart, 'home', { source: source(chart), messageTemplate });
      expect(automation.apiObject.toJson().spec.git.commit.messageTemplate).toBe(messageTemplate);
    },
  );
});

describe('OciRepository, HelmRepository and HelmRelease', () => {
  test('render every option', () => {
    const chart = fluxChart();
    const oci: Required<OciRepositoryProps> = {
      registry: securedRegistry,
      artifact: 'manifests',
      reference: OciReference.semver('1.x', '.*-rc.*'),
      verify: OciVerification.keyless(
        [{ issuer: '^https://id.example.com$', subject: '^release$' }],
        secret('sigstore'),
      ),
      interval: Duration.minutes(1),
      timeout: Duration.minutes(2),
      layer: { mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', operation: OciLayerOperation.COPY },
      suspend: true,
    };
    const helm: Required<HelmRepositoryProps> = {
      url: 'https://dl.gitea.com/charts/',
      credentials: secret('charts'),
      certificates: secret('ca'),
      interval: Duration.hours(2),
      timeout: Duration.seconds(30),
      suspend: true,
    };
    const first = new HelmRelease(chart, 'first', {
      chart: HelmChart.fromOci(new OciRepository(chart, 'artifact', oci)),
    });
    const release: Required<HelmReleaseProps> = {
      chart: HelmChart.fromRepository(new HelmRepository(chart, 'charts', helm), { name: 'gitea', version: '12.x' }),
      values: { image: { tag: '<image:flux-system:a:tag>' } },
      secretValues: secret('values'),
      releaseName: 'git',
      targetNamespace: 'gitea',
      createNamespace: true,
      dependsOn: [first],
      interval: Duration.hours(1),
      timeout: Duration.minutes(5),
      retries: 5,
      suspend: true,
    };
    new HelmRelease(chart, 'gitea', release);
    expect(Testing.synth(chart)).toMatchSnapshot();
  });

  test('fail for credentials and certificates in one Secret', () => {
    const make = (certificates: string) => () =>
      new HelmRepository(fluxChart(), 'charts', {
        url: 'https://a.example.com',
        credentials: secret('one'),
        certificates: secret(certificates),
      });
    expect(codesOf(make('one'))).toEqual(['FORGE-FLUX-016']);
    accepts(make('two'));
  });

  test.each([
    ['dl.gitea.com/charts', 'https://dl.gitea.com/charts'],
    ['oci://ghcr.io/charts/app:1.0', 'oci://ghcr.io:443/charts/app'],
    ['https://user:secret-word@example.com/', 'https://example.com/'],
    ['ftp://example.com/', 'http://example.com/'],
  ])('fail for the URL %p, and not for %p', (url, neighbour) => {
    accepts(() => new HelmRepository(fluxChart(), 'charts', { url: neighbour }));
    expect(codesOf(() => new HelmRepository(fluxChart(), 'charts', { url }))).toEqual(['FORGE-FLUX-019']);
  });

  test('fail for a chart or release that cannot be named so, and a version that is none', () => {
    const chart = fluxChart();
    const charts = new HelmRepository(chart, 'charts', { url: 'oci://ghcr.io/charts' });
    expect(codesOf(() => HelmChart.fromRepository(charts, { name: 'gitea/gitea', version: '1.0.0' }))).toEqual([
      'FORGE-FLUX-020',
    ]);
    expect(codesOf(() => HelmChart.fromRepository(charts, { name: 'gitea', version: 'newest' }))).toEqual([
      'FORGE-FLUX-006',
    ]);
    const gitea = HelmChart.fromRepository(charts, { name: 'gitea', version: '1.x' });
    expect(codesOf(() => new HelmRelease(chart, 'a'.repeat(54), { chart: gitea }))).toEqual(['FORGE-FLUX-020']);
    accepts(
      () => HelmChart.fromRepository(charts, { name: 'gitea-gitea', version: '1.0.0' }),
      () => new HelmRelease(chart, 'b'.repeat(53), { chart: gitea }),
    );
  });
});

describe('Kustomization', () => {
  test('renders every option', () => {
    const chart = fluxChart();
    const first = new Kustomization(chart, 'first', { source: source(chart), path: './first' });
    const workloads = new Chart(chart.node.root, 'apps', { namespace: 'apps' });
    const all: Required<Omit<KustomizationProps, 'wait'>> = {
      source: source(chart, 'other'),
      path: './dist',
      dependsOn: [first],
      dependsOnExisting: [{ name: 'crds', namespace: 'infra' }],
      commonMetadata: { labels: { team: 'web' } },
      images: [{ name: 'nginx', newName: 'mirror.example.com/nginx' }],
      kubeConfig: KubeConfig.secret(secret('remote')),
      targetNamespace: 'web',
      namePrefix: 'a-',
      nameSuffix: '-b',
      readyExpr: "dep.metadata.labels['v'] == self.metadata.labels['v']",
      healthCheckExprs: [
        { apiVersion: 'example.com/v1', kind: 'Thing', current: 'true', inProgress: 'a', failed: 'b' },
      ],
      components: ['../components/tls'],
      patches: [{ patch: '- op: remove\n  path: /spec/replicas\n', target: { kind: 'Deployment' } }],
      healthChecks: [configMap(workloads, 'settings')],
      interval: Duration.minutes(1),
      retryInterval: Duration.seconds(30),
      timeout: Duration.minutes(2),
      prune: false,
      force: true,
      deletionPolicy: DeletionPolicy.ORPHAN,
      decryption: secret('age'),
      serviceAccountName: 'applier',
      suspend: true,
      substitution: Substitution.of({
        values: { DOMAIN: 'example.com' },
        configMaps: ['settings'],
        secrets: [secret('variables')],
      }),
    };
    new Kustomization(chart, 'second', all);
    expect(Testing.synth(chart)[3]).toMatchSnapshot();
    expect(specs(chart).Kustomization).toHaveProperty('wait', false);
  });

  test('always says whether to prune, and waits unless told otherwise', () => {
    const chart = fluxChart();
    new Kustomization(chart, 'apps', { source: source(chart), path: './apps' });
    expect(specs(chart).Kustomization).toMatchObject({ prune: true, wait: true });
  });

  test.each([
    ['/dist', './dist'],
    ['../dist', '..dist'],
    ['a b', 'a-b'],
  ])('fails for the path %p, and not for %p', (path, neighbour) => {
    const make = (at: string) => () => {
      const chart = fluxChart();
      return new Kustomization(chart, 'apps', { source: source(chart), path: at });
    };
    expect(codesOf(make(path))).toEqual(['FORGE-FLUX-021']);
    accepts(make(neighbour));
  });

  test('fails for health checks that `wait` would make Flux ignore', () => {
    const make = (wait: boolean, count: number) => () => {
      const chart = fluxChart();
      const healthChecks = [configMap(chart, 'x')].slice(0, count);
      return new Kustomization(chart, 'apps', { source: source(chart), path: './a', wait, healthChecks });
    };
    expect(codesOf(make(true, 1))).toEqual(['FORGE-FLUX-022']);
    accepts(make(false, 1), make(true, 0));
  });

  test.each<[string, () => unknown, () => unknown]>([
    [
      'a variable that is no name',
      () => Substitution.of({ values: { 'a-b': '1' } }),
      () => Substitution.of({ values: { a_b1: '1' } }),
    ],
    [
      'a value of two lines',
      () => Substitution.of({ values: { A: '1\n2' } }),
      () => Substitution.of({ values: { A: '1 2' } }),
    ],
    [
      'a ConfigMap that is no name',
      () => Substitution.of({ configMaps: ['A'] }),
      () => Substitution.of({ configMaps: ['a'] }),
    ],
    [
      'a variable without a value',
      () => Substitution.of({ values: { A: '1' } }).variable('B'),
      () => Substitution.of({ values: { A: '1' } }).variable('A'),
    ],
    [
      'a use that is no name',
      () => Substitution.of({ configMaps: ['a'] }).variable('${B}'),
      () => Substitution.of({ configMaps: ['a'] }).variable('B'),
    ],
  ])('fails for %s, and not for its neighbour', (_, make, neighbour) => {
    accepts(neighbour);
    expect(codesOf(make)).toEqual(['FORGE-FLUX-024']);
  });
});

describe('Receiver, Provider and Alert', () => {
  test('render every option', () => {
    const chart = fluxChart();
    const team = new Chart(chart.node.root, 'team', { namespace: 'team' });
    const all: Required<ReceiverProps> = {
      type: ReceiverType.FORGE,
      token: secret('webhook'),
      resources: [source(chart)],
      events: ['package'],
      resourceFilter: "req.action == 'created'",
      interval: Duration.minutes(5),
      suspend: true,
    };
    const receiver = new Receiver(chart, 'images', all);
    receiver.notifies(repository(team));
    receiver.notifies(repository(team, 'other'));
    const provider = new Provider(chart, 'ntfy', {
      target: ProviderTarget.signedWebhook('http://ntfy.example.com/flux', secret('hmac')),
      channel: 'ci',
      suspend: true,
    });
    const alert: Required<AlertProps> = {
      provider,
      sources: [source(team)],
      errorsOnly: true,
      exclude: ['^up to date'],
      suspend: true,
    };
    new Alert(chart, 'failures', alert);
    expect(Testing.synth(chart)).toMatchSnapshot();
  });

  test('know the kinds of provider', () => {
    const chart = fluxChart();
    const targets = [
      ProviderTarget.webhook('http://a.example.com/x'),
      ProviderTarget.alertmanager('http://a.example.com'),
      ProviderTarget.chat(ChatKind.DISCORD, secret('chat')),
      ProviderTarget.commitStatus(gitops, secret('token')),
      ProviderTarget.pullRequestComment(gitops, secret('token')),
      ProviderTarget.pullRequestComment(Forge.github().repository('a/b'), secret('token')),
      ProviderTarget.dispatch(Forge.github().repository('a/b'), secret('token')),
      ProviderTarget.otel('http://collector.monitoring:4318/v1/traces'),
      ProviderTarget.of(ProviderType.PAGERDUTY, { address: 'https://events.pagerduty.com', secret: secret('pager') }),
      ProviderTarget.of(ProviderType.GOOGLE_PUBSUB, { address: 'my-project' }),
    ];
    targets.forEach((target, i) => new Provider(chart, `p${i}`, { target }));
    expect(Testing.synth(chart).map((object: { spec: unknown }) => object.spec)).toEqual([
      { type: 'generic', address: 'http://a.example.com/x' },
      { type: 'alertmanager', address: 'http://a.example.com' },
      { type: 'discord', secretRef: { name: 'chat' } },
      { type: 'gitea', address: `${gitea.internalUrl}/platform/gitops`, secretRef: { name: 'token' } },
      {
        type: 'giteapullrequestcomment',
        address: `${gitea.internalUrl}/platform/gitops`,
        secretRef: { name: 'token' },
      },
      { type: 'githubpullrequestcomment', address: 'https://github.com/a/b', secretRef: { name: 'token' } },
      { type: 'githubdispatch', address: 'https://github.com/a/b', secretRef: { name: 'token' } },
      { type: 'otel', address: 'http://collector.monitoring:4318/v1/traces' },
      { type: 'pagerduty', address: 'https://events.pagerduty.com', secretRef: { name: 'pager' } },
      { type: 'googlepubsub', address: 'my-project' },
    ]);
  });

  test('fail for what notifies nothing, or what nothing can notify', () => {
    const chart = fluxChart();
    expect(new Receiver(chart, 'empty', { type: ReceiverType.GENERIC, token: secret('t') }).node.validate()[0]).toMatch(
      /^FORGE-FLUX-034: the Receiver notifies nothing/,
    );
    const provider = new Provider(chart, 'p', { target: ProviderTarget.webhook('http://a.example.com') });
    expect(
      new Receiver(chart, 'wrong', {
        type: ReceiverType.GENERIC,
        token: secret('t'),
        resources: [provider],
      }).node.validate()[0],
    ).toMatch(/^FORGE-FLUX-034: a Receiver cannot notify a Provider/);
  });

  test('fail for an address that is none, or holds credentials', () => {
    expect(codesOf(() => ProviderTarget.webhook('ntfy.example.com'))).toEqual(['FORGE-FLUX-035']);
    expect(foundCodes(() => ProviderTarget.webhook('http://ntfy.example.com'))).toEqual([]);
    const of = (props: ProviderTargetProps) => foundCodes(() => ProviderTarget.of(ProviderType.NATS, props));
    expect(of({ address: 'nats://user:secret-word@example.com' })).toEqual(['FORGE-FLUX-035']);
    expect(of({ address: 'nats://example.com' })).toEqual([]);
    expect(of({ address: '' })).toEqual(['FORGE-FLUX-035']);
    expect(of({})).toEqual(['FORGE-FLUX-035']);
    expect(of({ secret: secret('nats'), keys: [] })).toEqual(['FORGE-FLUX-035']);
    expect(of({ secret: secret('nats'), keys: ['address'] })).toEqual([]);
    expect(foundCodes(() => ProviderTarget.dispatch(gitops, secret('token')))).toEqual(['FORGE-FLUX-035']);
    expect(foundCodes(() => ProviderTarget.dispatch(Forge.github().repository('a/b'), secret('token')))).toEqual([]);
    expect(() => ProviderTarget.webhook('https://user:secret-word@example.com')).not.toThrow(/secret-word/);
  });

  test('fail for an alert without sources, or with the provider of another namespace', () => {
    const chart = fluxChart();
    const provider = new Provider(new Chart(chart.node.root, 'team', { namespace: 'team' }), 'p', {
      target: ProviderTarget.webhook('http://a.example.com'),
    });
    expect(codesOf(() => new Alert(chart, 'a', { provider, sources: [source(chart)] }))).toEqual(['FORGE-FLUX-036']);
    const own = new Provider(chart, 'own', { target: ProviderTarget.webhook('http://a.example.com') });
    expect(foundCodes(() => new Alert(chart, 'c', { provider: own, sources: [source(chart, 'another')] }))).toEqual([]);
    expect(codesOf(() => new Alert(provider.apiObject.chart, 'b', { provider, sources: [] }))).toEqual([
      'FORGE-FLUX-036',
    ]);
  });
});

test.each(['parts', 'expected'])('%s of a cluster is a whole number in its bounds', (prop) => {
  const most = { parts: 256, expected: 25_000 }[prop]!;
  const cluster = (value: number) => () => new Cluster(fluxChart(), 'home', { source: gitops, [prop]: value });
  for (const wrong of [0, 1.5, -1, most + 1]) {
    expect(codesOf(cluster(wrong))).toEqual(['FORGE-FLUX-028']);
  }
  expect(codesOf(cluster(NaN))).toEqual(['FORGE-ARG-004']);
  accepts(cluster(1), cluster(most));
});
