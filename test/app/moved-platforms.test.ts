import { Chart, Duration, Size } from 'cdk8s';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { BuildkitMode, BuildkitPlatforms, BuildkitTopology } from '../../lib/buildkit';
import {
  Cluster,
  ClusterKustomizations,
  ExistingSource,
  GitRepository,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  TagPolicy,
} from '../../lib/flux';
import { Forge } from '../../lib/forge';
import {
  Architecture,
  ManagedNamespace,
  PodGroup,
  PodManagement,
  PodServiceAccount,
  Storage,
  TaintEffect,
  WorkloadController,
} from '../../lib/kube';
import { Registry } from '../../lib/registry';
import {
  Executor,
  HostedRunner,
  PrivilegedDockerDaemon,
  Registration,
  Runner,
  RunnerCacheServer,
  RunnerLabel,
  RunnerScope,
  RunnerVersion,
  Scaling,
} from '../../lib/runner';
import { SecretSource, SecretStore } from '../../lib/secret';
import { Step, Trigger, Workflow } from '../../lib/workflow';
import { readTree, temporaryFolder, writeTree } from '../support/workspace';

// Platforms that run, moved whole: what their operators wrote by hand is said, with the names that are there, and nothing is patched.

const UUID = '01234567-89ab-4cde-8f01-23456789abc';
const gitops = Forge.github().repository('example/gitops');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Record<string, never>;
}

interface Moved {
  readonly files: Record<string, string>;
  readonly objects: Manifest[];
  find(kind: string, name: string): Manifest;
  pod(kind: string, name: string): PodSpec;
}

/** Synthesizes a program in a repository that has Flux and files of its own. */
function moved(
  act: (home: Cluster, chart: (namespace: string) => Chart) => void,
  there: Record<string, string> = {},
): Moved {
  const folder = temporaryFolder();
  writeTree(folder, there);
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const home = new Cluster(app, 'home', {
    source: gitops,
    existingSource: ExistingSource.gitRepository('flux-system'),
    kustomizations: ClusterKustomizations.existing('apps'),
  });
  act(home, (namespace) => new Chart(home, namespace, { namespace }));
  app.synth();
  const files = readTree(folder);
  const objects = Object.entries(files)
    .filter(([name]) => name.endsWith('.k8s.yaml'))
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
  const find = (kind: string, name: string) => {
    const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
    expect([kind, name, found === undefined]).toEqual([kind, name, false]);
    return found!;
  };
  const pod = (kind: string, name: string) => {
    const { spec } = find(kind, name);
    const template = (spec.jobTargetRef as { template: object } | undefined)?.template ?? spec.template;
    return (template as unknown as { spec: PodSpec }).spec;
  };
  return { files, objects, find, pod };
}

