import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { parseAllDocuments, stringify } from 'yaml';
import {
  Cluster,
  ClusterProps,
  ContentName,
  GitReference,
  GitRepository,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  Receiver,
  SigningKey,
  Substitution,
  TagPolicy,
} from '../../../lib/flux';
import { ManagedValue } from '../../../lib/output';
import { Layer } from '../../../lib/kube';
import { SecretSource, SecretStore } from '../../../lib/secret';
import { fileOf, sopsObject } from '../../secret/files';
import { ForgeError } from '../../../lib/support';
import { accepts, codesOf, problemsOf } from '../../support/problems';
import { GitOpsApp } from '../../../lib/app';
import { readTree } from '../../support/workspace';
import { configMap, gitops, newApp, policyOf, registry } from '../support';

function newCluster(props: Partial<ClusterProps> = {}) {
  const { app, folder } = newApp();
  const home = new Cluster(app, 'home', { source: gitops, ...props });
  const synth = () => {
    app.synth();
    return readTree(folder);
  };
  return { app, home, synth };
}

/** A chart with one object. */
function chartWith(scope: Construct, id: string, layer?: Layer): Chart {
  const chart = new Chart(scope, id, { namespace: 'apps' });
  configMap(chart, id);
  layer?.mark(chart);
  return chart;
}

const objects = (text: string) => parseAllDocuments(text).map((document) => document.toJS());
const kustomizations = (files: Record<string, string>) => objects(files['dist/clusters/home/flux/layers.k8s.yaml']);

test('a cluster is beside others, at whatever depth, and never inside one', () => {
  const { app, home } = newCluster();
  expect(codesOf(() => new Cluster(home, 'in', { source: gitops }))).toEqual(['FORGE-FLUX-054']);
  expect(codesOf(() => new Cluster(new Construct(home, 'group'), 'in', { source: gitops }))).toEqual([
    'FORGE-FLUX-054',
  ]);
  accepts(
    () => new Cluster(app, 'away', { source: gitops }),
    () => new Cluster(new Construct(app, 'group'), 'far', { source: gitops }),
  );
});

describe('layers', () => {
  test('fail for a chart that depends on one that is applied later, and name both', () => {
    const { app, home } = newCluster();
    const [early, late] = [chartWith(home, 'early', Layer.PLATFORM), chartWith(home, 'late')];
    early.addDependency(late);
    expect(problemsOf(() => app.synth())).toMatchObject([
      { code: 'FORGE-FLUX-025', message: expect.stringMatching(/"home\/early".*"home\/late"/) },
    ]);
    const other = newCluster();
    const [first, second] = [chartWith(other.home, 'first', Layer.PLATFORM), chartWith(other.home, 'second')];
    second.addDependency(first);
    second.addDependency(chartWith(other.home, 'beside'));
    accepts(() => other.synth());
  });

  test('take dependencies in their own order, and a chart inside an earlier one', () => {
    const { home, synth } = newCluster();
    const [early, late] = [chartWith(home, 'early', Layer.PLATFORM), chartWith(home, 'late')];
    late.addDependency(early);
    chartWith(early, 'inner');
    expect(Object.keys(synth())).toContain('dist/clusters/home/apps/early-inner.k8s.yaml');
  });

  test('fail for a chart that depends on one of another cluster', () => {
    const { app, home } = newCluster();
    const a = chartWith(home, 'a');
    const b = chartWith(new Cluster(app, 'away', { source: gitops }), 'b');
    a.addDependency(chartWith(home, 'c'));
    accepts(() => app.synth());
    a.addDependency(b);
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-026']);
  });
});

