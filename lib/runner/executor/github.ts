import { Size } from 'cdk8s';
import type { Container, VolumeMount } from 'kubernetes-types/core/v1';
import { EVERY_CAPABILITY } from '../../forge';
import { Storage } from '../../kube';
import { Problems } from '../../support';
import { checkDaemon, checkLayers, daemonFiles } from './daemon-files';
import { DockerExecutorProps } from './docker-daemon';
import { daemonContainer, SOCKET_MOUNT } from './docker-sidecar';
import { HostExecutorProps } from './host-props';
import { hostCapabilities, toolParts } from './host-tools';
import { confined, GitHubExecutor, HOME, PlanContext, PodPlan } from './pod-plan';

/** The user ID and group ID of the image. The image's files belong to this user and group. */
export const GITHUB_USER = 1001;
/** The ID of the image's group `docker`, whose members may use the Docker daemon's socket. */
const DOCKER_GROUP = 123;
/** The working directory, which contains the checked-out sources and the build output of jobs. */
const WORK: VolumeMount = { name: 'work', mountPath: `${HOME}/_work` };
/** The directory of Node.js and other programs of the runner, which the runner mounts into job containers. */
const EXTERNALS = `${HOME}/externals`;

/** Returns the host executor for GitHub. Steps run in the runner's container, and no other containers run for jobs. */
export function gitHubHost(props: HostExecutorProps & { readonly work: Storage }): GitHubExecutor {
  return {
    capabilities: hostCapabilities(props, true),
    memoryStores: [props.work],
    check: (problems) => checkState(props.state, problems),
    plan: (context) => hostPlan(context, props),
  };
}

function hostPlan(context: PlanContext, props: HostExecutorProps & { readonly work: Storage }): PodPlan {
  const connection = props.builder?.connectFrom(context.construct, { ...context.podLabels });
  const tools = toolParts(props.tools ?? [], connection);
  return {
    image: context.version.image,
    user: GITHUB_USER,
    privileged: false,
    sudo: props.jobsRunAsRoot ?? false,
    env: [...tools.env, ...(connection?._env() ?? [])],
    mounts: [WORK, ...tools.mounts, ...(connection?._volumeMounts() ?? [])],
    resources: {},
    tools: tools.containers,
    daemons: [],
    volumes: [...tools.volumes, ...(connection?._volumes() ?? [])],
    stores: [{ name: 'work', storage: props.work }],
    owned: {},
    files: {},
  };
}

/**
 * Returns the Docker executor for GitHub. Steps run in the runner's container. `container:`, `services:` and builds run
 * in the Docker daemon's container.
 */
export function gitHubDocker(
  props: DockerExecutorProps & {
    readonly daemonImage: string;
    readonly layers: Storage;
    readonly dockerInJobs: boolean;
  },
): GitHubExecutor {
  return {
    capabilities: { ...EVERY_CAPABILITY, nodeInJobs: false, buildctl: false },
    memoryStores: [],
    daemonStores: [props.layers],
    check: (problems) => {
      checkState(props.state, problems);
      checkDaemon(props.daemon, problems);
      checkLayers(props.layers, problems);
      if (props.dockerInJobs) {
        return;
      }
      problems.add({
        code: 'FORGE-RUN-036',
        message:
          "dockerInJobs is false, but GitHub's runner hands the daemon's socket to every job and knows no setting against it",
        fix: 'leave dockerInJobs out, or use Executor.host({ builder }), which has no daemon',
      });
    },
    plan: (context) => dockerPlan(context, props),
  };
}

function dockerPlan(
  context: PlanContext,
  props: DockerExecutorProps & { readonly daemonImage: string; readonly layers: Storage },
): PodPlan {
  const daemon = daemonFiles(context.construct, props.daemon, '/etc/docker');
  const { image } = context.version;
  // What the runner mounts into containers is looked for in the daemon's file system: at the same paths.
  const shared = [WORK, { name: 'externals', mountPath: EXTERNALS }];
  return {
    image,
    user: GITHUB_USER,
    groups: [DOCKER_GROUP],
    privileged: false,
    // Jobs own the daemon, which is more than this.
    sudo: true,
    env: [],
    mounts: [SOCKET_MOUNT, WORK],
    resources: {},
    tools: [externalsContainer(image)],
    daemons: [
      daemonContainer({
        image: props.daemonImage,
        resources: context.resources,
        mounts: [...daemon.mounts, ...shared],
        group: DOCKER_GROUP,
      }),
    ],
    volumes: [{ name: 'docker-socket', emptyDir: {} }, { name: 'externals', emptyDir: {} }, ...daemon.volumes],
    stores: [
      { name: 'work', storage: Storage.ephemeral(Size.gibibytes(20)) },
      { name: 'layers', storage: props.layers },
    ],
    owned: {},
    files: { 'daemon.json': daemon.json },
  };
}

/** Returns the container that copies the files that job containers need from the runner's image. */
function externalsContainer(image: string): Container {
  return {
    name: 'externals',
    image,
    command: ['cp', '-r', `${EXTERNALS}/.`, '/externals'],
    securityContext: confined({ readOnlyRoot: true }),
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } },
    volumeMounts: [{ name: 'externals', mountPath: '/externals' }],
  };
}

function checkState(state: Storage | undefined, problems: Problems): void {
  if (state === undefined) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-036',
    message: "the executor has a state, but GitHub's runner takes one job and keeps nothing",
    fix: 'leave state out',
  });
}
