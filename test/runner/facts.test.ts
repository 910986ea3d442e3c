import { Duration, Size } from 'cdk8s';
import { Storage, PodSecurity } from '../../lib/kube';
import { Endpoint, Registry } from '../../lib/registry';
import {
  DockerEndpoint,
  Executor,
  ForgeAddress,
  Registration,
  RunnerLabel,
  RunnerScope,
  RunnerVersion,
  Scaling,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { env, forgejoRunner, gitea, render, runner, scalerToken, token } from './fixture';

/** The ten facts about runners that whatever is rendered must respect; facts 9 and 10 are about registries and workflows. */
const EXECUTORS: [string, Executor][] = [
  ['host', Executor.host()],
  ['docker', Executor.docker()],
  ['docker-rootless', Executor.dockerRootless()],
  [
    'external-docker',
    Executor.externalDocker(DockerEndpoint.tls('docker.example.com', 2376, SecretSource.existing('docker-client'))),
  ],
];

describe.each(EXECUTORS)('with executor %s', (kind, executor) => {
  const made = runner({ executor });
  const { pod, main, set, config, container } = render(made);

  test('fact 1: the image goes with the supervisor in it, whose command is left alone', () => {
    expect(main.image).toBe(kind === 'docker-rootless' ? 'gitea/runner:3.5.0-dind-rootless' : 'gitea/runner:3.5.0');
    expect([main.command, main.args]).toEqual([undefined, undefined]);
  });

  test('fact 2: labels are in config.yaml and nowhere else; only those with an image need a daemon', () => {
    expect(config.runner.labels).toEqual(
      kind === 'host' ? ['runner:host'] : ['ubuntu-latest:docker://docker.gitea.com/runner-images:ubuntu-latest'],
    );
    for (const { env: variables = [] } of [...pod.containers, ...pod.initContainers!]) {
      expect(variables.map(({ name }) => name)).not.toContain('GITEA_RUNNER_LABELS');
    }
    expect(config.container?.require_docker).toBeUndefined();
  });

  test('fact 3: each replica keeps its identity on a claim of its own, and both readers are told where', () => {
    expect(set!.volumeClaimTemplates!.map(({ metadata }) => metadata!.name)).toContain('data');
    expect(set!.updateStrategy).toBeUndefined();
    expect(config.runner.file).toBe('/data/.runner');
    for (const name of ['runner', 'register']) {
      expect(env(container(name)).RUNNER_STATE_FILE).toBe('/data/.runner');
      expect(container(name).volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
    }
  });

  test('fact 4: the pod outlives the jobs that are let run on', () => {
    expect(config.runner.shutdown_timeout).toBe('1h');
    expect(pod.terminationGracePeriodSeconds).toBe(3660);
    expect(
      render(runner({ executor, config: { shutdownTimeout: Duration.minutes(10) } })).pod.terminationGracePeriodSeconds,
    ).toBe(660);
  });

  test('a slow server loses no job: one request for a job lasts longer than the binary waits by itself', () => {
    expect(config.runner.fetch_timeout).toBe('30s');
    expect(
      render(runner({ executor, config: { fetchTimeout: Duration.seconds(5) } })).config.runner,
    ).not.toHaveProperty('fetch_timeout');
    expect(render(runner({ executor, config: { fetchTimeout: Duration.seconds(7) } })).config.runner).toMatchObject({
      fetch_timeout: '7s',
    });
  });

  test('fact 5: privilege is where it is needed, and the namespace is asked for no more than that', () => {
    const privileged = [...pod.initContainers!, main]
      .filter(({ securityContext }) => securityContext?.privileged)
      .map(({ name }) => name);
    expect(privileged).toEqual({ docker: ['docker'], 'docker-rootless': ['runner'] }[kind] ?? []);
    expect(PodSecurity.markOf(made)!.level).toBe(privileged.length > 0 ? 'privileged' : 'restricted');
  });

  test('the registration token is mounted in the init container that registers, and only there', () => {
    const seeing = [...pod.initContainers!, ...pod.containers].filter(({ volumeMounts = [] }) =>
      volumeMounts.some(({ name }) => name === 'token'),
    );
    expect(seeing.map(({ name }) => name)).toEqual(['register']);
    expect(JSON.stringify(pod)).not.toMatch(/GITEA_RUNNER_REGISTRATION_TOKEN|GITEA_MAX_REG_ATTEMPTS/);
  });

  test('probes ask the runner itself', () => {
    expect(main.livenessProbe!.httpGet!.path).toBe('/healthz');
    expect(main.readinessProbe!.httpGet!.path).toBe('/readyz');
    expect(config.metrics).toEqual({ enabled: true, addr: ':9101' });
  });
});

describe('fact 5: rootless Docker', () => {
  const { pod, main } = render(runner({ executor: Executor.dockerRootless() }));

  test('runs as user 1000 with its group on the volumes, and keeps its data where the image does', () => {
    expect(pod.securityContext).toMatchObject({ runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 });
    expect(main.volumeMounts).toContainEqual({
      name: 'layers',
      mountPath: '/home/rootless/.local/share/docker',
      subPath: 'docker',
    });
  });

  test('is not to be had for Forgejo', () => {
    expect(codesOf(() => forgejoRunner({ executor: Executor.dockerRootless() }))).toEqual(['FORGE-RUN-014']);
    accepts(
      () => forgejoRunner({ executor: Executor.docker() }),
      () => runner({ executor: Executor.dockerRootless() }),
    );
  });
});

describe('fact 6: the layers', () => {
  test.each(['nfs-slow', 'nfs', 'efs-sc'])('fail on %s', (name) => {
    const layers = Storage.persistent(Size.gibibytes(20), name);
    expect(codesOf(() => runner({ executor: Executor.docker({ layers }) }))).toEqual(['FORGE-RUN-012']);
    expect(codesOf(() => runner({ executor: Executor.dockerRootless({ layers }) }))).toEqual(['FORGE-RUN-012']);
    for (const good of ['longhorn', 'transfs', 'nfc-slow', 'local-path']) {
      const local = Storage.persistent(Size.gibibytes(20), good);
      accepts(
        () => runner({ executor: Executor.docker({ layers: local }) }),
        () => runner({ executor: Executor.dockerRootless({ layers: local }) }),
      );
    }
  });

  test('are on a volume of their own, never on the image', () => {
    expect(render(runner({ executor: Executor.docker() })).container('docker').volumeMounts).toContainEqual({
      name: 'layers',
      mountPath: '/var/lib/docker',
    });
  });

  test('are not touched by fsGroup where root keeps them', () => {
    expect(render(runner({ executor: Executor.docker() })).pod.securityContext!.fsGroup).toBeUndefined();
  });

  test('have a driver that the image store knows, and the MTU of the pod network in both places', () => {
    const daemon = (props: object) =>
      JSON.parse(render(runner({ executor: Executor.docker({ daemon: props }) })).files['daemon.json']);
    expect(daemon({})).toEqual({ features: { 'containerd-snapshotter': true }, 'storage-driver': 'overlayfs' });
    expect(daemon({ containerdSnapshotter: false, mtu: 1400 })).toEqual({
      features: { 'containerd-snapshotter': false },
      'storage-driver': 'overlay2',
      mtu: 1400,
      'default-network-opts': { bridge: { 'com.docker.network.driver.mtu': '1400' } },
    });
    const older = (daemonImage: string, props: object) =>
      JSON.parse(render(runner({ executor: Executor.docker({ daemonImage, daemon: props }) })).files['daemon.json']);
    expect(older('docker:23.0.6-dind', { mtu: 1400 })).toEqual({ 'storage-driver': 'overlay2', mtu: 1400 });
    expect(older('docker:20.10.24-dind', { containerdSnapshotter: false })).toEqual({ 'storage-driver': 'overlay2' });
    expect(older('docker:24.0.9-dind', {})).toEqual(daemon({}));
    const snapshotter = (daemonImage: string) => () =>
      runner({ executor: Executor.docker({ daemonImage, daemon: { containerdSnapshotter: true } }) });
    expect(codesOf(snapshotter('docker:23.0.6-dind'))).toEqual(['FORGE-RUN-018']);
    expect(snapshotter('registry.example.com:5000/mirror/docker:24.0.9-dind')).not.toThrow();
    expect(
      codesOf(() =>
        runner({ executor: Executor.docker({ daemon: { mtu: 5, storageDriver: 'overlay2', dataRoot: '/x' } }) }),
      ),
    ).toEqual(['FORGE-REG-009', 'FORGE-REG-009', 'FORGE-RUN-018']);
  });

  test('in memory count into the memory limit of the container that writes them', () => {
    const layers = Storage.memory(Size.gibibytes(20));
    expect(
      render(runner({ executor: Executor.docker({ layers }) })).container('docker').resources!.limits!.memory,
    ).toBe('24Gi');
    expect(
      render(runner({ executor: Executor.dockerRootless({ layers }), config: { capacity: 2 } })).main.resources!.limits!
        .memory,
    ).toBe('28Gi');
    expect(
      problemsOf(() =>
        runner({ executor: Executor.docker({ layers }), resources: { memoryLimit: Size.gibibytes(20) } }),
      )[0],
    ).toMatchObject({
      code: 'FORGE-RUN-013',
      message: '1 job has 0 MiB of memory: the limit is 20480 MiB, of which 20480 MiB are storage in memory',
    });
  });
});

test('capacity is checked against memory', () => {
  expect(codesOf(() => runner({ config: { capacity: 8 }, resources: { memoryLimit: Size.gibibytes(1) } }))).toEqual([
    'FORGE-RUN-013',
  ]);
  expect(render(runner({ config: { capacity: 4 } })).main.resources!.limits!.memory).toBe('8Gi');
});

describe('fact 7: the daemon is reached', () => {
  test('through a socket that both containers see, and the daemon opens no port', () => {
    const { container, config } = render(runner({ executor: Executor.docker() }));
    const socket = { name: 'docker-socket', mountPath: '/var/run' };
    expect(container('docker').volumeMounts).toContainEqual(socket);
    expect(container('runner').volumeMounts).toContainEqual(socket);
    expect(container('docker').args).toEqual(['dockerd', '--host=unix:///var/run/docker.sock']);
    expect(container('docker').restartPolicy).toBe('Always');
    expect([env(container('runner')).DOCKER_HOST, config.container]).toEqual([undefined, undefined]);
  });

  test('by jobs unless they shall not', () => {
    for (const executor of [
      Executor.docker({ dockerInJobs: false }),
      Executor.dockerRootless({ dockerInJobs: false }),
    ]) {
      const made = runner({ executor });
      expect(render(made).config.container.docker_host).toBe('-');
      expect(made.capabilities.dockerInJobs).toBe(false);
    }
    expect(render(forgejoRunner({ executor: Executor.docker() })).config.container.docker_host).toBe('automount');
    expect(
      render(forgejoRunner({ executor: Executor.docker({ dockerInJobs: false }) })).config.container,
    ).toBeUndefined();
  });

  test('elsewhere with TLS, and waited for', () => {
    const { main, config, pod } = render(runner({ executor: EXECUTORS[3][1] }));
    expect(config.container).toEqual({ docker_host: 'tcp://docker.example.com:2376', docker_timeout: '5m' });
    expect(env(main)).toMatchObject({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/etc/docker-client' });
    expect(pod.volumes).toContainEqual({
      name: 'docker-client',
      secret: { secretName: 'docker-client', defaultMode: 0o440 },
    });
  });
});

test('fact 8: which address jobs see is a choice', () => {
  expect(env(render(runner()).container('register')).GITEA_INSTANCE_URL).toBe(
    'http://gitea-http.gitea.svc.cluster.local:3000',
  );
  expect(env(render(runner({ registerAt: ForgeAddress.PUBLIC })).container('register')).GITEA_INSTANCE_URL).toBe(
    'https://git.example.com',
  );
});

test('fact 9: a registry with plain HTTP is declared insecure for the daemon, and in one place', () => {
  const registry = Registry.gitea(gitea, { owner: 'platform', pull: Endpoint.https('git.example.com') });
  const { files, container } = render(runner({ executor: Executor.docker({ daemon: { registries: [registry] } }) }));
  expect(JSON.parse(files['daemon.json'])['insecure-registries']).toEqual(['gitea-http.gitea.svc.cluster.local:3000']);
  expect(container('docker').args!.join(' ')).not.toContain('insecure');
});

test('fact 10: a job is refused where a label is missing, or the scope does not cover its repository', () => {
  const made = runner({
    scope: RunnerScope.organization('platform'),
    labels: [RunnerLabel.host('linux'), RunnerLabel.host('arm64')],
  });
  expect(made.canRunJobsOf(gitea.repository('platform/hello'), ['linux', 'arm64'])).toBe(true);
  expect(made.canRunJobsOf(gitea.repository('platform/hello'), ['linux', 'gpu'])).toBe(false);
  expect(made.canRunJobsOf(gitea.repository('other/hello'), ['linux'])).toBe(false);
});

test('a label with an image fails where there is no daemon, with the famous words', () => {
  const [problem] = problemsOf(() => runner({ labels: [RunnerLabel.docker('ubuntu-latest', 'node:22')] }));
  expect(problem.code).toBe('FORGE-RUN-009');
  expect(problem.symptom).toContain('Cannot connect to the Docker daemon at unix:///var/run/docker.sock');
  const labels = [RunnerLabel.docker('ubuntu-latest', 'node:22')];
  accepts(
    () => runner({ labels: [RunnerLabel.host('ubuntu-latest')] }),
    () => runner({ labels, executor: Executor.docker() }),
  );
});

test('an old runner has its old name, and no probes that it does not answer', () => {
  const { main, container, config } = render(runner({ version: RunnerVersion.of('0.2.13') }));
  expect([main.image, main.livenessProbe, config.metrics]).toEqual(['gitea/act_runner:0.2.13', undefined, undefined]);
  expect(env(container('register')).RUNNER_PROGRAM).toBe('act_runner');
  expect(render(runner({ version: RunnerVersion.of('1.0.8') })).main.readinessProbe!.httpGet!.path).toBe('/healthz');
});

test('an ephemeral runner keeps nothing, and takes one job', () => {
  const { scaled, pod, container } = render(
    runner({ executor: Executor.docker(), scaling: Scaling.perJob({ max: 3, apiToken: scalerToken }) }),
  );
  expect(pod.restartPolicy).toBe('Never');
  expect(pod.volumes!.find(({ name }) => name === 'data')!.emptyDir).toBeDefined();
  expect(pod.volumes!.find(({ name }) => name === 'layers')!.ephemeral).toBeDefined();
  expect(env(container('register')).RUNNER_EPHEMERAL).toBe('true');
  expect(scaled).toMatchObject({
    maxReplicaCount: 3,
    jobTargetRef: { backoffLimit: 0 },
    rollout: { strategy: 'gradual' },
    scalingStrategy: { strategy: 'default' },
  });
});

test('nothing of a secret is rendered but its name', () => {
  expect(JSON.stringify(render(runner({ registration: Registration.token(token) })).objects)).toContain('runner-token');
  expect(
    SecretSource.requirementsAt(runner()).map(({ secretName, keys, purpose }) => ({ secretName, keys, purpose })),
  ).toEqual([
    {
      secretName: 'runner-token',
      keys: ['token'],
      purpose:
        'runner runner registers with the forge (scope: instance; https://git.example.com/-/admin/actions/runners)',
    },
  ]);
});