describe('a divided cluster', () => {
  const ids = Array.from({ length: 60 }, (_, i) => `chart-${i}`);
  const folders = (parts: number, build: (home: Cluster) => void) => {
    const { home, synth } = newCluster({ parts });
    build(home);
    const files = Object.keys(synth()).filter((file) => !file.includes('/flux/') && file.includes('clusters'));
    return new Map(files.map((file) => [file.replace(/.*\//, ''), file.replace(/.*\/([^/]+)\/[^/]+$/, '$1')]));
  };

  test('spreads the charts of a layer, and makes a Kustomization a part after all parts of the layer before', () => {
    const { home, synth } = newCluster({ parts: 4 });
    ids.forEach((id) => chartWith(home, id));
    ids.forEach((id) => chartWith(home, `platform-${id}`, Layer.PLATFORM));
    const made = kustomizations(synth());
    expect(made.map((k) => k.metadata.name)).toEqual([
      'home',
      ...['platform', 'apps'].flatMap((layer) => [0, 1, 2, 3].map((i) => `home-${layer}-${i}`)),
    ]);
    expect(made[5].spec).toMatchObject({
      path: './dist/clusters/home/apps-0',
      dependsOn: [0, 1, 2, 3].map((i) => ({ name: `home-platform-${i}` })),
    });
  });

  test('moves no chart when others come and go', () => {
    const all = folders(8, (home) => ids.forEach((id) => chartWith(home, id)));
    const half = folders(8, (home) =>
      ids
        .filter((_, i) => i % 2 === 0)
        .reverse()
        .forEach((id) => chartWith(home, id)),
    );
    expect(new Set(all.values()).size).toBe(8);
    half.forEach((folder, file) => expect(all.get(file)).toBe(folder));
  });

  test('moves charts only to the new parts, when it is divided further', () => {
    const four = folders(4, (home) => ids.forEach((id) => chartWith(home, id)));
    const five = folders(5, (home) => ids.forEach((id) => chartWith(home, id)));
    const moved = [...five].filter(([file, folder]) => four.get(file) !== folder);
    expect(moved.every(([, folder]) => folder === 'apps-4')).toBe(true);
    expect(moved.length).toBeLessThan(30);
  });

  test('keeps charts that depend on each other together, and what is added on top moves nothing', () => {
    const base = (home: Cluster) => ids.map((id) => chartWith(home, id));
    const before = folders(8, base);
    const after = folders(8, (home) => {
      const charts = base(home);
      const top = chartWith(home, 'a-new-one');
      top.addDependency(charts[7]);
    });
    before.forEach((folder, file) => expect(after.get(file)).toBe(folder));
    expect(after.get('a-new-one.k8s.yaml')).toBe(before.get('chart-7.k8s.yaml'));
  });
});

test('the first path of what a group depends on decides its part, whatever was created or added first', () => {
  const ids = Array.from({ length: 12 }, (_, i) => `chart-${i + 10}`);
  const part = (build: (home: Cluster) => void, id: string) => {
    const { home, synth } = newCluster({ parts: 8 });
    build(home);
    return Object.keys(synth())
      .find((file) => file.endsWith(`/${id}.k8s.yaml`))!
      .split('/')[3];
  };
  const alone = new Map(ids.map((id) => [id, part((home) => void chartWith(home, id), id)]));
  expect(new Set(alone.values()).size).toBeGreaterThan(4);
  ids.slice(1).forEach((second, i) => {
    const group = [ids[i], second];
    for (const order of [group, [...group].reverse()]) {
      const joined = (home: Cluster) => {
        const bases = order.map((id) => chartWith(home, id));
        const top = chartWith(home, 'a-top');
        bases.forEach((base) => top.addDependency(base));
      };
      expect([...group, 'a-top'].map((id) => part(joined, id))).toEqual(Array(3).fill(alone.get(group[0])));
    }
  });
});

describe('image updates', () => {
  test('go as the cluster says', () => {
    const { home, synth } = newCluster({
      imageUpdates: { pushBranch: 'updates', signingKey: SigningKey.gpg(SecretSource.existing('key')) },
    });
    policyOf(home, 'hello');
    expect(objects(synth()['dist/clusters/home/flux/images.k8s.yaml'])[0].spec.git).toMatchObject({
      push: { branch: 'updates' },
      commit: { signingKey: { type: 'gpg' } },
    });
  });

  test('see the policies of their own cluster and namespace, and fail for objects of another cluster', () => {
    const { app, home } = newCluster();
    const away = new Cluster(app, 'away', { source: gitops });
    policyOf(home, 'hello');
    const chart = new Chart(away, 'own', { namespace: 'flux-system' });
    const repository = new ImageRepository(chart, 'other', { registry, image: 'other' });
    new ImagePolicy(repository, 'other', { repository, tags: TagPolicy.semver('*') });
    expect(() => app.synth()).not.toThrow();
    expect(codesOf(() => new ImageUpdateAutomation(chart, 'a', { source: home.source }))).toEqual(['FORGE-FLUX-039']);
    expect(codesOf(() => new ImagePolicy(home.images, 'p', { repository, tags: TagPolicy.semver('*') }))).toEqual([
      'FORGE-FLUX-039',
    ]);
  });

  test('fail for a digest that Flux would blank, however it came there', () => {
    const { app, home } = newCluster();
    const { node } = policyOf(home, 'hello');
    const apps = new Chart(home, 'apps', { namespace: 'apps' });
    configMap(apps, 'y', { tag: new ManagedValue(node.path, 'tag').toString() });
    accepts(() => app.synth());
    configMap(apps, 'x', { digest: new ManagedValue(node.path, 'digest').toString() });
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-011']);
  });

  test('fail for a policy that no automation sees: of another namespace, or without its labels', () => {
    const { app, home } = newCluster();
    policyOf(home, 'hello');
    const stray = new Chart(home, 'stray', { namespace: 'team' });
    const repository = new ImageRepository(stray, 'other', { registry, image: 'other' });
    new ImagePolicy(repository, 'other', { repository, tags: TagPolicy.semver('*') });
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-013']);
    const source = new GitRepository(stray, 's', { repository: gitops, reference: GitReference.branch('main') });
    new ImageUpdateAutomation(stray, 'team', { source, policyLabels: { team: 'a' } });
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-013']);
    stray.node.tryRemoveChild('team');
    new ImageUpdateAutomation(stray, 'all', { source });
    accepts(() => app.synth());
  });

  test('the webhooks exist when the cluster is constructed, and the one for images is left out without images', () => {
    const { home, synth } = newCluster({ webhookToken: SecretSource.existing('webhook') });
    const ids = home.node
      .findAll()
      .filter((construct) => construct instanceof Receiver)
      .map(({ node }) => node.id);
    expect(ids).toEqual(['home', 'home-images']);
    chartWith(home, 'apps');
    const receivers = objects(synth()['dist/clusters/home/flux/webhooks.k8s.yaml']);
    expect(receivers.map(({ metadata }) => metadata.name)).toEqual(['home']);
  });

  test('with a webhook, a push to the source and a pushed package are seen at once', () => {
    const { home, synth } = newCluster({ webhookToken: SecretSource.existing('webhook') });
    policyOf(home, 'hello');
    const spec = { type: 'github', secretRef: { name: 'webhook' } };
    const files = synth();
    expect(objects(files['dist/clusters/home/flux/webhooks.k8s.yaml']).map((receiver) => receiver.spec)).toMatchObject([
      { ...spec, events: ['ping', 'push'], resources: [{ kind: 'GitRepository', name: 'home' }] },
      { ...spec, events: ['ping', 'package'], resources: [{ kind: 'ImageRepository', name: 'hello' }] },
    ]);
    expect(files['dist/RUNBOOK.md']).toContain('get receivers');
    expect(files['dist/RUNBOOK.md']).toContain(
      '| [`git.example.com/platform/hello`](https://git.example.com/platform/-/packages/container/hello) | `main-<commit>-<unix time>` | `main-0000000-0` | `flux reconcile image repository hello --namespace flux-system` |',
    );
    expect(synth()).toEqual(files);
  });
});

describe('the runbook', () => {
  test('looks for a new image at its repository, and for a tag that moves at its policy too', () => {
    const { home, synth } = newCluster();
    const repository = new ImageRepository(home.images, 'scan', { registry, image: 'hello' });
    new ImagePolicy(repository, 'fixed', { repository, tags: TagPolicy.semver('1.x') });
    new ImagePolicy(repository, 'moving', { repository, tags: TagPolicy.newest('latest') });
    const row = (tags: string) =>
      synth()
        ['dist/RUNBOOK.md'].split('\n')
        .find((line) => line.includes(`${tags}\` | `));
    const scan = '`flux reconcile image repository scan --namespace flux-system`';
    expect(row('1.x')).toMatch(new RegExp(`${scan} \\|$`));
    expect(row('latest')).toContain(
      `${scan}<br>\`kubectl --namespace flux-system annotate imagepolicy moving reconcile.fluxcd.io/requestedAt="$(date +%s)" --overwrite\` |`,
    );
  });

  test('says how long Flux waits for a tag that cannot be pulled', () => {
    const { home, synth } = newCluster();
    policyOf(home, 'hello');
    expect(synth()['dist/RUNBOOK.md']).toContain('CancelHealthCheckOnNewRevision=true');
  });
});

describe('variables', () => {
  const substitution = Substitution.of({ values: { DOMAIN: 'example.com' } });

  test('are put where they are meant; other objects with ${ are left alone by Flux, or escaped', () => {
    const { home, synth } = newCluster({ substitution });
    const chart = new Chart(home, 'apps', { namespace: 'apps' });
    configMap(chart, 'both', { host: `git.${substitution.variable('DOMAIN')}`, script: 'echo "${HOME} $$ $1"' });
    configMap(chart, 'script', { script: 'echo ${HOME}' });
    configMap(chart, 'plain', { price: '5 $' });
    const files = synth();
    const [both, script, plain] = objects(files['dist/clusters/home/apps/apps.k8s.yaml']);
    expect(both.data).toEqual({ host: 'git.${DOMAIN}', script: 'echo "$${HOME} $$$$ $$1"' });
    expect(script).toMatchObject({
      metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } },
      data: { script: 'echo ${HOME}' },
    });
    expect(plain).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'plain', namespace: 'apps' },
      data: { price: '5 $' },
    });
    expect(kustomizations(files).map((k) => k.spec.postBuild)).toEqual([
      undefined,
      { substitute: { DOMAIN: 'example.com' } },
    ]);
  });

  test.each([
    ['71111111117', '${ACCOUNT}', "${_quote:='}${ACCOUNT}${_quote:='}"],
    ['true', '${ACCOUNT}', "${_quote:='}${ACCOUNT}${_quote:='}"],
    ['', '${ACCOUNT}', "${_quote:='}${ACCOUNT}${_quote:='}"],
    ["it's", '${ACCOUNT}', '${ACCOUNT}'],
    ["'x", '${ACCOUNT}', '${_quote:="}${ACCOUNT}${_quote:="}'],
    ['*', "${ACCOUNT}.example.com's", "${_quote:='}${ACCOUNT}.example.com''s${_quote:='}"],
    ['3', '1.${ACCOUNT}', "${_quote:='}1.${ACCOUNT}${_quote:='}"],
    ['3', 'v${ACCOUNT}', 'v${ACCOUNT}'],
    ['eu', '${ACCOUNT}', '${ACCOUNT}'],
  ])('keep a string a string: %p in %s', (value, text, written) => {
    const variables = Substitution.of({ values: { ACCOUNT: value } });
    const { home, synth } = newCluster({ substitution: variables });
    configMap(new Chart(home, 'apps', { namespace: 'apps' }), 'a', {
      account: text.replace('${ACCOUNT}', variables.variable('ACCOUNT')),
    });
    const [a] = objects(synth()['dist/clusters/home/apps/apps.k8s.yaml']);
    expect(a.data).toEqual({ account: written });
  });

  test('keep a string a string whose value only the cluster knows', () => {
    const variables = Substitution.of({ configMaps: ['settings'] });
    const { home, synth } = newCluster({ substitution: variables });
    const port = variables.variable('PORT');
    configMap(new Chart(home, 'apps', { namespace: 'apps' }), 'a', {
      port,
      version: `1.${port}`,
      flag: `tr${port}`,
      comment: `a ${port}`,
      host: `git.${port}`,
      mapping: `a: ${port}`,
    });
    const [a] = objects(synth()['dist/clusters/home/apps/apps.k8s.yaml']);
    expect(a.data).toEqual({
      port: "${_quote:='}${PORT}${_quote:='}",
      version: "${_quote:='}1.${PORT}${_quote:='}",
      flag: "${_quote:='}tr${PORT}${_quote:='}",
      comment: "${_quote:='}a ${PORT}${_quote:='}",
      host: 'git.${PORT}',
      mapping: 'a: ${PORT}',
    });
  });

  test('fail where a value would end the text, and where the cluster does not have the variable', () => {
    const problemCodes = (app: GitOpsApp) => ForgeError.problemsIn(() => app.synth(), '').map(({ code }) => code);
    const codes = (own: Substitution, text: string) => {
      const { app, home } = newCluster({ substitution: own });
      configMap(new Chart(home, 'apps', { namespace: 'apps' }), 'a', { text });
      return problemCodes(app);
    };
    const quotes = Substitution.of({ values: { A: '\'"' } });
    const other = Substitution.of({ values: { OTHER: 'x' } });
    const unknown = Substitution.of({ configMaps: ['settings'] });
    expect(codes(quotes, quotes.variable('A'))).toEqual(['FORGE-FLUX-024']);
    expect(codes(quotes, `a: ${quotes.variable('A')}`)).toEqual(['FORGE-FLUX-024']);
    expect(codes(quotes, `a${quotes.variable('A')}`)).toEqual([]);
    expect(codes(substitution, other.variable('OTHER'))).toEqual(['FORGE-FLUX-024']);
    expect(codes(unknown, other.variable('OTHER'))).toEqual([]);
  });

  test('leave a cluster without them untouched, and fail to be used there', () => {
    const { app, home, synth } = newCluster();
    const chart = new Chart(home, 'apps', { namespace: 'apps' });
    configMap(chart, 'script', { script: 'echo ${HOME}' });
    expect(synth()['dist/clusters/home/apps/apps.k8s.yaml']).not.toContain('annotations');
    configMap(chart, 'x', { host: substitution.variable('DOMAIN') });
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-024']);
  });
});

