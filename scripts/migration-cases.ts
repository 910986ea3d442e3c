import { Chart, Size } from 'cdk8s';
import { Buildkitd, BuildkitdProps, BuildkitMode, BuildkitTopology } from '../lib/buildkit';
import { Forge } from '../lib/forge';
import {
  AccessMode,
  HostPathType,
  PodGroup,
  PodManagement,
  Storage,
  WorkloadController,
  WorkloadService,
} from '../lib/kube';
import { Registry, RegistryRetention, RegistryRetentionProps } from '../lib/registry';
import {
  Executor,
  PrivilegedDockerDaemon,
  PrivilegedDockerDaemonProps,
  Registration,
  Runner,
  RunnerCacheServer,
  RunnerCacheServerProps,
  RunnerLabel,
  RunnerProps,
  RunnerScope,
} from '../lib/runner';
import { SecretSource } from '../lib/secret';

const gitea = Forge.gitea({ version: '1.25', url: 'https://git.example.com' });
const forgejo = Forge.forgejo({ version: '13.0', url: 'https://git.example.com' });
const registry = Registry.gitea(gitea, { owner: 'example' });
const token = SecretSource.existing('runner-token');
const general = { app: 'gitea-act-runner', component: 'general' };
const builds = PodGroup.of({ app: 'builds' });

/** A workload that runs, and how the library says it: in place, and without a word about what is there. */
export interface MigrationCase {
  /** The name of the file in conformance/migration/before. */
  readonly name: string;
  /** Takes the workload over. */
  readonly inPlace: (chart: Chart) => void;
  /** Declares the same workload, as if nothing was there. */
  readonly naive: (chart: Chart) => void;
}

export const MIGRATION_CASES: readonly MigrationCase[] = [
  {
    name: 'docker-runner',
    inPlace: (chart) =>
      dockerRunner(chart, {
        state: Storage.persistent(Size.gibibytes(20), 'shared-fs', { name: 'runner-data', labels: general }),
        layers: Storage.persistent(Size.gibibytes(200), 'shared-fs', { name: 'dind-storage', labels: general }),
        workload: {
          name: 'general',
          selectorLabels: general,
          serviceName: 'general-headless',
          podManagement: PodManagement.ORDERED_READY,
        },
      }),
    naive: (chart) =>
      dockerRunner(chart, {
        state: Storage.persistent(Size.gibibytes(20), 'shared-fs'),
        layers: Storage.persistent(Size.gibibytes(200), 'shared-fs'),
      }),
  },
  {
    name: 'forgejo-runner',
    inPlace: (chart) =>
      forgejoRunner(chart, {
        selectorLabels: { 'app.kubernetes.io/name': 'forgejo-runner' },
        labels: { tier: 'ci' },
        service: WorkloadService.NONE,
        serviceName: 'forgejo-runner-svc',
        podManagement: PodManagement.ORDERED_READY,
      }),
    naive: (chart) => forgejoRunner(chart),
  },
  {
    name: 'host-path-runner',
    inPlace: (chart) =>
      dockerRunner(chart, {
        state: Storage.hostPath('/var/lib/runner', { node: 'vulkan' }),
        layers: Storage.hostPath('/var/lib/runner-docker', { node: 'vulkan', type: HostPathType.DIRECTORY_OR_CREATE }),
        workload: {
          name: 'ci-runner',
          selectorLabels: { app: 'ci-runner' },
          service: WorkloadService.NONE,
          podManagement: PodManagement.ORDERED_READY,
        },
      }),
    naive: (chart) =>
      dockerRunner(chart, {
        state: Storage.persistent(Size.gibibytes(20)),
        layers: Storage.persistent(Size.gibibytes(200)),
        workload: { name: 'ci-runner' },
      }),
  },
  {
    name: 'deployed-runner',
    inPlace: (chart) =>
      dockerRunner(chart, {
        state: Storage.existingClaim('act-runner-vol'),
        layers: Storage.persistent(Size.gibibytes(50), 'local-path', {
          name: 'act-runner-docker',
          labels: { app: 'act-runner' },
        }),
        workload: {
          name: 'act-runner',
          controller: WorkloadController.DEPLOYMENT,
          selectorLabels: { app: 'act-runner' },
        },
      }),
    naive: (chart) =>
      dockerRunner(chart, {
        state: Storage.persistent(Size.gibibytes(1)),
        layers: Storage.persistent(Size.gibibytes(50)),
      }),
  },
  {
    name: 'node-docker',
    inPlace: (chart) =>
      nodeDocker(chart, {
        dataDirectory: '/var/lib/ci-docker',
        socketDirectory: '/run/ci-docker',
        workload: { name: 'ci-dind', selectorLabels: { app: 'ci-dind' } },
      }),
    naive: (chart) => nodeDocker(chart, { workload: { name: 'ci-dind' } }),
  },
  {
    name: 'cache-server',
    inPlace: (chart) =>
      cacheServer(chart, {
        storage: Storage.existingClaim('forgejo-cache'),
        workload: {
          name: 'forgejo-cache-server',
          controller: WorkloadController.DEPLOYMENT,
          selectorLabels: { app: 'forgejo-cache-server' },
        },
      }),
    naive: (chart) => cacheServer(chart),
  },
  {
    name: 'deployed-builder',
    inPlace: (chart) =>
      builder(chart, 'buildkitd-amd64', {
        topology: BuildkitTopology.singleDeployment(),
        storage: Storage.persistent(Size.gibibytes(50), 'block', {
          name: 'buildkitd-cache',
          labels: { app: 'buildkitd' },
          accessMode: AccessMode.READ_WRITE_MANY,
        }),
        workload: { selectorLabels: { app: 'buildkitd', arch: 'amd64' }, serviceName: 'buildkit' },
      }),
    naive: (chart) =>
      builder(chart, 'buildkitd-amd64', {
        topology: BuildkitTopology.singleDeployment(),
        storage: Storage.persistent(Size.gibibytes(50), 'block'),
      }),
  },
  {
    name: 'builder',
    inPlace: (chart) =>
      builder(chart, 'buildkitd', {
        storage: Storage.persistent(Size.gibibytes(50), undefined, {
          name: 'cache',
          annotations: { backup: 'no' },
          accessMode: AccessMode.READ_WRITE_ONCE_POD,
        }),
        workload: {
          selectorLabels: { app: 'buildkitd' },
          serviceName: 'buildkitd-svc',
          service: WorkloadService.CLUSTER_IP,
          podManagement: PodManagement.ORDERED_READY,
        },
      }),
    naive: (chart) => builder(chart, 'buildkitd', { storage: Storage.persistent(Size.gibibytes(50)) }),
  },
  {
    name: 'retention',
    inPlace: (chart) => retention(chart, { name: 'package-cleanup' }),
    naive: (chart) => retention(chart),
  },
];

