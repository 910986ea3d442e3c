import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, App, Chart, JsonPatch, Lazy, Testing, YamlOutputType } from 'cdk8s';
import { Construct } from 'constructs';
import { parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Cluster, ImagePolicy, ImageRepository, TagPolicy } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Layer } from '../../lib/kube';
import { OutputFile } from '../../lib/output';
import { Registry } from '../../lib/registry';
import { Findings, ForgeError } from '../../lib/support';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { readTree, temporaryFolder, writeTree } from '../support/workspace';

const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const registry = Registry.gitea(gitea, { owner: 'platform' });

/** An app in a folder of its own. */
function newApp(folder = temporaryFolder()) {
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  return { app, folder };
}

const configMap = (scope: Construct, id: string, data: Record<string, unknown> = {}) =>
  new ApiObject(scope, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id }, data });

const cluster = (app: Construct, id = 'home') => new Cluster(app, id, { source: gitea.repository('platform/gitops') });

function policy(scope: Cluster, id = 'hello') {
  const repository = new ImageRepository(scope.images, id, { registry, image: id });
  return new ImagePolicy(repository, id, { repository, tags: TagPolicy.timestamped() });
}

describe('what is written', () => {
  test('a chart goes to a file named after its path, whatever the charts around it depend on', () => {
    const { app, folder } = newApp();
    const charts = ['b', 'a'].map((id) => new Chart(app, id));
    charts.forEach((chart) => configMap(chart, `of-${chart.node.id}`));
    charts[0].addDependency(charts[1]);
    app.synth();
    expect(Object.keys(readTree(folder))).toEqual(['dist/.cdk8s-forge.json', 'dist/a.k8s.yaml', 'dist/b.k8s.yaml']);
  });

  test('a chart of a cluster goes to the folder of its layer, and each layer that holds something becomes a Kustomization after the one before', () => {
    const { app, folder } = newApp();
    const home = cluster(app);
    const charts = ['secrets', 'ci', 'web'].map((id) => new Chart(home, id, { namespace: id }));
    charts.forEach((chart) => configMap(chart, 'x'));
    Layer.SECRETS.mark(charts[0]);
    Layer.PLATFORM.mark(charts[1]);
    new Chart(home, 'empty');
    app.synth();
    const files = readTree(folder);
    expect(Object.keys(files)).toEqual([
      'dist/.cdk8s-forge.json',
      'dist/RUNBOOK.md',
      'dist/clusters/home/apps/web.k8s.yaml',
      'dist/clusters/home/flux/layers.k8s.yaml',
      'dist/clusters/home/flux/source.k8s.yaml',
      'dist/clusters/home/platform/ci.k8s.yaml',
      'dist/clusters/home/secrets/secrets.k8s.yaml',
      'dist/host/verify.sh',
    ]);
    const layers = parseAllDocuments(files['dist/clusters/home/flux/layers.k8s.yaml']).map((d) => d.toJSON());
    expect(
      layers.map((k) => [k.metadata.name, k.spec.path, (k.spec.dependsOn ?? []).map((d: { name: string }) => d.name)]),
    ).toEqual([
      ['home', './dist/clusters/home/flux', []],
      ['home-secrets', './dist/clusters/home/secrets', []],
      ['home-platform', './dist/clusters/home/platform', ['home-secrets']],
      ['home-apps', './dist/clusters/home/apps', ['home-platform']],
    ]);
  });

  test('synth twice writes nothing the second time, in one process or in two', () => {
    const { app, folder } = newApp();
    const build = (root: App) => {
      const home = cluster(root);
      configMap(new Chart(home, 'web', { namespace: 'web' }), 'x', { image: policy(home).image.reference });
    };
    build(app);
    app.synth();
    const before = readTree(folder);
    const times = Object.keys(before).map((file) => fs.statSync(path.join(folder, file)).mtimeMs);
    app.synth();
    const again = newApp(folder);
    build(again.app);
    again.app.synth();
    expect(readTree(folder)).toEqual(before);
    expect(Object.keys(before).map((file) => fs.statSync(path.join(folder, file)).mtimeMs)).toEqual(times);
  });

  test('a file whose chart is gone is removed, also when no CLI emptied the folder first', () => {
    const { app, folder } = newApp();
    ['a', 'b'].forEach((id) => configMap(new Chart(app, id), id));
    app.synth();
    writeTree(folder, { 'dist/theirs.txt': 'theirs' });
    const second = newApp(folder);
    configMap(new Chart(second.app, 'a'), 'a');
    second.app.synth();
    expect(Object.keys(readTree(folder))).toEqual(['dist/.cdk8s-forge.json', 'dist/a.k8s.yaml', 'dist/theirs.txt']);
  });

  test('keys are sorted below apiVersion, kind and metadata, whatever the environment says and a patch adds', () => {
    const { app } = newApp();
    const object = configMap(new Chart(app, 'c'), 'x', { b: '1', a: '2' });
    const sorted = app.synthYaml();
    expect(sorted).toBe('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: "2"\n  b: "1"\n');
    process.env.CDK8S_DISABLE_SORT = 'true';
    try {
      expect(app.synthYaml()).toBe(sorted);
    } finally {
      delete process.env.CDK8S_DISABLE_SORT;
    }
    expect(object.name).toBe('x');
  });

  test('an object of a kind without namespaces has none, and all others have that of their chart', () => {
    const { app, folder } = newApp();
    const chart = new Chart(app, 'web', { namespace: 'apps' });
    new ApiObject(chart, 'team', { apiVersion: 'v1', kind: 'Namespace', metadata: { labels: { a: 'b' } } });
    configMap(chart, 'x');
    new ApiObject(chart, 'disk', { apiVersion: 'longhorn.io/v1beta2', kind: 'Node', metadata: { name: 'one' } });
    new ApiObject(chart, 'fast', { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' } });
    app.synth();
    const written = parseAllDocuments(readTree(folder)['dist/web.k8s.yaml']).map((one) => one.toJS());
    const [team, settings, disk, fast] = written;
    expect([disk, fast].map(({ metadata }) => metadata.namespace)).toEqual(['apps', undefined]);
    expect(team.metadata).toEqual({ labels: { a: 'b' }, name: expect.stringMatching(/^web-team-/) });
    expect(settings.metadata.namespace).toBe('apps');
  });

  test("the caller's objects are not changed", () => {
    const { app } = newApp();
    const data = Object.freeze({ list: Object.freeze(['b', 'a']), map: Object.freeze({ z: '1', a: '2' }) });
    configMap(new Chart(app, 'c'), 'x', data as unknown as Record<string, unknown>);
    app.synthYaml();
    expect(data).toEqual({ list: ['b', 'a'], map: { z: '1', a: '2' } });
  });

  test('synthYaml holds the documents that synth writes, charts in dependency order', () => {
    const { app, folder } = newApp();
    const charts = ['late', 'early'].map((id) => new Chart(app, id));
    charts.forEach((chart) => configMap(chart, chart.node.id));
    charts[0].addDependency(charts[1]);
    const text = app.synthYaml();
    expect(fs.existsSync(path.join(folder, 'dist'))).toBe(false);
    app.synth();
    expect(text).toBe(
      ['early', 'late'].map((id) => fs.readFileSync(path.join(folder, `dist/${id}.k8s.yaml`), 'utf8')).join('---\n'),
    );
    expect(app.charts).toEqual([charts[1], charts[0]]);
  });

  test('files that are not manifests are written beside them', () => {
    const { app, folder } = newApp();
    new OutputFile(app, 'f', { path: 'host/laptop/setup.sh', content: '#!/bin/sh\n', executable: true });
    app.synth();
    expect(readTree(folder)['dist/host/laptop/setup.sh']).toBe('#!/bin/sh\n');
  });

  test('construct metadata is recorded when the CLI asks for it, for its validation plugins', () => {
    const folder = temporaryFolder();
    const app = new GitOpsApp({
      outdir: path.join(folder, 'dist'),
      imageLock: path.join(folder, 'images.yaml'),
      recordConstructMetadata: true,
    });
    configMap(new Chart(app, 'c'), 'x');
    app.synth();
    expect(JSON.parse(readTree(folder)['dist/construct-metadata.json'])).toEqual({
      version: '1.0.0',
      resources: { x: { path: 'c/x' } },
    });
  });

  test('each object is rendered once and each construct validated once', () => {
    const { app } = newApp();
    let rendered = 0;
    let validated = 0;
    const charts = Array.from({ length: 5 }, (_, i) => new Chart(app, `c${i}`));
    charts.forEach((chart) => {
      configMap(chart, `of-${chart.node.id}`, { value: Lazy.any({ produce: () => `${rendered++}` }) });
      chart.node.addValidation({
        validate: () => {
          validated++;
          return [];
        },
      });
    });
    app.synth();
    expect([rendered, validated]).toEqual([5, 5]);
  });

  test("cdk8s's own Testing.synth works on a chart of this app", () => {
    const { app } = newApp();
    const chart = new Chart(app, 'c');
    configMap(chart, 'x');
    expect(Testing.synth(chart)).toHaveLength(1);
  });
});

describe('what is refused, before anything is written', () => {
  function refused(build: (app: GitOpsApp) => void) {
    const { app, folder } = newApp();
    writeTree(folder, { 'dist/theirs.txt': 'x' });
    build(app);
    const problems = problemsOf(() => app.synth());
    expect(Object.keys(readTree(folder))).toEqual(['dist/theirs.txt']);
    expect(codesOf(() => app.synthYaml())).toEqual(problems.map((p) => p.code));
    return problems;
  }

  /** What is built in the same way, less what is wrong, is written. */
  function written(build: (app: GitOpsApp) => void) {
    const { app, folder } = newApp();
    build(app);
    app.synth();
    expect(fs.readdirSync(folder)).toContain('dist');
  }

  test.each([
    YamlOutputType.FILE_PER_APP,
    YamlOutputType.FILE_PER_RESOURCE,
    YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE,
  ])('output type %p', (yamlOutputType) => {
    expect(codesOf(() => new GitOpsApp({ yamlOutputType }))).toEqual(['FORGE-APP-002']);
    accepts(() => new GitOpsApp({ yamlOutputType: YamlOutputType.FILE_PER_CHART }));
  });

  test('everything that constructs say in their validation, with their paths, at once', () => {
    const problems = refused((app) => {
      const chart = new Chart(app, 'c');
      chart.node.addValidation({ validate: () => ['first', 'FORGE-ABC-123: second; fix: mend it'] });
      configMap(chart, 'x').node.addValidation({ validate: () => ['third'] });
    });
    expect(problems).toEqual([
      expect.objectContaining({ code: 'FORGE-APP-001', message: 'first', path: 'c' }),
      expect.objectContaining({ code: 'FORGE-ABC-123', message: 'second', fix: 'mend it', path: 'c' }),
      expect.objectContaining({ code: 'FORGE-APP-001', message: 'third', path: 'c/x' }),
    ]);
    accepts(() => written((app) => configMap(new Chart(app, 'c'), 'x').node.addValidation({ validate: () => [] })));
  });

  test('two objects of one group, kind, namespace and name in a cluster', () => {
    const [problem] = refused((app) => {
      const home = cluster(app);
      ['a', 'b'].forEach((id) => configMap(new Chart(home, id, { namespace: 'n' }), 'same'));
    });
    expect(problem).toMatchObject({ code: 'FORGE-APP-004', path: 'home/b/same' });
    expect(problem.message).toContain('home/a/same');
    accepts(() =>
      written((app) => {
        const home = cluster(app);
        ['a', 'b'].forEach((id) => configMap(new Chart(home, id, { namespace: id }), 'same'));
        configMap(new Chart(cluster(app, 'away'), 'a', { namespace: 'a' }), 'same');
      }),
    );
  });

  test.each([
    ['ClusterRole', 'rbac.authorization.k8s.io/v1', true],
    ['ClusterIssuer', 'cert-manager.io/v1', true],
    ['ClusterSecretStore', 'external-secrets.io/v1', true],
    ['FlowSchema', 'flowcontrol.apiserver.k8s.io/v1', true],
    ['Role', 'rbac.authorization.k8s.io/v1', false],
    ['Issuer', 'cert-manager.io/v1', false],
    ['SecretStore', 'external-secrets.io/v1', false],
  ])('two objects of one name in two namespaces, if the kind %s has no namespace', (kind, apiVersion, isOne) => {
    const { app } = newApp();
    ['a', 'b'].forEach((id) => {
      new ApiObject(new Chart(app, id, { namespace: id }), 'x', { apiVersion, kind, metadata: { name: 'same' } });
    });
    expect(ForgeError.problemsIn(() => app.synth()).map(({ code }) => code)).toEqual(isOne ? ['FORGE-APP-004'] : []);
  });

  test('but not the same object in two clusters', () => {
    const { app } = newApp();
    ['home', 'away'].forEach((id) => configMap(new Chart(cluster(app, id), 'a', { namespace: 'n' }), 'same'));
    expect(() => app.synth()).not.toThrow();
  });

  test('two charts with one file', () => {
    const [problem] = refused((app) => {
      const home = cluster(app);
      configMap(new Chart(home, 'a-b', { namespace: 'x' }), 'one');
      configMap(new Chart(new Chart(home, 'a'), 'b', { namespace: 'x' }), 'two');
    });
    expect(problem.code).toBe('FORGE-OUT-002');
    accepts(() =>
      written((app) => {
        const home = cluster(app);
        configMap(new Chart(home, 'ab', { namespace: 'x' }), 'one');
        configMap(new Chart(new Chart(home, 'a'), 'b', { namespace: 'x' }), 'two');
      }),
    );
  });

  test('an object without a name', () => {
    const problems = refused((app) => {
      configMap(new Chart(app, 'c'), 'x').addJsonPatch(
        JsonPatch.remove('/metadata/name'),
        JsonPatch.add('/metadata/generateName', 'x-'),
      );
    });
    expect(problems.map((p) => p.code)).toEqual(['FORGE-APP-005']);
    accepts(() =>
      written((app) =>
        configMap(new Chart(app, 'c'), 'x').addJsonPatch(
          JsonPatch.replace('/metadata/name', 'y'),
          JsonPatch.add('/metadata/generateName', 'x-'),
        ),
      ),
    );
  });

  test('an object that cannot be rendered, and the others are looked at all the same', () => {
    const problems = refused((app) => {
      const chart = new Chart(app, 'c');
      configMap(chart, 'x', { date: new Date(0) });
      configMap(chart, 'y', {
        lazy: Lazy.any({
          produce: () => {
            throw new Error('boom');
          },
        }),
      });
      configMap(chart, 'z', {
        lazy: Lazy.any({
          produce: () => {
            throw new ForgeError([
              { code: 'FORGE-ABC-001', message: 'two\n  fix: lines', allowed: 'a', fix: 'f', symptom: 's' },
              { code: 'FORGE-ABC-002', message: 'm', fix: 'f', path: 'c/elsewhere' },
            ]);
          },
        }),
        other: Lazy.any({
          produce: () => {
            throw ForgeError.of({ code: 'FORGE-ABC-003', message: 'm', fix: 'f' });
          },
        }),
      });
    });
    expect(problems.map((p) => [p.code, p.path])).toEqual([
      ['FORGE-APP-006', 'c/x'],
      ['FORGE-APP-006', 'c/y'],
      ['FORGE-ABC-001', 'c/z'],
      ['FORGE-ABC-002', 'c/elsewhere'],
      ['FORGE-ABC-003', 'c/z'],
    ]);
    accepts(() =>
      written((app) =>
        configMap(new Chart(app, 'c'), 'x', { date: '1970-01-01', lazy: Lazy.any({ produce: () => 'no boom' }) }),
      ),
    );
    expect(problems[1].message).toContain('boom');
    expect(problems[2]).toMatchObject({ message: 'two\n  fix: lines', allowed: 'a', fix: 'f', symptom: 's' });
  });

  test('resolvers of the program run before the lazy values of cdk8s, and their problems are carried too', () => {
    const folder = temporaryFolder();
    const app = new GitOpsApp({
      outdir: path.join(folder, 'dist'),
      imageLock: path.join(folder, 'images.yaml'),
      resolvers: [
        {
          resolve: (context) => {
            if (context.value === 'upper') {
              context.replaceValue('UPPER');
            }
            if (context.value === 'wrong') {
              throw ForgeError.of({ code: 'FORGE-ABC-001', message: 'm', fix: 'f' });
            }
          },
        },
      ],
    });
    const chart = new Chart(app, 'c');
    configMap(chart, 'x', { a: 'upper', b: Lazy.any({ produce: () => 'upper' }) });
    expect(app.synthYaml()).toContain('a: UPPER\n  b: UPPER\n');
    configMap(chart, 'y', { a: 'wrong' });
    expect(problemsOf(() => app.synthYaml())).toEqual([
      expect.objectContaining({ code: 'FORGE-ABC-001', path: 'c/y' }),
    ]);
  });

  test('constructs and charts that depend on each other in a circle', () => {
    const problems = refused((app) => {
      const [a, b] = ['a', 'b'].map((id) => new Chart(app, id));
      [a, b].forEach((chart) => configMap(chart, chart.node.id));
      a.addDependency(b);
      b.addDependency(a);
    });
    expect(problems.map((p) => p.code)).toEqual(['FORGE-APP-003']);
    accepts(() =>
      written((app) => {
        const [a, b, c] = ['a', 'b', 'c'].map((id) => new Chart(app, id));
        [a, b, c].forEach((chart) => configMap(chart, chart.node.id));
        a.addDependency(b);
        a.addDependency(c);
        b.addDependency(c);
      }),
    );
  });

  test('two policies of one name in two clusters: the lock could not tell them apart', () => {
    const [problem] = refused((app) => ['home', 'away'].forEach((id) => policy(cluster(app, id))));
    expect(problem.code).toBe('FORGE-APP-009');
    accepts(() => written((app) => ['home', 'away'].forEach((id) => policy(cluster(app, id), `of-${id}`))));
  });

  test('an image inside a longer text, and an image of another app', () => {
    const other = policy(cluster(new GitOpsApp()), 'other');
    const problems = refused((app) => {
      const home = cluster(app);
      const chart = new Chart(home, 'web', { namespace: 'web' });
      configMap(chart, 'x', { env: `IMAGE=${policy(home).image.reference}` });
      configMap(chart, 'y', { image: other.image.reference });
    });
    expect(problems.map((p) => [p.code, p.path])).toEqual([
      ['FORGE-APP-008', 'home/web/x'],
      ['FORGE-APP-007', 'home/web/y'],
    ]);
    accepts(() =>
      written((app) => {
        const home = cluster(app);
        configMap(new Chart(home, 'web', { namespace: 'web' }), 'x', { image: policy(home).image.reference });
      }),
    );
  });

  test('a file in the way that somebody else wrote', () => {
    const { app, folder } = newApp();
    writeTree(folder, { 'dist/c.k8s.yaml': 'theirs' });
    configMap(new Chart(app, 'c'), 'x');
    expect(codesOf(() => app.synth())).toEqual(['FORGE-OUT-003']);
    fs.renameSync(path.join(folder, 'dist/c.k8s.yaml'), path.join(folder, 'dist/theirs.yaml'));
    accepts(() => app.synth());
    expect(readTree(folder)['dist/theirs.yaml']).toBe('theirs');
  });

  test('a malformed lock, together with everything else that is wrong', () => {
    const { app, folder } = newApp();
    writeTree(folder, { 'images.yaml': 'images: []\n' });
    new Chart(app, 'c').node.addValidation({ validate: () => ['first'] });
    expect(codesOf(() => app.synth())).toEqual(['FORGE-APP-001', 'FORGE-LOCK-002']);
    expect(readTree(folder)).toEqual({ 'images.yaml': 'images: []\n' });
  });
});

describe('where the output goes', () => {
  const inFolder = (outdir: string, imageLock: string) => {
    const folder = temporaryFolder();
    return new GitOpsApp({ outdir: path.join(folder, outdir), imageLock: path.join(folder, imageLock) });
  };

  test('an image lock in the output directory is refused, and one beside it is not', () => {
    expect(codesOf(() => inFolder('dist', 'dist/images.yaml'))).toEqual(['FORGE-APP-014']);
    expect(codesOf(() => inFolder('', 'images.yaml'))).toEqual(['FORGE-APP-014']);
    expect(() => inFolder('dist', 'dist.yaml')).not.toThrow();
    expect(() => inFolder('dist', '../images.yaml')).not.toThrow();
    expect(new GitOpsApp({ outdir: '' }).outdir).toBe('dist');
  });

  test('a Git directory is no place for output or image lock, and one that only looks like it is', () => {
    expect(codesOf(() => inFolder('.git', 'images.yaml'))).toEqual(['FORGE-APP-020']);
    expect(codesOf(() => inFolder('.GIT/dist', 'images.yaml'))).toEqual(['FORGE-APP-020']);
    expect(codesOf(() => inFolder('dist', 'sub/.git/images.yaml'))).toEqual(['FORGE-APP-020']);
    expect(() => inFolder('.github', '.gitops/images.yaml')).not.toThrow();
  });

  test('a cluster reads the directory that the app writes, and must not contradict it', () => {
    const app = inFolder('out/flux', 'images.yaml');
    expect(cluster(app).entryPath).toBe('out/flux/clusters/home/flux');
    expect(cluster(new GitOpsApp({ outdir: temporaryFolder() })).entryPath).toBe('dist/clusters/home/flux');
    new Cluster(app, 'away', { source: gitea.repository('platform/gitops'), outputPath: 'dist' });
    expect(codesOf(() => app.synth())).toEqual(['FORGE-APP-016']);
  });

  test('a chart in no cluster is reported once there is a cluster, unless it is accepted', () => {
    const app = inFolder('dist', 'images.yaml');
    const chart = new Chart(app, 'stray');
    configMap(chart, 'x');
    expect(() => app.synthYaml()).not.toThrow();
    cluster(app);
    expect(codesOf(() => app.synthYaml())).toEqual(['FORGE-APP-015']);
    Findings.of(chart).acknowledge('FORGE-APP-015', 'applied by hand');
    expect(() => app.synthYaml()).not.toThrow();
  });

  test('a plain cdk8s App is refused, whatever it would write wrongly', () => {
    const app = new App({ outdir: temporaryFolder() });
    policy(cluster(app));
    new OutputFile(app, 'f', { path: 'a.txt', content: 'x' });
    expect(() => app.synth()).toThrow(/FORGE-APP-013.*GitOpsApp/s);
    const plain = new App({ outdir: temporaryFolder() });
    configMap(new Chart(plain, 'c'), 'x');
    expect(() => plain.synth()).not.toThrow();
  });

  test('the plan lists clusters, secrets, checks and acknowledgements, and no version', () => {
    const folder = temporaryFolder();
    const { app } = newApp(folder);
    const home = cluster(app);
    const web = new Chart(home, 'web', { namespace: 'web' });
    configMap(web, 'x', { image: policy(home).image.reference });
    Findings.of(web).acknowledge('FORGE-ABC-001', 'because');
    app.synth();
    const text = readTree(folder)['dist/.cdk8s-forge.json'];
    const plan = JSON.parse(text);
    expect(plan).toMatchObject({
      version: 1,
      clusters: [{ name: 'home', namespace: 'flux-system', entry: 'dist/clusters/home/flux', layers: ['apps'] }],
      acknowledgements: [{ code: 'FORGE-ABC-001', reason: 'because', path: 'home/web' }],
      secrets: [{ name: 'flux-system', namespace: 'flux-system', home: 'kubernetes' }],
    });
    expect(plan.checks[0]).toMatchObject({ run: expect.any(Array), expect: { exitCode: 0 } });
    // The tag of the first synth is part of the program; the tag that Flux has chosen is not.
    expect(plan.images).toEqual([{ policy: expect.stringMatching(/^flux-system:/), initialTag: 'main-0000000-0' }]);
    const lock = path.join(folder, 'images.yaml');
    fs.writeFileSync(lock, fs.readFileSync(lock, 'utf8').replaceAll('main-0000000-0', 'main-1234567-1700000000'));
    app.synth();
    expect(readTree(folder)['images.yaml']).toContain('main-1234567-1700000000');
    expect(readTree(folder)['dist/.cdk8s-forge.json']).toBe(text);
  });
});

describe('the image lock', () => {
  const build = (app: GitOpsApp) => {
    const home = cluster(app);
    const { image } = policy(home);
    configMap(new Chart(home, 'web', { namespace: 'web' }), 'x', {
      reference: image.reference,
      tag: image.tag,
      name: image.name,
    });
  };

  test('is not written for an app without managed images', () => {
    const { app, folder } = newApp();
    configMap(new Chart(app, 'c'), 'x');
    app.synth();
    expect(readTree(folder)).not.toHaveProperty('images.yaml');
  });

  test('decides what stands in the manifests, marked for Flux', () => {
    const { app, folder } = newApp();
    writeTree(folder, { 'images.yaml': 'images:\n  flux-system:hello:\n    tag: main-abcdef0-7\n' });
    build(app);
    app.synth();
    expect(readTree(folder)['dist/clusters/home/apps/web.k8s.yaml']).toBe(
      [
        'apiVersion: v1',
        'kind: ConfigMap',
        'metadata:',
        '  name: x',
        '  namespace: web',
        'data:',
        '  name: "git.example.com/platform/hello" # {"$imagepolicy": "flux-system:hello:name"}',
        '  reference: "git.example.com/platform/hello:main-abcdef0-7" # {"$imagepolicy": "flux-system:hello"}',
        '  tag: "main-abcdef0-7" # {"$imagepolicy": "flux-system:hello:tag"}',
        '',
      ].join('\n'),
    );
  });

  test('keeps what Flux wrote: after an update of every marked value, synth changes nothing', () => {
    const { app, folder } = newApp();
    build(app);
    app.synth();
    const updated = Object.fromEntries(
      Object.entries(readTree(folder)).map(([file, text]) => [
        file,
        file.endsWith('.yaml') ? text.replaceAll('main-0000000-0', 'main-1234567-99') : text,
      ]),
    );
    writeTree(folder, updated);
    const next = newApp(folder);
    build(next.app);
    next.app.synth();
    expect(readTree(folder)).toEqual(updated);
    expect(updated['images.yaml']).toContain('main-1234567-99');
  });
});