describe('a SOPS file', () => {
  const use = (home: Cluster) => {
    const chart = chartWith(home, 'apps');
    SecretSource.sops(fileOf(sopsObject({ metadata: { name: 'token', namespace: 'apps' } }))).provide(chart, {
      purpose: 'x',
      type: 'Opaque',
      keys: ['token'],
    });
  };

  test('goes byte for byte to the folder of its chart, whose Kustomization decrypts it', () => {
    const { home, synth } = newCluster({ decryption: SecretSource.existing('age') });
    use(home);
    const files = synth();
    expect(files['dist/clusters/home/apps/apps-token.sops.yaml']).toBe(
      stringify(sopsObject({ metadata: { name: 'token', namespace: 'apps' } })),
    );
    expect(kustomizations(files)[1].spec.decryption).toEqual({ provider: 'sops', secretRef: { name: 'age' } });
    expect(synth()).toEqual(files);
  });

  test('fails in a cluster without a key', () => {
    const { app, home } = newCluster();
    use(home);
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-023']);
    const other = newCluster({ decryption: SecretSource.existing('age') });
    use(other.home);
    accepts(() => other.synth());
  });
});

test('Secrets that are made for the cluster itself are there after a second synth too', () => {
  const store = SecretStore.cluster('vault');
  const { home, synth } = newCluster({
    webhookToken: SecretSource.externalSecret('webhook', { store, keys: { token: { key: 'webhook' } } }),
  });
  chartWith(home, 'apps');
  const files = synth();
  expect(files['dist/clusters/home/flux/webhooks.k8s.yaml']).toContain('kind: ExternalSecret');
  expect(synth()).toEqual(files);
});

