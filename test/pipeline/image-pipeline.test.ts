import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { parse, parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Builder, Buildkitd } from '../../lib/buildkit';
import { Cluster, ClusterProps } from '../../lib/flux';
import { EVERY_CAPABILITY, Forge } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { ImagePipeline, ImagePipelineProps, Tags } from '../../lib/pipeline';
import { Versioning } from '../../lib/recipe';
import { Endpoint, Registry } from '../../lib/registry';
import { Executor, IRunner, Registration, Runner, RunnerLabel, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { accepts, codesOf, foundCodes } from '../support/problems';
import { readTree, temporaryFolder, writeTree } from '../support/workspace';

const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
const registry = Registry.gitea(gitea, {
  owner: 'platform',
  push: Endpoint.http('gitea-http.gitea.svc.cluster.local:3000'),
  pull: Endpoint.https('git.example.com'),
  credentials: SecretSource.existing('registry-credentials'),
});

/** A runner with Docker that another program declares. */
const RUNNER: IRunner = {
  labels: [RunnerLabel.host('docker')],
  jobLabels: ['docker'],
  description: 'a runner with Docker',
  capabilities: EVERY_CAPABILITY,
  canRunJobsOf: () => true,
};

function platform(scope = RunnerScope.instance(), clusterProps: Partial<ClusterProps> = {}) {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops'), ...clusterProps });
  const ci = new Chart(home, 'ci', { namespace: 'gitea' });
  const builder = new Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  const runner = new Runner(ci, 'runner', {
    forge: gitea,
    scope,
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder }),
  });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  const pipeline = (props: Partial<ImagePipelineProps> = {}, id = 'hello-app') =>
    new ImagePipeline(apps, id, {
      repository: gitea.repository('platform/hello'),
      registry,
      builder,
      runner,
      ...props,
    });
  const synth = () => {
    app.synth();
    return readTree(folder);
  };
  return { folder, app, ci, apps, builder, runner, pipeline, synth };
}

test('joins all parts: workflow, scan, policy, lock and the marked reference name one image', () => {
  const { apps, pipeline, synth } = platform();
  new Deployment(apps, 'hello', { containers: [{ image: pipeline().image.reference }] });
  const files = synth();
  expect(files['dist/repositories/platform/hello/.gitea/workflows/hello-app.yml']).toContain(
    'IMAGE: gitea-http.gitea.svc.cluster.local:3000/platform/hello-app',
  );
  expect(files['dist/clusters/home/flux/images.k8s.yaml']).toContain('image: git.example.com/platform/hello-app\n');
  expect(files['dist/clusters/home/apps/apps.k8s.yaml']).toContain(
    'image: "git.example.com/platform/hello-app:main-0000000-0" # {"$imagepolicy": "flux-system:hello-app"}',
  );
  expect(files['images.yaml']).toContain(
    'flux-system:hello-app:\n    tag: "main-0000000-0" # {"$imagepolicy": "flux-system:hello-app:tag"}\n    output: dist/clusters/home',
  );
});

test('lets the pods of its namespace pull, and no pod needs to say so', () => {
  const { pipeline, synth } = platform();
  ['one', 'two'].forEach((id) => pipeline({}, id));
  const accounts = parseAllDocuments(synth()['dist/clusters/home/apps/apps.k8s.yaml'])
    .map((d) => d.toJSON())
    .filter((o) => o.kind === 'ServiceAccount');
  expect(accounts).toEqual([
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: 'default',
        namespace: 'apps',
        annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Merge', 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
      },
      imagePullSecrets: [{ name: 'registry-credentials' }],
    },
  ]);
});

test('makes no account for a registry that is pulled from without credentials', () => {
  const { pipeline, synth, builder, ci } = platform();
  const open = Registry.oci({ owner: 'team', pull: Endpoint.https('registry.example.com') });
  pipeline({ registry: open });
  expect(synth()).not.toHaveProperty(['dist/clusters/home/apps/apps.k8s.yaml']);
  expect([builder.name, ci.node.id]).toEqual(['buildkitd', 'ci']);
});

test('tells the operator what to have: namespaces, secrets of the cluster, secrets of the workflows', () => {
  const { pipeline, synth } = platform();
  pipeline();
  const text = synth()['dist/RUNBOOK.md'];
  expect(text).toContain('kubectl label namespace gitea pod-security.kubernetes.io/enforce=privileged --overwrite');
  expect(text).toContain('| `apps/registry-credentials` | `kubernetes.io/dockerconfigjson` |');
  expect(text).toMatch(/`platform\/REGISTRY_TOKEN`.*`write:package`/);
  expect(text).not.toContain('create namespace flux-system');
});

test('another Dockerfile is a difference of one line', () => {
  const render = (dockerfile: string) => {
    const { pipeline, synth } = platform();
    pipeline({ dockerfile });
    return Object.values(synth()).join('').split('\n');
  };
  const [before, after] = [render('Dockerfile'), render('docker/Dockerfile')];
  expect(after.filter((line) => !before.includes(line))).toEqual(['          DOCKERFILE: docker/Dockerfile']);
  expect(after).toHaveLength(before.length);
});