test('Forgejo: a warm pool by KEDA on the Docker daemons of the nodes, agents beside a daemon, one cache', () => {
  const forgejo = Forge.forgejo({
    version: '15.0',
    url: 'https://git.example.com',
    internalUrl: 'http://forgejo-http.forgejo.svc.cluster.local:3000',
  });
  const { pod, find, objects } = moved((_, chart) => {
    const ci = chart('forgejo');
    const placement = {
      nodeSelector: { 'node.example.com/pool': 'worker' },
      tolerations: [{ key: 'dedicated', value: 'fringe', effect: TaintEffect.NO_SCHEDULE }],
    };
    const image = 'harbor.example.com/dockerhub/library/docker:29.9.0-dind';
    const docker = new PrivilegedDockerDaemon(ci, 'docker', {
      image,
      dataDirectory: '/var/lib/ci-docker',
      socketDirectory: '/run/ci-docker',
      placement,
      workload: { name: 'ci-dind', selectorLabels: { app: 'ci-dind' } },
    });
    const server = new RunnerCacheServer(ci, 'cache', {
      forge: forgejo,
      secret: SecretSource.existing('forgejo-runner-cache', { keys: { secret: 'cache-secret' } }),
      storage: Storage.existingClaim('forgejo-cache'),
      workload: {
        name: 'forgejo-cache-server',
        controller: WorkloadController.DEPLOYMENT,
        selectorLabels: { app: 'forgejo-cache-server' },
      },
    });
    const store = SecretStore.cluster('openbao');
    const apiToken = SecretSource.externalSecret('forgejo-runner-scaler-token', {
      store,
      keys: { token: { key: 'forgejo/runner-scaler', property: 'token' } },
    });
    const shared = { forge: forgejo, scope: RunnerScope.instance(), image: 'harbor.example.com/code/forgejo/runner' };
    const version = RunnerVersion.of('12.13.1');
    new Runner(ci, 'forgejo-runner', {
      ...shared,
      version,
      registration: Registration.connection(`${UUID}d`, SecretSource.existing('forgejo-runner-secret')),
      labels: [RunnerLabel.host('docker')],
      executor: Executor.host({
        docker: docker.endpoint,
        imageHasNode: true,
        jobImage: { image: 'harbor.example.com/lab/ci-runner:12.13.1', user: 1000 },
        work: Storage.ephemeral(Size.gibibytes(10)),
      }),
      scaling: Scaling.perJob({ max: 6, min: 4, pollingInterval: Duration.seconds(15), apiToken }),
      config: { timeout: Duration.hours(1), cache: { server } },
      placement,
      pod: {
        imagePullSecrets: [SecretSource.existing('harbor')],
        serviceAccount: PodServiceAccount.withoutToken('runner'),
      },
    });
    new Runner(ci, 'forgejo-agent-runner', {
      ...shared,
      version,
      registration: Registration.connection(`${UUID}e`, SecretSource.existing('forgejo-agent-runner-secret')),
      labels: [RunnerLabel.host('agent')],
      executor: Executor.docker({ layers: Storage.ephemeral(Size.gibibytes(40)), daemonImage: image }),
      scaling: Scaling.perJob({ max: 2, apiToken: SecretSource.existing('forgejo-runner-scaler-token-2') }),
      config: { timeout: Duration.hours(6), cache: { enabled: false }, container: { validVolumes: ['**'] } },
    });
  });
  const runner = pod('ScaledJob', 'forgejo-runner');
  expect(runner.containers[0].env).toContainEqual({ name: 'DOCKER_HOST', value: 'unix:///run/ci-docker/docker.sock' });
  expect(runner.nodeSelector).toEqual({ 'node.example.com/pool': 'worker' });
  expect(find('ScaledJob', 'forgejo-runner').spec).toMatchObject({ minReplicaCount: 4, maxReplicaCount: 6 });
  expect(pod('Deployment', 'forgejo-cache-server').volumes).toContainEqual({
    name: 'data',
    persistentVolumeClaim: { claimName: 'forgejo-cache' },
  });
  expect(pod('ScaledJob', 'forgejo-agent-runner').initContainers!.map(({ name }) => name)).toEqual(['docker']);
  // No Service, no claim and no second daemon that were not there before.
  const kinds = objects.filter(({ metadata }) => metadata.namespace === 'forgejo').map(({ kind }) => kind);
  expect(kinds.filter((kind) => ['Service', 'DaemonSet', 'PersistentVolumeClaim'].includes(kind)).sort()).toEqual([
    'DaemonSet',
    'Service',
  ]);
});

test('Gitea: runners with Docker and builders, one for each architecture, in place', () => {
  const gitea = Forge.gitea({ version: '1.25', url: 'https://git.example.com' });
  const gpu = [{ key: 'workload-type', value: 'gpu-inference', effect: TaintEffect.NO_SCHEDULE }];
  const registry = Registry.gitea(gitea, { owner: 'example', credentials: SecretSource.existing('registry') });
  const { find, pod } = moved((_, chart) => {
    for (const { name, host, memory } of [
      { name: 'general', host: 'vulkan', memory: 16 },
      { name: 'arm-builder', host: 'mars', memory: 64 },
    ]) {
      const namespace = `gitea-actions-${name}`;
      const labels = { app: 'gitea-act-runner', component: name };
      const ci = chart(namespace);
      new ManagedNamespace(ci, 'namespace', { name: namespace });
      new Runner(ci, name, {
        forge: gitea,
        scope: RunnerScope.instance(),
        registration: Registration.token(SecretSource.existing(`${name}-secret`)),
        version: RunnerVersion.of('0.2.13'),
        labels: [RunnerLabel.docker(`ubuntu-latest-${name}`, 'catthehacker/ubuntu:act-24.04-20251029')],
        executor: Executor.docker({
          state: Storage.persistent(Size.gibibytes(20), 'shared-fs', { name: 'runner-data', labels }),
          layers: Storage.persistent(Size.gibibytes(200), 'local-path', { name: 'dind-storage', labels }),
          daemon: { registries: [registry] },
          daemonImage: 'docker:28.5.1-dind',
        }),
        config: { capacity: 4, container: { network: 'host' } },
        resources: { cpuRequestMillis: 8000, memoryRequest: Size.gibibytes(8), memoryLimit: Size.gibibytes(memory) },
        placement: { nodeSelector: { 'kubernetes.io/hostname': host }, tolerations: gpu },
        workload: {
          selectorLabels: labels,
          serviceName: `${name}-headless`,
          podManagement: PodManagement.ORDERED_READY,
        },
      });
    }
    const builders = new BuildkitPlatforms(chart('buildkit'), 'buildkit', {
      registries: [registry],
      architectures: [Architecture.AMD64, Architecture.ARM64],
      mode: BuildkitMode.privileged(),
      topology: BuildkitTopology.singleDeployment(),
      storage: Storage.persistent(Size.gibibytes(50), 'shared-fs'),
      placement: { tolerations: gpu },
      pod: { imagePullSecrets: [SecretSource.existing('harbor')], hostAliases: { 'git.example.com': '192.168.1.10' } },
    });
    builders.admit(PodGroup.of({ app: 'gitea-act-runner' }, 'gitea-actions-general'));
  });
  const { spec } = find('StatefulSet', 'general');
  expect(spec).toMatchObject({ serviceName: 'general-headless', podManagementPolicy: 'OrderedReady' });
  expect(spec.volumeClaimTemplates).toMatchObject([
    { metadata: { name: 'runner-data' } },
    { metadata: { name: 'dind-storage' } },
  ]);
  // `pod` reaches the daemon of each architecture.
  for (const name of ['buildkit-amd64', 'buildkit-arm64']) {
    expect(pod('Deployment', name)).toMatchObject({
      imagePullSecrets: [{ name: 'harbor' }],
      hostAliases: [{ ip: '192.168.1.10', hostnames: ['git.example.com'] }],
      nodeSelector: { 'kubernetes.io/arch': name.slice('buildkit-'.length) },
    });
  }
});

