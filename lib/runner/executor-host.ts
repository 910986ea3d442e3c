import { Size } from 'cdk8s';
import type { Container } from 'kubernetes-types/core/v1';
import { Buildkitd, BuilderConnection } from '../buildkit';
import { Storage } from '../kube';
import { ForgeError, Problems, quoted } from '../support';
import { confined, ExecutorKind, HOME, PlanContext, PodPlan, USER } from './pod-plan';

const TOOLS = '/opt/cdk8s-forge/bin';
/** A user without a name cannot use ssh, and node refuses to say who it is. */
const PASSWD = `root:x:0:0:root:/root:/bin/bash\nrunner:x:${USER}:${USER}:runner:${HOME}:/bin/bash\n`;
const PATH = `${TOOLS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/**
 * A program for jobs of the host executor, copied out of an image at the pod's start.
 */
export interface HostTool {
  /**
   * The image that holds it, with a version as tag, or a digest. It must hold `cp` as well, which images made from scratch do not.
   */
  readonly image: string;

  /** Path of the program in the image. It must need no libraries: the runner's image is Alpine. */
  readonly path: string;
}

/**
 * Settings of the host executor.
 */
export interface HostExecutorProps {
  /**
   * The BuildKit daemon that jobs build with: `buildctl`, of the daemon's version, is put on their PATH, `BUILDKIT_HOST` is set, and the daemon
   * admits the runner's pods.
   *
   * @default - jobs have no builder
   */
  readonly builder?: Buildkitd;

  /**
   * More programs on the jobs' PATH.
   *
   * @default - none
   */
  readonly tools?: HostTool[];

  /**
   * Says that the runner's image holds `node`, so that JavaScript actions such as actions/checkout run. The official image does not:
   * build one on it, and name it in the runner's version: `RunnerVersion.gitea('3.3.0', { image: '…' })`.
   *
   * @default false
   */
  readonly imageHasNode?: boolean;

  /**
   * Run jobs as root inside the container, so that they can install packages. The namespace must then allow the Pod Security level
   * `baseline`.
   *
   * @default false
   */
  readonly jobsRunAsRoot?: boolean;

  /**
   * Where the runner's identity is kept.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * Where jobs work: their home folder, sources, what they build.
   *
   * @default - an emptyDir of 10 GiB on the node's disk
   */
  readonly work?: Storage;
}

/** The executor that runs jobs in the runner's own container. */
export function hostKind(given: HostExecutorProps): ExecutorKind {
  const props = { ...given, tools: (given.tools ?? []).map((tool) => checkedTool({ ...tool })) };
  const work = props.work ?? Storage.ephemeral(Size.gibibytes(10));
  const node = props.imageHasNode ?? false;
  return {
    name: 'host',
    hasDocker: false,
    capabilities: { hostJobs: true, containerJobs: false, services: false, containerActions: false, nodeActions: node, dockerInJobs: false, buildctl: props.builder !== undefined, installsPackages: props.jobsRunAsRoot ?? false, lowPorts: false },
    state: props.state,
    memoryStores: [work],
    defaultResources: { cpuRequestMillis: 100, memoryRequest: Size.mebibytes(256), memoryLimit: Size.gibibytes(2) },
    check: (context, problems) => checkLabels(context, problems),
    plan: (context) => hostPlan(context, { ...props, work, node }),
  };
}

function hostPlan(context: PlanContext, props: HostExecutorProps & { work: Storage; node: boolean }): PodPlan {
  const connection = props.builder?.connectFrom(context.construct, { ...context.podLabels });
  const tools = toolParts(props.tools ?? [], connection);
  return {
    image: context.version.image,
    user: props.jobsRunAsRoot ? 0 : USER,
    privileged: false,
    env: [{ name: 'HOME', value: HOME }, ...tools.env, ...connection?._env() ?? []],
    mounts: [
      { name: 'work', mountPath: HOME },
      { name: 'config', mountPath: '/etc/passwd', subPath: 'passwd', readOnly: true },
      ...tools.mounts,
      ...connection?._volumeMounts() ?? [],
    ],
    resources: {},
    tools: tools.containers,
    daemons: [],
    volumes: [...tools.volumes, ...connection?._volumes() ?? []],
    stores: [{ name: 'work', storage: props.work }],
    // Only JavaScript actions talk to the cache server.
    owned: { 'cache.enabled': context.config.cache?.enabled ?? props.node ? undefined : false },
    files: { passwd: PASSWD },
  };
}

/** The programs on the jobs' PATH: `buildctl` of the daemon's own version, and what else was asked for. */
function toolParts(tools: readonly HostTool[], connection: BuilderConnection | undefined) {
  const containers = [
    ...(connection ? [copyContainer('tools', { image: connection.clientImage, path: connection.buildctlPath })] : []),
    ...tools.map((tool, i) => copyContainer(`tool-${i + 1}`, tool)),
  ];
  if (containers.length === 0) { return { containers, env: [], mounts: [], volumes: [] }; }
  return {
    containers,
    env: [{ name: 'PATH', value: PATH }],
    mounts: [{ name: 'tools', mountPath: TOOLS, readOnly: true }],
    volumes: [{ name: 'tools', emptyDir: {} }],
  };
}

function checkLabels({ labels, version }: PlanContext, problems: Problems): void {
  for (const label of labels.filter(({ needsDocker }) => needsDocker)) {
    problems.add({
      code: 'FORGE-RUN-009',
      message: `label ${quoted(label.name)} runs jobs in a container (${label.image}), but the host executor has no Docker daemon`,
      fix: `use RunnerLabel.host(${quoted(label.name)}), or an executor with Docker: Executor.docker(), Executor.dockerRootless()`,
      symptom: `${version.program}: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?`,
    });
  }
}

/** Copies one program out of an image; the image's own user may not be ours, so the copy says nothing about owners. */
function copyContainer(name: string, { image, path }: HostTool): Container {
  return {
    name,
    image,
    command: ['cp', path, `${TOOLS}/${path.slice(path.lastIndexOf('/') + 1)}`],
    securityContext: confined(),
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    volumeMounts: [{ name: 'tools', mountPath: TOOLS }],
  };
}

function checkedTool(tool: HostTool): HostTool {
  const versioned = /^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64}|:[A-Za-z0-9_][A-Za-z0-9._-]*@sha256:[0-9a-f]{64})$/;
  const isPinned = versioned.test(tool.image) && !/:(latest|nightly|main|master|edge)$/.test(tool.image);
  if (isPinned && /^\/([A-Za-z0-9._+-]+\/)*[A-Za-z0-9._+-]+$/.test(tool.path)) { return tool; }
  throw ForgeError.of({
    code: 'FORGE-RUN-025',
    message: `${quoted(tool.path)} of image ${quoted(tool.image)} is not a tool for jobs`,
    allowed: 'an image with a version as tag or a digest, and an absolute path in it',
    fix: "pin it, e.g. { image: 'mikefarah/yq:4.47.1', path: '/usr/bin/yq' }",
  });
}
