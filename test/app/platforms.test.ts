import { ApiObject, Chart, Duration, Size } from 'cdk8s';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import {
  Cluster,
  ExistingSource,
  GitRepository,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  Kustomization,
  SortOrder,
  SourceReference,
  TagPolicy,
} from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { PodServiceAccount, PodVariable, PodVolume, Storage, TaintEffect } from '../../lib/kube';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope, RunnerVersion, Scaling } from '../../lib/runner';
import { SecretSource, SecretStore } from '../../lib/secret';
import { readTree, temporaryFolder } from '../support/workspace';
import { accepts, foundCodes } from '../support/problems';

// What platforms have that people wrote by hand, said with the library and without a patch.

const forgejo = Forge.forgejo({ version: '15.0', url: 'https://git.example.com' });
const UUID = '01234567-89ab-4cde-8f01-23456789abcd';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, never>;
}

/** Returns the objects that a program of one cluster writes. */
function written(act: (home: Cluster, chart: Chart) => void): Manifest[] {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const source = Forge.github().repository('example/gitops');
  const home = new Cluster(app, 'home', { source, existingSource: ExistingSource.gitRepository() });
  act(home, new Chart(home, 'ci', { namespace: 'forgejo' }));
  app.synth();
  return Object.entries(readTree(folder))
    .filter(([name]) => name.endsWith('.k8s.yaml'))
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

function podOf(objects: Manifest[], kind: string): PodSpec {
  const { spec } = objects.find((object) => object.kind === kind)!;
  const template = (spec.jobTargetRef as { template: { spec: PodSpec } } | undefined)?.template ?? spec.template;
  return (template as { spec: PodSpec }).spec;
}

test('jobs in a toolchain image with the Docker daemon of their node, started by KEDA, from a mirror', () => {
  const store = SecretStore.cluster('openbao');
  const objects = written((_, chart) => {
    new Runner(chart, 'forgejo-runner', {
      forge: forgejo,
      scope: RunnerScope.instance(),
      registration: Registration.connection(UUID, SecretSource.existing('forgejo-runner-secret')),
      version: RunnerVersion.of('12.13.1'),
      image: 'harbor.example.com/code/forgejo/runner',
      scaling: Scaling.perJob({
        max: 6,
        min: 4,
        pollingInterval: Duration.seconds(15),
        apiToken: SecretSource.externalSecret('scaler', {
          store,
          keys: { token: { key: 'scaler', property: 'token' } },
        }),
      }),
      labels: [RunnerLabel.host('docker')],
      executor: Executor.host({
        jobImage: { image: 'harbor.example.com/lab/ci-runner:12.13.1', user: 1000, workdir: '/work' },
        imageHasNode: true,
      }),
      config: {
        cache: {
          externalServer: 'http://cache.forgejo.svc.cluster.local:8088/',
          externalSecret: SecretSource.existing('runner', { keys: { secret: 'cache-secret' } }),
        },
      },
      placement: {
        nodeSelector: { pool: 'worker' },
        tolerations: [{ key: 'dedicated', value: 'fringe', effect: TaintEffect.NO_SCHEDULE }],
      },
      pod: {
        imagePullSecrets: [SecretSource.existing('harbor')],
        serviceAccount: PodServiceAccount.withoutToken('runner'),
        env: { DOCKER_HOST: PodVariable.text('unix:///run/ci/docker.sock') },
        mounts: [{ volume: PodVolume.hostPath('docker', '/run/ci'), path: '/run/ci' }],
        security: { supplementalGroups: [999] },
      },
    });
  });
  const pod = podOf(objects, 'ScaledJob');
  expect(pod).toMatchObject({ imagePullSecrets: [{ name: 'harbor' }], serviceAccountName: 'runner' });
  expect(pod.containers[0].image).toBe('harbor.example.com/lab/ci-runner:12.13.1');
  expect(pod.containers[0].env).toContainEqual({ name: 'DOCKER_HOST', value: 'unix:///run/ci/docker.sock' });
  expect(JSON.stringify(pod.volumes)).toContain('"cache-secret"');
  expect(objects.find(({ kind }) => kind === 'ScaledJob')!.spec).toMatchObject({ minReplicaCount: 4 });
});

test('a runner in a node image as root, with a claim and hosts of its own', () => {
  const objects = written((_, chart) => {
    new Runner(chart, 'forgejo-runner', {
      forge: forgejo,
      scope: RunnerScope.instance(),
      registration: Registration.connection(UUID, SecretSource.existing('forgejo-runner-secret')),
      labels: [RunnerLabel.host('cluster')],
      executor: Executor.host({
        jobImage: { image: 'docker.io/library/node:24', user: 0, home: '/root' },
        imageHasNode: true,
        state: Storage.persistent(Size.gibibytes(2), 'local-path'),
      }),
      pod: { hostAliases: { 'git.example.com': '192.168.1.10' } },
    });
  });
  const pod = podOf(objects, 'StatefulSet');
  expect(pod.containers[0].env).toContainEqual({ name: 'HOME', value: '/root' });
  expect(pod.hostAliases).toEqual([{ ip: '192.168.1.10', hostnames: ['git.example.com'] }]);
});

test('one Kustomization for each application, after others that are not in the program', () => {
  const objects = written((_, chart) => {
    const source = new SourceReference(chart, 'source', {
      source: ExistingSource.gitRepository('flux-system', 'flux-system'),
    });
    const made = new Kustomization(chart, 'forgejo-runner', {
      source,
      path: './kubernetes/apps/forgejo/forgejo-runner/app',
      dependsOnExisting: [{ name: 'forgejo' }, { name: 'keda', namespace: 'keda' }],
      force: true,
      wait: false,
      targetNamespace: 'forgejo',
      commonMetadata: { labels: { a: 'b' } },
    });
    expect(ApiObject.isApiObject(made.apiObject)).toBe(true);
  });
  const runner = objects.find(({ metadata }) => metadata.name === 'forgejo-runner')!;
  expect(runner.spec).toMatchObject({
    sourceRef: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
    dependsOn: [{ name: 'forgejo' }, { name: 'keda', namespace: 'keda' }],
    targetNamespace: 'forgejo',
  });
});

test('an automation of one directory, which pushes over SSH', () => {
  const objects = written((_, chart) => {
    const source = new GitRepository(chart, 'gitops-write', {
      repository: Forge.github().repository('example/gitops'),
      url: 'ssh://git@github.com/example/gitops.git',
      credentials: SecretSource.existing('gitops-deploy-key'),
    });
    const registry = Registry.ghcr({ owner: 'example', credentials: SecretSource.existing('ghcr-pull') });
    const tags = TagPolicy.numeric({ pattern: '^main-[0-9a-f]+-b(?P<build>\\d+)$', initialTag: 'main-70d6e64-b67' });
    const repository = new ImageRepository(chart, 'stockpile-api', { registry, image: 'stockpile-api' });
    new ImagePolicy(repository, 'stockpile-api', { repository, tags });
    new ImageUpdateAutomation(chart, 'gitops', { source, path: './kubernetes/apps/batcave' });
  });
  const automation = objects.find(
    ({ kind, metadata }) => kind === 'ImageUpdateAutomation' && metadata.name === 'gitops',
  )!;
  expect(automation.spec.update).toEqual({ path: './kubernetes/apps/batcave', strategy: 'Setters' });
});

test.each<[string, () => TagPolicy, string, string]>([
  ['calver', () => TagPolicy.semver('>=2024.0.0'), '2024.12.1', 'latest'],
  ['LinuxServer builds', () => TagPolicy.semver('*-ls', { pattern: '.*-ls\\d+' }), '1.2.3-ls45', '1.2.3'],
  ['decimals', () => TagPolicy.numeric({ pattern: '^(?P<n>[0-9]+\\.[0-9]+)$' }), '17.4', '17'],
  ['dates as text', () => TagPolicy.alphabetical({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), '2026-11-28', 'latest'],
  ['leading zeros', () => TagPolicy.numeric({ pattern: '^b(?P<n>[0-9]+)$' }), 'b0042', 'b'],
  [
    'several groups',
    () => TagPolicy.numeric({ pattern: '^(?P<y>\\d{4})-(?P<m>\\d{2})-(?P<d>\\d{2})$', extract: '$y$m$d' }),
    '2026-11-28',
    '20261128',
  ],
  ['the smallest number', () => TagPolicy.numeric({ order: SortOrder.DESCENDING }), '7', 'v7'],
  ['prereleases', () => TagPolicy.semver('>=1.0.0-rc.0 <2.0.0-0'), '1.2.0-rc.1', '2.1.0'],
  ['releases by time', () => TagPolicy.alphabetical({ pattern: '^RELEASE\\..*Z$' }), 'RELEASE.2026-01-02T03Z', 'x'],
])('%s have a policy', (_, policy, selected, ignored) => {
  expect([policy().canSort(selected), policy().canSort(ignored)]).toEqual([true, false]);
});

test('an app that runs starts from its tag, whatever the policy', () => {
  const initialTag = 'main-70d6e64-1700000000';
  expect(TagPolicy.timestamped('main', { initialTag }).initialTag).toBe(initialTag);
  expect(TagPolicy.semver('1.x', { initialTag: '1.4.2' }).initialTag).toBe('1.4.2');
  expect(TagPolicy.numeric({ initialTag: '42' }).initialTag).toBe('42');
  expect(TagPolicy.alphabetical({ pattern: '^\\d{4}-\\d{2}$', initialTag: '2026-11' }).initialTag).toBe('2026-11');
});

test('commits have no order, and the error says the way out', () => {
  const sha = () => TagPolicy.alphabetical({ pattern: '^sha-[0-9a-f]{7}$' });
  expect(foundCodes(sha)).toEqual(['FORGE-FLUX-009']);
  expect(sha).toThrow(/TagPolicy\.timestamped\(\); or follow one tag with TagPolicy\.newest/);
  accepts(() => TagPolicy.alphabetical({ pattern: '^[0-9]{14}-[0-9a-f]{7}$' }));
});