describe('a Job named by its content', () => {
  const job = (scope: Construct, command: string, name = 'migrate') => {
    const object = new ApiObject(scope, name, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: { template: { spec: { containers: [{ name: 'a', image: 'alpine:3.22', command: [command] }] } } },
    });
    ContentName.mark(object);
    return object;
  };
  const nameOf = (command: string) => {
    const { home, synth } = newCluster();
    job(new Chart(home, 'apps', { namespace: 'apps' }), command);
    return objects(synth()['dist/clusters/home/apps/apps.k8s.yaml'])[0].metadata;
  };

  test('has another name when it does something else, and only then', () => {
    expect(nameOf('a').name).toMatch(/^migrate-[0-9a-f]{8}$/);
    expect(nameOf('a')).toEqual(nameOf('a'));
    expect(nameOf('b').name).not.toBe(nameOf('a').name);
    expect(nameOf('a')).not.toHaveProperty('annotations');
  });

  test('fails for a name that leaves no room, and for another kind', () => {
    const { app, home } = newCluster();
    const chart = new Chart(home, 'apps', { namespace: 'apps' });
    expect(codesOf(() => ContentName.mark(configMap(chart, 'x')))).toEqual(['FORGE-FLUX-029']);
    job(chart, 'a', 'i'.repeat(54));
    accepts(() => app.synth());
    job(chart, 'a', 'j'.repeat(55));
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-029']);
  });
});
