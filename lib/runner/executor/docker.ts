import { Size } from 'cdk8s';
import type { VolumeMount } from 'kubernetes-types/core/v1';
import { EVERY_CAPABILITY } from '../../forge';
import { Storage } from '../../kube';
import { OwnedSettings } from '../config/file';
import { checkDaemon, checkLayers, daemonFiles, DEFAULT_LAYERS } from './daemon-files';
import { DockerExecutorProps } from './docker-daemon';
import { checkedDaemonImage, DAEMON_IMAGE, daemonContainer, SOCKET_MOUNT } from './docker-sidecar';
import { gitHubDocker } from './github';
import { ExecutorKind, HOME, PlanContext, PodPlan } from './pod-plan';

/** Returns the executor with a Docker daemon in a native sidecar. */
export function dockerKind(given: DockerExecutorProps): ExecutorKind {
  const props = {
    ...given,
    daemonImage: checkedDaemonImage(given.daemonImage ?? DAEMON_IMAGE),
    layers: given.layers ?? DEFAULT_LAYERS,
    dockerInJobs: given.dockerInJobs ?? true,
  };
  return {
    name: 'docker',
    hasDocker: true,
    capabilities: { ...EVERY_CAPABILITY, dockerInJobs: props.dockerInJobs },
    state: props.state,
    memoryStores: [props.layers],
    defaultResources: { cpuRequestMillis: 500, memoryRequest: Size.gibibytes(1), memoryLimit: Size.gibibytes(4) },
    check: (_context, problems) => {
      checkDaemon(props.daemon, problems);
      checkLayers(props.layers, problems);
    },
    plan: (context) => dockerPlan(context, props),
    gitHub: gitHubDocker(props),
  };
}

function dockerPlan(
  context: PlanContext,
  props: DockerExecutorProps & { daemonImage: string; layers: Storage; dockerInJobs: boolean },
): PodPlan {
  const shared = workspace(context);
  const daemon = daemonFiles(context.construct, props.daemon, '/etc/docker');
  return {
    image: context.version.image,
    // Without fsGroup, which would change the group of every file in the layers; so the runner is root in its container, and nothing more.
    user: 0,
    privileged: false,
    env: [{ name: 'HOME', value: HOME }],
    mounts: [SOCKET_MOUNT, { name: 'work', mountPath: HOME }, ...shared.mounts],
    resources: { cpuRequestMillis: 50, memoryRequest: Size.mebibytes(128), memoryLimit: Size.mebibytes(512) },
    tools: [],
    daemons: [
      daemonContainer({
        image: props.daemonImage,
        resources: context.resources,
        mounts: [...daemon.mounts, ...shared.mounts],
      }),
    ],
    volumes: [{ name: 'docker-socket', emptyDir: {} }, ...daemon.volumes],
    stores: [
      { name: 'work', storage: Storage.ephemeral(Size.gibibytes(5)) },
      { name: 'layers', storage: props.layers },
      ...shared.stores,
    ],
    owned: { ...socketSettings(context, props.dockerInJobs), ...shared.owned },
    files: { 'daemon.json': daemon.json },
  };
}

/**
 * Returns the settings that decide whether jobs get the Docker socket. Gitea's runner finds the socket and passes it
 * on. Forgejo's runner passes it on only if configured.
 */
export function socketSettings({ version }: PlanContext, dockerInJobs: boolean): OwnedSettings {
  if (version.product === 'forgejo') {
    return { 'container.docker_host': dockerInJobs ? 'automount' : undefined };
  }
  return { 'container.docker_host': dockerInJobs ? undefined : '-' };
}

/**
 * Returns a working directory that the runner and the Docker daemon mount at the same path. `bindWorkdir` requires this
 * directory, because the Docker daemon mounts it from its own file system.
 */
export function workspace({ config }: PlanContext): {
  mounts: VolumeMount[];
  stores: { name: string; storage: Storage }[];
  owned: OwnedSettings;
} {
  if (!config.container?.bindWorkdir) {
    return { mounts: [], stores: [], owned: {} };
  }
  const path = `/${config.container.workdirParent ?? 'workspace'}`;
  return {
    mounts: [{ name: 'workspace', mountPath: path }],
    stores: [{ name: 'workspace', storage: Storage.ephemeral(Size.gibibytes(20)) }],
    owned: { 'container.valid_volumes': [...(config.container.validVolumes ?? []), `${path}/**`] },
  };
}
