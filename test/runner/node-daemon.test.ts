import { Chart, Testing } from 'cdk8s';
import type { DaemonSetSpec } from 'kubernetes-types/apps/v1';
import { PodSecurity, TaintEffect } from '../../lib/kube';
import { Endpoint, Registry } from '../../lib/registry';
import {
  DockerEndpoint,
  Executor,
  PrivilegedDockerDaemon,
  PrivilegedDockerDaemonProps,
  Registration,
  RunnerLabel,
} from '../../lib/runner';
import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { foundCodes } from '../support/problems';
import { temporaryFolder } from '../support/workspace';
import { chart, forgejo, forgejoRunner, gitea, render, runner, token, UUID } from './fixture';

interface Manifest {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly spec: DaemonSetSpec;
  readonly data: Record<string, string>;
}

function daemon(props: PrivilegedDockerDaemonProps = {}, scope = chart()) {
  const made = new PrivilegedDockerDaemon(scope, 'docker', props);
  const objects = Testing.synth(Chart.of(made)) as Manifest[];
  const { spec } = objects.find(({ kind }) => kind === 'DaemonSet')!;
  return { made, objects, spec, pod: spec.template.spec! };
}

describe('a Docker daemon on each node', () => {
  test('listens on a socket of the node only, and keeps its layers there', () => {
    const { pod, made, objects, spec } = daemon({ group: 4000 });
    const [container] = pod.containers;
    const socket = '/run/cdk8s-forge/ci-docker';
    expect(container.args).toEqual(['dockerd', `--host=unix://${socket}/docker.sock`, '--group=4000']);
    expect(container.env).toEqual([{ name: 'DOCKER_HOST', value: `unix://${socket}/docker.sock` }]);
    expect(container.securityContext).toEqual({
      privileged: true,
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
    });
    expect(pod.volumes).toEqual([
      { name: 'config', configMap: { name: 'docker-config' } },
      { name: 'docker-socket', hostPath: { path: socket, type: 'DirectoryOrCreate' } },
      { name: 'layers', hostPath: { path: '/var/lib/cdk8s-forge/ci-docker', type: 'DirectoryOrCreate' } },
    ]);
    expect(container.volumeMounts).toContainEqual({ name: 'docker-socket', mountPath: socket });
    expect(pod).not.toHaveProperty('initContainers');
    expect(PodSecurity.markOf(made)).toBe(PodSecurity.PRIVILEGED);
    expect(objects.map(({ kind }) => kind)).not.toContain('Service');
    // Two daemons on one directory would not start.
    expect(spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
  });

  test('trusts registries as the daemon beside a runner does', () => {
    const registry = Registry.gitea(gitea, { owner: 'example', push: Endpoint.http('registry.lan:5000') });
    const { objects } = daemon({ daemon: { registries: [registry] } });
    expect(objects.find(({ kind }) => kind === 'ConfigMap')!.data['daemon.json']).toContain('registry.lan:5000');
  });

  test('takes over directories, names and labels of one that runs', () => {
    const { made, spec, objects } = daemon({
      dataDirectory: '/var/lib/ci-docker',
      socketDirectory: '/run/ci',
      workload: { name: 'dind', selectorLabels: { app: 'dind' } },
      placement: { nodeSelector: { pool: 'ci' }, tolerations: [{ key: 'ci', effect: TaintEffect.NO_SCHEDULE }] },
    });
    expect(objects.find(({ kind }) => kind === 'DaemonSet')!.metadata.name).toBe('dind');
    expect(spec.selector).toEqual({ matchLabels: { app: 'dind' } });
    expect(spec.template.metadata!.labels).toMatchObject({ app: 'dind', 'app.kubernetes.io/instance': 'dind' });
    expect(made.endpoint.url).toBe('unix:///run/ci/docker.sock');
    expect(spec.template.spec!.nodeSelector).toEqual({ pool: 'ci' });
  });

  test.each<[string, PrivilegedDockerDaemonProps, PrivilegedDockerDaemonProps]>([
    ['a relative path', { dataDirectory: 'docker' }, { dataDirectory: '/docker' }],
    ['a way up', { socketDirectory: '/run/../etc' }, { socketDirectory: '/run/ci-docker' }],
    ["the node's own daemon", { dataDirectory: '/var/lib/docker' }, { dataDirectory: '/var/lib/docker-ci' }],
    ["the runtime's images", { dataDirectory: '/var/lib/containerd/x' }, { dataDirectory: '/var/lib/containerd-x' }],
    ['everything that runs', { socketDirectory: '/var/run' }, { socketDirectory: '/var/run/ci' }],
    ["the node's own socket", { socketDirectory: '/var/run/docker' }, { socketDirectory: '/var/run/docker-ci' }],
    [
      'a socket beside the layers',
      { dataDirectory: '/srv/ci', socketDirectory: '/srv/ci/run' },
      { dataDirectory: '/srv/ci', socketDirectory: '/srv/ci-run' },
    ],
    ['a group that is none', { group: 1.5 }, { group: 1 }],
    ["root's group", { group: 0 }, { group: 999 }],
  ])('fails for %s', (_what, bad, good) => {
    expect(foundCodes(() => daemon(bad))).toEqual(['FORGE-RUN-054']);
    expect(foundCodes(() => daemon(good))).toEqual([]);
  });

  test('fails for settings that no daemon has', () => {
    expect(foundCodes(() => daemon({ image: 'docker:latest' }))).toEqual(['FORGE-RUN-019']);
    expect(foundCodes(() => daemon({ daemon: { dataRoot: '/x' } }))).toEqual(['FORGE-RUN-018']);
    expect(foundCodes(() => daemon({ workload: { serviceName: 'docker' } }))).toEqual(['FORGE-KUBE-018']);
    expect(foundCodes(() => daemon({ pod: { security: { runAsUser: 1000 } } }))).toEqual(['FORGE-KUBE-025']);
  });
});

describe('a runner on the daemon of its node', () => {
  test.each([
    ['Gitea', () => runner, undefined, '-'],
    ['Forgejo', () => forgejoRunner, 'automount', undefined],
  ])('%s reaches it by its group, and jobs have its socket unless withheld', (_, make, given, withheld) => {
    const { endpoint } = daemon().made;
    const { main, pod, config } = render(make()({ executor: Executor.externalDocker(endpoint) }));
    const socket = '/run/cdk8s-forge/ci-docker';
    expect(main.env).toContainEqual({ name: 'DOCKER_HOST', value: `unix://${socket}/docker.sock` });
    expect(pod.volumes).toContainEqual({ name: 'node-docker', hostPath: { path: socket, type: 'Directory' } });
    expect(main.volumeMounts).toContainEqual({ name: 'node-docker', mountPath: socket });
    expect(pod.securityContext).toMatchObject({ runAsUser: 1000, fsGroup: 1000, supplementalGroups: [2375] });
    expect(config.container?.docker_host).toBe(given);
    const shut = make()({ executor: Executor.externalDocker(endpoint, { dockerInJobs: false }) });
    expect(render(shut).config.container?.docker_host).toBe(withheld);
    expect([shut.capabilities.dockerInJobs, shut.capabilities.containerJobs]).toEqual([false, true]);
  });

  test('runs where the daemon is, and nowhere else', () => {
    const { endpoint } = daemon({ placement: { nodeSelector: { pool: 'ci' } } }).made;
    const on = (nodeSelector: Record<string, string>) => () =>
      render(runner({ executor: Executor.externalDocker(endpoint), placement: { nodeSelector } })).pod.nodeSelector;
    expect(on({ disk: 'ssd' })()).toEqual({ pool: 'ci', disk: 'ssd' });
    expect(on({ pool: 'ci' })()).toEqual({ pool: 'ci' });
    expect(foundCodes(on({ pool: 'other' }))).toEqual(['FORGE-RUN-055']);
  });

  test('gives jobs of the host executor the daemon, also in an image of their own', () => {
    const { endpoint } = daemon({ placement: { nodeSelector: { pool: 'ci' } } }).made;
    const jobImage = { image: 'harbor.example.com/lab/ci-runner:1', user: 1001 };
    for (const executor of [
      Executor.host({ docker: endpoint }),
      Executor.host({ docker: endpoint, jobImage, imageHasNode: true }),
    ]) {
      const made = runner({ executor });
      const { main, pod } = render(made);
      expect(main.env).toContainEqual({ name: 'DOCKER_HOST', value: endpoint.url });
      expect(pod.securityContext!.supplementalGroups).toEqual([2375]);
      expect(pod.nodeSelector).toEqual({ pool: 'ci' });
      expect([made.capabilities.dockerInJobs, made.capabilities.services]).toEqual([true, false]);
    }
    const labels = [RunnerLabel.docker('ubuntu', 'node:22')];
    expect(foundCodes(() => runner({ labels, executor: Executor.host({ docker: endpoint }) }))).toEqual([
      'FORGE-RUN-009',
    ]);
    expect(foundCodes(() => runner({ labels, executor: Executor.externalDocker(endpoint) }))).toEqual([]);
  });

  test('gives jobs of the host executor a daemon on another machine', () => {
    const endpoint = DockerEndpoint.tls('docker.lan', 2376, token);
    const { main, pod } = render(runner({ executor: Executor.host({ docker: endpoint }) }));
    expect(main.env).toEqual(
      expect.arrayContaining([
        { name: 'DOCKER_HOST', value: 'tcp://docker.lan:2376' },
        { name: 'DOCKER_TLS_VERIFY', value: '1' },
      ]),
    );
    expect(pod.securityContext).not.toHaveProperty('supplementalGroups');
  });

  test('has no socket for jobs on another machine', () => {
    const endpoint = DockerEndpoint.plaintext('docker.lan', 2375);
    const executor = (dockerInJobs: boolean) => Executor.externalDocker(endpoint, { dockerInJobs });
    expect(foundCodes(() => runner({ executor: executor(true) }))).toEqual(['FORGE-RUN-036']);
    expect(foundCodes(() => runner({ executor: executor(false) }))).toEqual([]);
  });

  test('is in the cluster of the daemon', () => {
    const folder = temporaryFolder();
    const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
    const [home, away] = ['home', 'away'].map(
      (name) => new Cluster(app, name, { source: forgejo.repository('platform/gitops') }),
    );
    const { endpoint } = daemon({}, new Chart(home, 'ci', { namespace: 'ci' })).made;
    const executor = Executor.externalDocker(endpoint);
    const registration = Registration.connection(UUID, token);
    const on = (cluster: Cluster, id: string) => () =>
      runner({ forge: forgejo, registration, executor }, new Chart(cluster, id, { namespace: 'other' }));
    expect(foundCodes(on(away, 'a'))).toEqual(['FORGE-RUN-055']);
    expect(foundCodes(on(home, 'b'))).toEqual([]);
  });
});