test('image automation over SSH of HelmReleases whose markers were written by hand', () => {
  const release = (image: string) =>
    [
      'apiVersion: helm.toolkit.fluxcd.io/v2',
      'kind: HelmRelease',
      'metadata:',
      `  name: ${image}`,
      'spec:',
      '  values:',
      '    image:',
      `      repository: ghcr.io/example/${image}`,
      `      tag: main-70d6e64-b67 # {"$imagepolicy": "flux-system:${image}:tag"}`,
      '',
    ].join('\n');
  const path = (image: string) => `kubernetes/apps/batcave/${image}/helmrelease.yaml`;
  const images = ['stockpile-api', 'stockpile-web'];
  const there = Object.fromEntries(images.map((image) => [path(image), release(image)]));
  const { files, objects } = moved((home, chart) => {
    const store = SecretStore.cluster('onepassword-connect');
    const keys = {
      username: { key: 'stockpile', property: 'GHCR_USER' },
      password: { key: 'stockpile', property: 'GHCR_TOKEN' },
    };
    const registry = Registry.ghcr({
      owner: 'example',
      credentials: SecretSource.externalSecret('ghcr-pull', { store, keys }),
    });
    const tags = TagPolicy.numeric({ pattern: '^main-[0-9a-f]+-b(?P<build>\\d+)$', initialTag: 'main-70d6e64-b67' });
    const release = TagPolicy.semver('>=0.0.0', { pattern: '^(?P<version>\\d+\\.\\d+\\.\\d+)$' });
    for (const image of images) {
      const repository = new ImageRepository(home.images, image, { registry, image, interval: Duration.minutes(10) });
      const policy = new ImagePolicy(repository, image, { repository, tags });
      new ImagePolicy(repository, `${image}-release`, { repository, tags: release });
      home.adopt(path(image), policy.image);
    }
    const source = new GitRepository(chart('automation'), 'gitops-write', {
      repository: gitops,
      url: 'ssh://git@github.com/example/gitops.git',
      credentials: SecretSource.existing('gitops-deploy-key'),
    });
    new ImageUpdateAutomation(chart('automation-2'), 'gitops', {
      source,
      path: './kubernetes/apps/batcave',
      messageTemplate: 'chore(images): {{ range .Changed.Changes }}{{ println .NewValue }}{{ end }}',
    });
  }, there);
  for (const image of images) {
    // What ran still runs, under the marker that is there; only the quotes are those that no reader takes for a number.
    expect(files[path(image)]).toBe(there[path(image)].replace('main-70d6e64-b67', '"main-70d6e64-b67"'));
    expect(files['images.yaml']).toContain('main-70d6e64-b67');
  }
  expect(objects.filter(({ kind }) => kind === 'ImagePolicy')).toHaveLength(4);
});

test('a repository on two forges has the workflows of both', () => {
  const gitea = Forge.gitea({ version: '1.25', url: 'https://git.example.com' });
  const { files } = moved((home) => {
    const common = { triggers: [Trigger.dispatch()], inThisRepository: true };
    const steps = [Step.run({ name: 'x', script: 'make' })];
    const runner = new Runner(new Chart(home, 'ci', { namespace: 'ci' }), 'runner', {
      forge: gitea,
      scope: RunnerScope.instance(),
      registration: Registration.token(SecretSource.existing('t')),
      executor: Executor.host(),
    });
    new Workflow(home, 'a', { repository: gitea.repository('example/gitops'), ...common }).addJob('a', {
      runsOn: runner,
      steps,
    });
    new Workflow(home, 'b', { repository: gitops, ...common }).addJob('a', {
      runsOn: HostedRunner.UBUNTU_LATEST,
      steps,
    });
  });
  expect(Object.keys(files).filter((file) => file.includes('workflows/'))).toEqual([
    '.gitea/workflows/a.yml',
    '.github/workflows/b.yml',
  ]);
});