test('many pipelines share a cluster', () => {
  const { pipeline, synth } = platform();
  ['one', 'two', 'three'].forEach((id) => pipeline({}, id));
  expect(synth()['images.yaml'].match(/tag:/g)).toHaveLength(3);
});

describe('fails', () => {
  test('when the runner takes no jobs of the repository', () => {
    expect(codesOf(() => platform(RunnerScope.organization('others')).pipeline())).toEqual(['FORGE-PIPE-001']);
    expect(codesOf(() => platform(RunnerScope.repository(gitea.repository('platform/other'))).pipeline())).toEqual([
      'FORGE-PIPE-001',
    ]);
    expect(platform(RunnerScope.organization('platform')).pipeline().image.policy).toBe('flux-system:hello-app');
  });

  test('when the runner belongs to another forge', () => {
    const elsewhere = Forge.gitea({ version: '1.26', url: 'https://other.example.com' });
    expect(codesOf(() => platform().pipeline({ repository: elsewhere.repository('platform/hello') }))).toEqual([
      'FORGE-PIPE-001',
    ]);
    accepts(() => platform().pipeline({ repository: gitea.repository('platform/hello') }));
  });

  test("when the runner's jobs do not know the builder", () => {
    const { ci, pipeline } = platform();
    const other = new Buildkitd(ci, 'other', {
      registries: [registry],
      storage: Storage.persistent(Size.gibibytes(50)),
    });
    expect(codesOf(() => pipeline({ builder: other }))).toEqual(['FORGE-PIPE-002']);
    accepts(() => pipeline({}, 'second'));
  });

  test('when the builder does not know a registry that needs more than public TLS', () => {
    const other = Registry.gitea(gitea, {
      owner: 'platform',
      push: Endpoint.http('other.gitea.svc.cluster.local:3000'),
    });
    expect(codesOf(() => platform().pipeline({ registry: other }))).toEqual(['FORGE-PIPE-004']);
    const open = Registry.gitea(gitea, { owner: 'platform', push: Endpoint.https('git.example.com') });
    accepts(() => platform().pipeline({ registry: open }));
  });

  test('when nodes cannot reach what they would pull from', () => {
    const inside = Registry.gitea(gitea, {
      owner: 'platform',
      pull: Endpoint.http('gitea-http.gitea.svc.cluster.local:3000'),
    });
    expect(codesOf(() => platform().pipeline({ registry: inside }))).toEqual(expect.arrayContaining(['FORGE-REG-006']));
    const outside = Registry.gitea(gitea, { owner: 'platform', pull: Endpoint.https('git.example.com') });
    expect(foundCodes(() => platform().pipeline({ registry: outside }))).toEqual([]);
  });

  test.each(['../Dockerfile', '/Dockerfile', 'a//b', 'a b', '', 'a/../b', 'x;y', '$(x)', '-x/../y'])(
    'for the Dockerfile %p',
    (dockerfile) => {
      expect(codesOf(() => platform().pipeline({ dockerfile }))).toEqual(['FORGE-PIPE-003']);
      expect(() =>
        ['Dockerfile', 'a/b.Dockerfile', 'a-b/Containerfile'].map((good) => platform().pipeline({ dockerfile: good })),
      ).not.toThrow();
    },
  );
});

test('the builder is the one of the runner, and there must be one', () => {
  const { pipeline, synth, builder, ci } = platform();
  pipeline({ builder: undefined });
  expect(synth()['dist/repositories/platform/hello/.gitea/workflows/hello-app.yml']).toContain(
    `BUILDKIT_HOST: ${builder.connection.environment.BUILDKIT_HOST}`,
  );
  const bare = new Runner(ci, 'bare', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host(),
  });
  expect(codesOf(() => pipeline({ runner: bare, builder: undefined }, 'bare'))).toEqual(['FORGE-PIPE-002']);
});

test('a workload of the same chart can have the same id', () => {
  const { apps, pipeline, synth } = platform();
  const hello = pipeline({}, 'hello');
  new Deployment(apps, 'hello', { containers: [{ image: hello.image.reference }] });
  expect(synth()['dist/clusters/home/apps/apps.k8s.yaml']).toContain('{"$imagepolicy": "flux-system:hello"}');
});

test('so can a workload that is created first, also in an app that collects errors; a second pipeline cannot', () => {
  const folder = temporaryFolder();
  const app = new GitOpsApp({
    outdir: path.join(folder, 'dist'),
    imageLock: path.join(folder, 'images.yaml'),
    collectErrors: true,
  });
  const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  new Deployment(apps, 'hello', { containers: [{ image: 'registry.example.com/hello:1' }] });
  const props = { repository: gitea.repository('platform/hello'), registry, runner: RUNNER, builder: Builder.buildx() };
  new ImagePipeline(apps, 'hello', props);
  accepts(() => app.synth());
  new ImagePipeline(apps, 'hello', { ...props, policyName: 'other' });
  expect(codesOf(() => app.synth())).toEqual(['FORGE-ARG-003']);
});