interface DockerParts {
  readonly state: Storage;
  readonly layers: Storage;
  readonly workload?: RunnerProps['workload'];
}

function dockerRunner(chart: Chart, { state, layers, workload }: DockerParts): void {
  new Runner(chart, 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(token),
    labels: [RunnerLabel.docker('ubuntu-latest-amd64', 'catthehacker/ubuntu:act-24.04-20251029')],
    executor: Executor.docker({ state, layers }),
    workload,
  });
}

function forgejoRunner(chart: Chart, workload?: RunnerProps['workload']): void {
  new Runner(chart, 'forgejo-runner', {
    forge: forgejo,
    scope: RunnerScope.instance(),
    registration: Registration.connection('01234567-89ab-4cde-8f01-23456789abcd', token),
    executor: Executor.host({ state: Storage.existingClaim('forgejo-runner-state') }),
    workload,
  });
}

function nodeDocker(chart: Chart, props: PrivilegedDockerDaemonProps): void {
  const docker = new PrivilegedDockerDaemon(chart, 'docker', props);
  new Runner(chart, 'node-runner', {
    forge: forgejo,
    scope: RunnerScope.instance(),
    registration: Registration.connection('01234567-89ab-4cde-8f01-23456789abcd', token),
    executor: Executor.externalDocker(docker.endpoint),
  });
}

function cacheServer(chart: Chart, props: Partial<RunnerCacheServerProps> = {}): void {
  new RunnerCacheServer(chart, 'cache', { forge: forgejo, secret: SecretSource.existing('runner-cache'), ...props });
}

function builder(chart: Chart, id: string, props: Pick<BuildkitdProps, 'storage' | 'topology' | 'workload'>): void {
  new Buildkitd(chart, id, { registries: [registry], mode: BuildkitMode.privileged(), ...props }).admit(builds);
}

function retention(chart: Chart, workload?: RegistryRetentionProps['workload']): void {
  const token = SecretSource.existing('packages');
  const images = [{ image: 'hello', deployedTags: ['v1'] }];
  new RegistryRetention(chart, 'retention', { registry, images, keepLast: 5, token, workload });
}
