import { App, Chart, Duration, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import { passThroughAt, SecretHome, SecretNeed, SecretSource, SecretStore } from '../../lib/secret';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { ENC, fileOf, sealedObject, sopsObject } from './files';

const chartIn = (namespace: string, scope: Construct = new App()) => new Chart(scope, namespace, { namespace });
const token = { purpose: 'a runner registers', type: 'Opaque', keys: ['token'] };
const docker = {
  purpose: 'nodes pull',
  type: 'kubernetes.io/dockerconfigjson',
  keys: ['.dockerconfigjson'],
  tokenScope: 'read:package',
};
const vault = SecretStore.cluster('vault');

test('an existing Secret is noted, with who makes it and how to replace it', () => {
  const chart = chartIn('ci');
  expect(SecretSource.existing('runner-token').provide(chart, token)).toBe('runner-token');
  expect(SecretSource.requirementsAt(chart)).toEqual([
    {
      ...token,
      namespace: 'ci',
      secretName: 'runner-token',
      home: SecretHome.KUBERNETES,
      origin: 'created by hand',
      rotation: 'replace the Secret, restart the pods that read it, then revoke the old value',
    },
  ]);
  expect(chart.toJson()).toEqual([]);
});

test('the same need is noted once', () => {
  const chart = chartIn('ci');
  const source = SecretSource.existing('runner-token');
  source.provide(chart, token);
  source.provide(chart, token);
  expect(SecretSource.requirementsAt(chart)).toHaveLength(1);
});

test('an external secret becomes one ExternalSecret in each namespace, with the type that is needed', () => {
  const app = new App();
  const source = SecretSource.externalSecret('runner-token', {
    store: SecretStore.namespaced('vault'),
    keys: { token: { key: 'ci/runner', property: 'token' } },
    refresh: Duration.minutes(5),
  });
  const charts = [chartIn('ci', app), chartIn('more', app)];
  charts.forEach((chart) => {
    source.provide(new Construct(chart, 'a'), token);
    source.provide(new Construct(chart, 'b'), token);
  });
  expect(Testing.synth(charts[0])).toEqual([
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: 'runner-token', namespace: 'ci' },
      spec: {
        refreshInterval: '300s',
        secretStoreRef: { kind: 'SecretStore', name: 'vault' },
        target: { name: 'runner-token', creationPolicy: 'Owner', template: { engineVersion: 'v2', type: 'Opaque' } },
        data: [{ secretKey: 'token', remoteRef: { key: 'ci/runner', property: 'token' } }],
      },
    },
  ]);
  expect(charts[1].toJson()).toHaveLength(1);
});

test('of user and password in a store, a Docker configuration is made with one entry for each host that anybody needs', () => {
  const chart = chartIn('apps');
  const source = SecretSource.externalSecret('registry', {
    store: vault,
    keys: { username: { key: 'r', property: 'user' }, password: { key: 'r', property: 'token' } },
  });
  source.provide(new Construct(chart, 'a'), { ...docker, registryHosts: ['git.example.com'] });
  source.provide(new Construct(chart, 'b'), { ...docker, registryHosts: ['gitea-http.gitea.svc:3000'] });
  const [{ spec }] = Testing.synth(chart);
  expect(spec.target.template.type).toBe('kubernetes.io/dockerconfigjson');
  const text: string = spec.target.template.data['.dockerconfigjson'];
  // What the operator's template engine does, for values that hold a quote.
  const rendered = text
    .replace(/\{\{ \.(\w+) \| toJson \}\}/g, (_, name) =>
      JSON.stringify({ username: 'ci', password: 'a"b' }[name as 'username']),
    )
    .replace(/\{\{ printf [^}]*\}\}/g, Buffer.from('ci:a"b').toString('base64'));
  const entry = { username: 'ci', password: 'a"b', auth: Buffer.from('ci:a"b').toString('base64') };
  expect(JSON.parse(rendered)).toEqual({ auths: { 'git.example.com': entry, 'gitea-http.gitea.svc:3000': entry } });
});

