import { Size } from 'cdk8s';
import type { Container, VolumeMount } from 'kubernetes-types/core/v1';
import { resourceRequirements, Storage } from '../kube';
import { ForgeError, quoted } from '../support';
import { OwnedSettings } from './config-file';
import { checkDaemon, checkLayers, daemonFiles, DEFAULT_LAYERS } from './daemon-files';
import { DockerExecutorProps } from './docker-daemon';
import { ExecutorKind, HOME, PlanContext, PodPlan } from './pod-plan';

const DAEMON_IMAGE = 'docker:29.7.1-dind';

/** The executor with a Docker daemon in a native sidecar. */
export function dockerKind(given: DockerExecutorProps): ExecutorKind {
  const props = { ...given, daemonImage: checkedImage(given.daemonImage ?? DAEMON_IMAGE), layers: given.layers ?? DEFAULT_LAYERS, dockerInJobs: given.dockerInJobs ?? true };
  return {
    name: 'docker',
    hasDocker: true,
    capabilities: { hostJobs: true, containerJobs: true, services: true, containerActions: true, nodeActions: true, dockerInJobs: props.dockerInJobs, buildctl: true, installsPackages: true, lowPorts: true },
    state: props.state,
    memoryStores: [props.layers],
    defaultResources: { cpuRequestMillis: 500, memoryRequest: Size.gibibytes(1), memoryLimit: Size.gibibytes(4) },
    check: (_context, problems) => {
      checkDaemon(props.daemon, problems);
      checkLayers(props.layers, problems);
    },
    plan: (context) => dockerPlan(context, props),
  };
}

function dockerPlan(context: PlanContext, props: DockerExecutorProps & { daemonImage: string; layers: Storage; dockerInJobs: boolean }): PodPlan {
  const shared = workspace(context);
  const daemon = daemonFiles(context.construct, props.daemon, '/etc/docker');
  return {
    image: context.version.image,
    // Without fsGroup, which would change the group of every file in the layers; so the runner is root in its container, and nothing more.
    user: 0,
    privileged: false,
    env: [{ name: 'HOME', value: HOME }],
    mounts: [{ name: 'docker-socket', mountPath: '/var/run' }, { name: 'work', mountPath: HOME }, ...shared.mounts],
    resources: { cpuRequestMillis: 50, memoryRequest: Size.mebibytes(128), memoryLimit: Size.mebibytes(512) },
    tools: [],
    daemons: [daemonContainer(context, props.daemonImage, [...daemon.mounts, ...shared.mounts])],
    volumes: [{ name: 'docker-socket', emptyDir: {} }, ...daemon.volumes],
    stores: [{ name: 'work', storage: Storage.ephemeral(Size.gibibytes(5)) }, { name: 'layers', storage: props.layers }, ...shared.stores],
    owned: { ...socketSettings(context, props.dockerInJobs), ...shared.owned },
    files: { 'daemon.json': daemon.json },
  };
}

/** Whether jobs get the socket. Gitea's runner finds it and hands it on, Forgejo's does so only when told. */
export function socketSettings({ version }: PlanContext, dockerInJobs: boolean): OwnedSettings {
  if (version.product === 'forgejo') { return { 'container.docker_host': dockerInJobs ? 'automount' : undefined }; }
  return { 'container.docker_host': dockerInJobs ? undefined : '-' };
}

/**
 * A working folder that runner and daemon see at the same path: what `bindWorkdir` needs, because the daemon mounts it from its own
 * file system.
 */
export function workspace({ config }: PlanContext): { mounts: VolumeMount[]; stores: { name: string; storage: Storage }[]; owned: OwnedSettings } {
  if (!config.container?.bindWorkdir) { return { mounts: [], stores: [], owned: {} }; }
  const path = `/${config.container.workdirParent ?? 'workspace'}`;
  return {
    mounts: [{ name: 'workspace', mountPath: path }],
    stores: [{ name: 'workspace', storage: Storage.ephemeral(Size.gibibytes(20)) }],
    owned: { 'container.valid_volumes': [...config.container.validVolumes ?? [], `${path}/**`] },
  };
}

function daemonContainer({ resources }: PlanContext, image: string, mounts: VolumeMount[]): Container {
  const probe = { exec: { command: ['docker', 'info'] }, timeoutSeconds: 30 };
  return {
    name: 'docker',
    image,
    // Told what to listen on, the image's entry point opens no TCP port; without arguments it would.
    args: ['dockerd', '--host=unix:///var/run/docker.sock'],
    restartPolicy: 'Always',
    securityContext: { privileged: true },
    startupProbe: { ...probe, periodSeconds: 3, failureThreshold: 100 },
    livenessProbe: { ...probe, periodSeconds: 60, failureThreshold: 5 },
    // The jobs' containers are children of the daemon: what jobs use counts here.
    resources: resourceRequirements(resources, {}),
    volumeMounts: [
      { name: 'docker-socket', mountPath: '/var/run' },
      { name: 'layers', mountPath: '/var/lib/docker' },
      ...mounts,
    ],
  };
}

function checkedImage(image: string): string {
  if (/^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9._-]+)*:[0-9][A-Za-z0-9._-]*-dind(@sha256:[0-9a-f]{64})?$/.test(image)) { return image; }
  throw ForgeError.of({
    code: 'FORGE-RUN-019',
    message: `${quoted(image)} is not the image of a Docker daemon`,
    allowed: 'an image with a tag of the form <version>-dind, perhaps with a digest: docker:29.7.1-dind',
    fix: 'pin a version of docker:…-dind, or of a mirror of it; for a daemon without root use Executor.dockerRootless()',
  });
}