test('names of image, Flux objects and workflow are apart from the id', () => {
  const { pipeline, synth } = platform();
  pipeline({ image: 'team/web', policyName: 'web', workflowName: 'Build web', workflowFileName: 'web.yml' }, 'one');
  const files = synth();
  expect(files['dist/repositories/platform/hello/.gitea/workflows/web.yml']).toMatch(
    /name: Build web[^]*\/team\/web\n/,
  );
  expect(files['images.yaml']).toContain('flux-system:web:');
});

test('two pipelines of one id in two charts: an error that says how to tell them apart, or both', () => {
  const { app, pipeline, synth, builder, runner } = platform();
  const home = app.node.findChild('home');
  const other = new Chart(home, 'other', { namespace: 'other' });
  pipeline({}, 'web');
  const props = { repository: gitea.repository('platform/other'), registry, builder, runner };
  expect(codesOf(() => new ImagePipeline(other, 'web', props))).toEqual(['FORGE-PIPE-005']);
  expect(codesOf(() => new ImagePipeline(other, 'none', { ...props, policyName: '' }))).toEqual(['FORGE-PIPE-005']);
  const named = { ...props, image: 'other-web', policyName: 'other-web' };
  new ImagePipeline(new Chart(home, 'third', { namespace: 'third' }), 'web', named);
  expect(synth()['images.yaml']).toContain('flux-system:other-web:');
});

describe('two pipelines of one image', () => {
  const two = (one: Partial<ImagePipelineProps>, other: Partial<ImagePipelineProps>) => {
    const { pipeline } = platform();
    pipeline({ image: 'web', ...one }, 'one');
    return () => pipeline({ image: 'web', ...other }, 'other');
  };

  test.each<[string, Partial<ImagePipelineProps>, Partial<ImagePipelineProps>]>([
    ['one branch', {}, {}],
    ['branches that are one in tags', { branch: 'feature/x' }, { branch: 'feature-x' }],
    ['versions', { tags: Tags.semver(Versioning.fromTag()) }, { tags: Tags.calver(), branch: 'other' }],
  ])('with %s push tags that Flux cannot tell apart', (_, one, other) => {
    expect(codesOf(two(one, other))).toEqual(['FORGE-PIPE-012']);
    accepts(two({ branch: 'feature/x' }, { branch: 'feature/y' }), two({}, { branch: 'other' }));
  });

  test.each<[string, Partial<ImagePipelineProps>, Partial<ImagePipelineProps>]>([
    ['other branches', { branch: 'main' }, { branch: 'next' }],
    ['another form of tags', {}, { tags: Tags.buildNumber() }],
    ['another image', {}, { image: 'web-2' }],
  ])('with %s are two sequences', (_, one, other) => {
    expect(two(one, other)).not.toThrow();
  });
});

describe('sources in the GitOps repository itself', () => {
  const source = gitea.repository('platform/hello');
  const FILE = '.gitea/workflows/hello-app.yml';
  const pathsOf = (text: string) => parse(text).on.push.paths;

  test('the workflow is a file of this repository, and a commit of Flux starts no build', () => {
    const { folder, app, pipeline, synth } = platform(RunnerScope.instance(), { source });
    const { image } = pipeline();
    (app.node.findChild('home') as Cluster).adopt('k8s/hello.yaml', image);
    writeTree(folder, {
      'k8s/hello.yaml': 'kind: Pod\nspec:\n  containers:\n    - image: git.example.com/platform/hello-app:1\n',
    });
    const files = synth();
    expect(pathsOf(files[FILE])).toEqual(['**', '!dist/**', '!images.yaml', '!k8s/hello.yaml']);
    expect(files).not.toHaveProperty([`dist/repositories/platform/hello/${FILE}`]);
  });

  test('a context limits what starts a build, with the shared files and the workflow itself', () => {
    const { pipeline, synth } = platform(RunnerScope.instance(), { source });
    pipeline({ context: 'services/web', sharedPaths: ['go.sum'] });
    expect(pathsOf(synth()[FILE])).toEqual(['services/web/**', 'go.sum', FILE, '!dist/**', '!images.yaml']);
  });

  test('another repository has no filter unless its images have contexts', () => {
    const { pipeline, synth } = platform();
    pipeline();
    pipeline({ context: './web' }, 'web');
    const files = synth();
    const at = (name: string) => files[`dist/repositories/platform/hello/.gitea/workflows/${name}.yml`];
    expect(pathsOf(at('hello-app'))).toBeUndefined();
    expect(pathsOf(at('web'))).toEqual(['web/**', '.gitea/workflows/web.yml']);
  });
});