test('a sealed secret is emitted as it is into the namespace that it was sealed for', () => {
  const chart = chartIn('ci');
  const file = fileOf(sealedObject());
  expect(SecretSource.sealedSecret(file).provide(chart, token)).toBe('runner-token');
  SecretSource.sealedSecret(file).provide(new Construct(chart, 'again'), token);
  expect(Testing.synth(chart)).toEqual([sealedObject()]);
});

test('a secret sealed for the cluster goes wherever it is needed', () => {
  const app = new App();
  const source = SecretSource.sealedSecret(
    fileOf(
      sealedObject({
        metadata: { name: 'runner-token', annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
      }),
    ),
  );
  const charts = [chartIn('ci', app), chartIn('more', app)];
  charts.forEach((chart) => source.provide(chart, token));
  expect(charts.map((chart) => Testing.synth(chart)[0].metadata.namespace)).toEqual(['ci', 'more']);
});

test('a sops file is passed on byte for byte, once', () => {
  const chart = chartIn('ci');
  const text = `\n${JSON.stringify(sopsObject(), null, 4)}\n\n`;
  const path = fileOf(text);
  const source = SecretSource.sops(path, { recipients: ['age1example'] });
  expect(source.provide(chart, token)).toBe('runner-token');
  source.provide(new Construct(chart, 'again'), token);
  expect(passThroughAt(chart)).toEqual([
    { fileName: 'ci-runner-token.sops', text, namespace: 'ci', secretName: 'runner-token', path, isSubstituted: true },
  ]);
  expect(passThroughAt(chart.node.findChild('again'))).toEqual([]);
  expect(chart.toJson()).toEqual([]);
  expect(SecretSource.requirementsAt(chart).map(({ origin }) => origin)).toEqual([`decrypted by Flux from ${path}`]);
  // Notes of others at the same construct are none of ours.
  chart.node.addMetadata('example.com/note', { secretName: 'theirs' });
  expect(SecretSource.requirementsAt(chart).map(({ secretName }) => secretName)).toEqual(['runner-token']);
});

test('each namespace may have its own source', () => {
  const app = new App();
  const source = SecretSource.perNamespace({
    ci: SecretSource.sops(fileOf(sopsObject())),
    apps: SecretSource.existing('by-hand'),
  });
  expect(source.provide(chartIn('ci', app), token)).toBe('runner-token');
  expect(source.provide(chartIn('apps', app), token)).toBe('by-hand');
  expect(codesOf(() => source.provide(chartIn('third', app), token))).toEqual(['FORGE-SEC-005']);
});

test('environment variables are for machines outside the cluster only', () => {
  const chart = chartIn('host');
  const source = SecretSource.environment('REGISTRY_USER', 'REGISTRY_TOKEN');
  expect(source.environmentNames).toEqual(['REGISTRY_USER', 'REGISTRY_TOKEN']);
  const need = { ...docker, keys: ['username', 'password'] };
  expect(source._provideOutside(chart, need)).toEqual(['REGISTRY_USER', 'REGISTRY_TOKEN']);
  expect(codesOf(() => source._provideOutside(chart, { ...need, keys: ['token'] }))).toEqual(['FORGE-SEC-006']);
  expect(SecretSource.requirementsAt(chart).map(({ secretName, home }) => [secretName, home])).toEqual([
    ['REGISTRY_USER', 'environment'],
    ['REGISTRY_TOKEN', 'environment'],
  ]);
  expect(codesOf(() => source.provide(chart, docker))).toEqual(['FORGE-SEC-007']);
  expect(codesOf(() => SecretSource.existing('registry')._provideOutside(chart, docker))).toEqual(['FORGE-SEC-006']);
});

test('what a secret needs may come as a namespace of its own', () => {
  const chart = chartIn('apps');
  SecretSource.externalSecret('registry', { store: vault, keys: { token: { key: 'r' } } }).provide(chart, {
    ...token,
    namespace: 'flux-system',
  });
  expect(Testing.synth(chart)[0].metadata.namespace).toBe('flux-system');
});

describe('fails', () => {
  test.each(['', 'Registry', 'a b', 'a'.repeat(254), 'ghp/x', '-a'])('for a Secret named %j', (name) => {
    expect(codesOf(() => SecretSource.existing(name))).toEqual(['FORGE-SEC-001']);
    expect(codesOf(() => SecretStore.cluster(name))).toEqual(['FORGE-SEC-001']);
    expect(() =>
      ['registry', 'a', '0.a-b', 'a'.repeat(253)].map((good) => [
        SecretSource.existing(good),
        SecretStore.cluster(good),
      ]),
    ).not.toThrow();
  });

  test('for a key that the source does not have', () => {
    const chart = chartIn('ci');
    const sources = [
      SecretSource.externalSecret('x', { store: vault, keys: { other: { key: 'r' } } }),
      SecretSource.sops(fileOf(sopsObject())),
      SecretSource.sealedSecret(fileOf(sealedObject())),
    ];
    for (const source of sources) {
      expect(codesOf(() => source.provide(chart, { ...token, keys: ['password'] }))).toEqual(['FORGE-SEC-004']);
      accepts(() => source.provide(chart, { ...token, keys: [source === sources[0] ? 'other' : 'token'] }));
    }
  });

  test('for a namespace that an encrypted file is not for', () => {
    const chart = chartIn('apps');
    expect(codesOf(() => SecretSource.sops(fileOf(sopsObject())).provide(chart, token))).toEqual(['FORGE-SEC-005']);
    expect(
      codesOf(() => SecretSource.sops(fileOf(sopsObject({ metadata: { name: 'a' } }))).provide(chart, token)),
    ).toEqual(['FORGE-SEC-005']);
    expect(codesOf(() => SecretSource.sealedSecret(fileOf(sealedObject())).provide(chart, token))).toEqual([
      'FORGE-SEC-005',
    ]);
    expect(
      codesOf(() =>
        SecretSource.sealedSecret(
          fileOf(
            sealedObject({
              metadata: {
                name: 'a',
                namespace: 'ci',
                annotations: { 'sealedsecrets.bitnami.com/namespace-wide': 'true' },
              },
            }),
          ),
        ).provide(chart, token),
      ),
    ).toEqual(['FORGE-SEC-005']);
    const there = chartIn('ci');
    accepts(
      () => SecretSource.sops(fileOf(sopsObject())).provide(there, token),
      () =>
        SecretSource.sealedSecret(fileOf(sealedObject({ metadata: { name: 'b', namespace: 'ci' } }))).provide(
          there,
          token,
        ),
    );
  });

  test('for one Secret as two types', () => {
    const chart = chartIn('ci');
    SecretSource.existing('both').provide(chart, docker);
    expect(
      codesOf(() => SecretSource.existing('both').provide(chart, { ...token, type: 'kubernetes.io/tls' })),
    ).toEqual(['FORGE-SEC-008']);
    expect(
      codesOf(() =>
        SecretSource.sealedSecret(fileOf(sealedObject())).provide(chart, { ...token, type: 'kubernetes.io/tls' }),
      ),
    ).toEqual(['FORGE-SEC-008']);
    expect(
      codesOf(() =>
        SecretSource.sops(fileOf(sopsObject())).provide(chartIn('ci'), { ...token, type: 'kubernetes.io/tls' }),
      ),
    ).toEqual(['FORGE-SEC-008']);
    accepts(
      () => SecretSource.existing('both').provide(chart, docker),
      () => SecretSource.sealedSecret(fileOf(sealedObject())).provide(chart, token),
      () => SecretSource.sops(fileOf(sopsObject())).provide(chartIn('ci'), token),
    );
  });

  test.each([[[]], [['lower']], [['A B']], [['A=b']], [['1A']], [['GOOD', '']]])(
    'for the environment variables %j',
    (names) => {
      expect(codesOf(() => SecretSource.environment(...names))).toEqual(['FORGE-SEC-006']);
      expect(() =>
        [['UPPER'], ['A_B'], ['_1A'], ['GOOD', 'A1']].map((good) => SecretSource.environment(...good)),
      ).not.toThrow();
    },
  );

  test('for no source at all', () => {
    expect(codesOf(() => SecretSource.perNamespace({}))).toEqual(['FORGE-SEC-006']);
    accepts(() => SecretSource.perNamespace({ ci: SecretSource.existing('a') }));
  });
});

test('what an error says of a file never holds what is in it', () => {
  const [problem] = problemsOf(() =>
    SecretSource.sops(fileOf(sopsObject({ stringData: { token: 'plain-and-open' } }))),
  );
  expect(problem.code).toBe('FORGE-SEC-003');
  expect(JSON.stringify(problem)).not.toContain('plain-and-open');
  accepts(() => SecretSource.sops(fileOf(sopsObject())));
});

test('a value that is given where a name belongs is not repeated in the error', () => {
  const value = ['ghp', 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'].join('_');
  expect(JSON.stringify(problemsOf(() => SecretSource.existing(value)))).not.toContain(value);
  expect(JSON.stringify(problemsOf(() => SecretSource.environment(value)))).not.toContain(value);
  accepts(
    () => SecretSource.existing('ghp'),
    () => SecretSource.environment('GHP_TOKEN'),
  );
});

test.each(['username', 'password'])('half a login in a store, only %s, makes no Docker configuration', (half) => {
  const chart = chartIn('apps');
  const source = SecretSource.externalSecret('registry', { store: vault, keys: { [half]: { key: 'r' } } });
  expect(() => source.provide(new Construct(chart, 'a'), { ...docker, registryHosts: ['git.example.com'] })).toThrow(
    /FORGE-SEC-004/,
  );
  const whole = SecretSource.externalSecret('own', { store: vault, keys: { '.dockerconfigjson': { key: 'r' } } });
  expect(() =>
    whole.provide(new Construct(chart, 'b'), { ...docker, registryHosts: ['git.example.com'] }),
  ).not.toThrow();
});

describe('an error names what is there and what is needed', () => {
  /** The messages of a refusal, without the folder of a file. */
  const messagesOf = (run: () => unknown) =>
    problemsOf(run).map(({ message }) => message.replace(/"[^"]*secret\.yaml"/, 'the file'));
  const sealedFor = (metadata: object, template: object = {}) =>
    SecretSource.sealedSecret(
      fileOf(sealedObject({ metadata, spec: { encryptedData: { token: 'Ag'.repeat(200) }, template } })),
    );

  test('the namespaces of encrypted files', () => {
    const chart = chartIn('apps');
    expect([
      messagesOf(() => sealedFor({ name: 'a', namespace: 'ci' }).provide(chart, token)),
      messagesOf(() => sealedFor({ name: 'a' }).provide(chart, token)),
      messagesOf(() => SecretSource.sops(fileOf(sopsObject())).provide(chart, token)),
      messagesOf(() => SecretSource.sops(fileOf(sopsObject({ metadata: { name: 'a' } }))).provide(chart, token)),
      messagesOf(() =>
        SecretSource.perNamespace({
          ci: SecretSource.existing('a'),
          flux: SecretSource.existing('b'),
        }).provide(chart, token),
      ),
      messagesOf(() => SecretSource.perNamespace({})),
    ]).toEqual([
      ['the file is sealed for namespace "ci", not for "apps"'],
      ['the file is sealed for namespace "default", not for "apps"'],
      ['the file is for namespace "ci", and "apps" needs it'],
      ['the file says no metadata.namespace, and "apps" needs it'],
      ['there is no source for namespace "apps", only for "ci", "flux"'],
      ['no namespace is given'],
    ]);
    accepts(() => sealedFor({ name: 'a', namespace: 'apps' }).provide(chart, token));
  });

  test('the types of encrypted files, and of Secrets', () => {
    const chart = chartIn('ci');
    const tls = { ...token, type: 'kubernetes.io/tls' };
    expect([
      messagesOf(() => sealedFor({ name: 'a', namespace: 'ci' }).provide(chart, tls)),
      messagesOf(() => sealedFor({ name: 'b', namespace: 'ci' }, { type: 'Opaque' }).provide(chart, tls)),
      messagesOf(() => SecretSource.sops(fileOf(sopsObject({ type: undefined }))).provide(chart, tls)),
      messagesOf(() =>
        SecretSource.sops(fileOf(sopsObject({ type: 'kubernetes.io/ssh-auth' }))).provide(chartIn('ci'), tls),
      ),
    ]).toEqual([
      ['"a" is of type "Opaque", and is needed as "kubernetes.io/tls"'],
      ['"b" is of type "Opaque", and is needed as "kubernetes.io/tls"'],
      ['"runner-token" is of type "Opaque", and is needed as "kubernetes.io/tls"'],
      ['"runner-token" is of type "kubernetes.io/ssh-auth", and is needed as "kubernetes.io/tls"'],
    ]);
    accepts(
      () => sealedFor({ name: 'c', namespace: 'ci' }, { type: tls.type }).provide(chart, tls),
      () => SecretSource.sops(fileOf(sopsObject({ type: tls.type }))).provide(chartIn('ci'), tls),
      // Who needs an Opaque Secret reads its keys only.
      () => sealedFor({ name: 'd', namespace: 'ci' }, { type: tls.type }).provide(chart, token),
      () => SecretSource.sops(fileOf(sopsObject({ type: tls.type }))).provide(chartIn('ci'), token),
    );
  });

  test('the keys and variables', () => {
    const chart = chartIn('ci');
    const keys = ['username', 'password'];
    const sops = SecretSource.sops(fileOf(sopsObject({ stringData: { token: ENC, user: ENC } })));
    const host = SecretSource.environment('A', 'B');
    expect([
      messagesOf(() => sops.provide(chart, { ...token, keys })),
      messagesOf(() => SecretSource.environment()),
      messagesOf(() => SecretSource.environment('GOOD', 'bad', '1x')),
      messagesOf(() => host._provideOutside(chart, { ...token, keys: ['a', 'b', 'c'] })),
      messagesOf(() => host.provide(chart, token)),
      messagesOf(() => SecretSource.existing('one')._provideOutside(chart, token)),
    ]).toEqual([
      ['the file has no key "username", "password"; it has "token", "user"'],
      ['nothing is not the name of an environment variable'],
      ['"bad", "1x" is not the name of an environment variable'],
      ['"ci" needs 3 values (a, b, c), and the source has 2: A, B'],
      ['the environment variables "A", "B" are not a Secret in the cluster'],
      ['the Secret "one" is in the cluster, where "ci" cannot read it'],
    ]);
    expect(host.secretName).toBe('A B');
    accepts(() => host._provideOutside(chart, { ...token, keys }));
  });
});

test('an ExternalSecret has the type that any of its users needs, whoever asks first', () => {
  const source = (name: string) =>
    SecretSource.externalSecret(name, {
      store: vault,
      keys: { username: { key: 'r' }, password: { key: 'r' }, token: { key: 'r' } },
    });
  const login = (...registryHosts: string[]) => ({ ...docker, registryHosts });
  const orders: [SecretNeed, SecretNeed][] = [
    [token, login('z.example.com', 'a.example.com')],
    [login('z.example.com', 'a.example.com'), token],
  ];
  const templates = orders.map((needs) => {
    const chart = chartIn('apps');
    needs.forEach((need, i) => source('registry').provide(new Construct(chart, `user-${i}`), need));
    return Testing.synth(chart)[0].spec.target.template;
  });
  expect(templates[0]).toEqual(templates[1]);
  expect(templates[0].type).toBe('kubernetes.io/dockerconfigjson');
  const text = templates[0].data['.dockerconfigjson'] as string;
  expect(text.indexOf('a.example.com')).toBeGreaterThan(0);
  expect(text.indexOf('a.example.com')).toBeLessThan(text.indexOf('z.example.com'));
});
