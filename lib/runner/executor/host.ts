import { Size } from 'cdk8s';
import { BuilderConnection, connectionOf } from '../../buildkit';
import { RunnerCapabilities } from '../../forge';
import { withoutTools } from '../capabilities';
import { Storage } from '../../kube';
import { Problem, quoted, Symptom } from '../../support';
import { FILES_VOLUME, Privilege, volumeOf } from '../blueprint';
import { RunnerConfig } from '../config/config';
import { ProgramFacts } from '../program/program';
import { HostExecutorProps, JobImage } from './host-props';
import { DockerClient, dockerClient, NO_DOCKER } from './docker-client';
import { checkedTool, ToolParts, toolParts } from './host-tools';
import { jobImageParts, jobImageProblems } from './job-image';
import { HOME, KnownExecutor, SymptomSubject } from './known';
import { ExecutorContext, ExecutorPlan, ExecutorTraits } from './plan';
import { stateProblems } from './state';

/** The executor that runs jobs in the runner's own container. */
export class HostExecutor implements KnownExecutor {
  readonly name: string = 'host';
  readonly builder: HostExecutorProps['builder'];

  private readonly props: HostExecutorProps;
  private readonly work: Storage;

  constructor(given: HostExecutorProps) {
    this.props = { ...given, tools: (given.tools ?? []).map((tool) => checkedTool({ ...tool })) };
    this.work = given.work ?? Storage.ephemeral(Size.gibibytes(10));
    this.builder = given.builder;
  }

  capabilities({ bringsNode = false }: ProgramFacts): RunnerCapabilities {
    const { jobsRunAsRoot = false, imageHasNode = false, jobImage } = this.props;
    const known = {
      hostJobs: true,
      containerJobs: false,
      services: false,
      containerActions: false,
      nodeActions: bringsNode || imageHasNode,
      nodeInJobs: imageHasNode,
      dockerInJobs: this.props.docker !== undefined,
      builderInJobs: this.builder !== undefined,
      tools: (this.props.tools ?? []).map(({ path }) => path.slice(path.lastIndexOf('/') + 1)),
      installsPackages: jobsRunAsRoot || jobImage?.user === 0,
      lowPorts: false,
    };
    return jobImage ? withoutTools(known) : known;
  }

  traits(_program: ProgramFacts): ExecutorTraits {
    return {
      state: this.props.state,
      jobStores: [this.work],
      jobResources: { cpuRequestMillis: 100, memoryRequest: Size.mebibytes(256), memoryLimit: Size.gibibytes(2) },
    };
  }

  problems({ labels, program }: ExecutorContext): Problem[] {
    const inContainers = labels.filter(({ needsDocker }) => needsDocker);
    const { jobImage, jobsRunAsRoot = false } = this.props;
    return [
      ...(jobImage ? jobImageProblems(jobImage, program, jobsRunAsRoot) : []),
      ...stateProblems(this.props.state, program),
      ...inContainers.map((label) => ({
        code: 'FORGE-RUN-009',
        message: `label ${quoted(label.name)} runs jobs in a container (${label.image}), but the host executor has no Docker daemon`,
        fix: this.props.docker
          ? `use RunnerLabel.host(${quoted(label.name)}), or Executor.externalDocker(…) with the same endpoint`
          : `use RunnerLabel.host(${quoted(label.name)}), or an executor with Docker: Executor.docker(), Executor.dockerRootless()`,
        symptom: `${program.binary}: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?`,
      })),
    ];
  }

  plan({ construct, program, podLabels, config }: ExecutorContext): ExecutorPlan {
    const { jobsRunAsRoot = false, imageHasNode = false } = this.props;
    const connection = this.builder && connectionOf(this.builder, construct, podLabels);
    const client = clientOf(connection, this.dockerParts(construct));
    const account = accountOf(program);
    const tools = toolParts(this.props.tools ?? [], connection);
    if (this.props.jobImage) {
      return this.planInImage(this.props.jobImage, program, { client, tools, config });
    }
    return {
      image: program.image,
      ...userOf(program, jobsRunAsRoot, client.groups),
      env: [...account.env, ...tools.env, ...client.env],
      mounts: [{ volume: 'work', path: program.workFolder }, ...account.mounts, ...tools.mounts, ...client.mounts],
      tools: tools.containers,
      volumes: [...tools.volumes, ...client.volumes],
      stores: [{ name: 'work', storage: this.work }],
      // Only JavaScript actions talk to the cache server.
      settings: { 'cache.enabled': (config.cache?.enabled ?? imageHasNode) ? undefined : false },
      endpoints: client.endpoints,
      nodeSelector: client.nodeSelector,
      files: account.files,
    };
  }

  /** Plans a runner whose jobs run in an image of their own. `PATH` is extended when the runner starts, not replaced. */
  private planInImage(image: JobImage, program: ProgramFacts, { client, tools, config }: InImage): ExecutorPlan {
    const parts = jobImageParts(image, program);
    const { imageHasNode = false } = this.props;
    return {
      image: image.image,
      setupImage: program.image,
      runsCopy: true,
      user: { id: image.user, ...moreGroups(client.groups) },
      env: [...parts.env, ...client.env],
      mounts: [...parts.mounts, ...tools.mounts, ...client.mounts],
      tools: [parts.setup, ...tools.containers],
      volumes: [parts.volume, ...tools.volumes, ...client.volumes],
      stores: [{ name: 'work', storage: this.work }],
      settings: { 'cache.enabled': (config.cache?.enabled ?? imageHasNode) ? undefined : false, ...parts.settings },
      endpoints: client.endpoints,
      nodeSelector: client.nodeSelector,
    };
  }

  private dockerParts(construct: ExecutorContext['construct']): DockerClient {
    const { docker } = this.props;
    if (docker === undefined) {
      return NO_DOCKER;
    }
    const client = dockerClient(docker, construct);
    return { ...client, env: [{ name: 'DOCKER_HOST', value: docker.url }, ...client.env] };
  }

  symptoms({ name }: SymptomSubject): Symptom[] {
    if (this.props.docker !== undefined) {
      return [];
    }
    return [
      {
        seen: '`Cannot connect to the Docker daemon`',
        cause: `Runner \`${name}\` has no Docker daemon, by design.`,
        fix: 'Build with `buildctl`, or set `runsOn` to a runner that has Docker.',
      },
    ];
  }
}

/** The parts that jobs in an image of their own have as well. */
interface InImage {
  readonly client: ReturnType<typeof clientOf>;
  readonly tools: ToolParts;
  readonly config: RunnerConfig;
}

/** Returns the parts of the runner's container that connect it to a builder, and to a Docker daemon. */
function clientOf(connection: BuilderConnection | undefined, docker: DockerClient) {
  const mounts = (connection?._volumeMounts() ?? []).map(({ name, mountPath, readOnly }) => ({
    volume: name,
    path: mountPath,
    readOnly,
  }));
  return {
    env: [...Object.entries(connection?.environment ?? {}).map(([name, value]) => ({ name, value })), ...docker.env],
    mounts: [...mounts, ...docker.mounts],
    volumes: [...(connection?._volumes() ?? []).map(volumeOf), ...docker.volumes],
    endpoints: [...(connection?.addresses ?? []), ...docker.endpoints],
    groups: docker.groups,
    nodeSelector: docker.nodeSelector,
  };
}

/** Returns the user of the runner: root, or a user who may become root, if jobs need it. */
function userOf(
  { user, refusesRoot }: ProgramFacts,
  asRoot: boolean,
  groups: readonly number[],
): Pick<ExecutorPlan, 'user' | 'privilege'> {
  if (asRoot && refusesRoot) {
    return { user: { id: user, ...moreGroups(groups) }, privilege: Privilege.SUDO };
  }
  return { user: { id: asRoot ? 0 : user, ...moreGroups(groups) } };
}

function moreGroups(groups: readonly number[]): { moreGroups?: number[] } {
  return groups.length > 0 ? { moreGroups: [...groups] } : {};
}

/**
 * Returns the home directory and the user accounts of a container whose image does not have them. Without a user name, a
 * user cannot use ssh, and Node.js fails to return the current user.
 */
function accountOf({ imageHasUser, user }: ProgramFacts): Required<Pick<ExecutorPlan, 'env' | 'mounts' | 'files'>> {
  if (imageHasUser) {
    return { env: [], mounts: [], files: {} };
  }
  return {
    env: [{ name: 'HOME', value: HOME }],
    mounts: [{ volume: FILES_VOLUME, path: '/etc/passwd', subPath: 'passwd', readOnly: true }],
    files: { passwd: `root:x:0:0:root:/root:/bin/bash\nrunner:x:${user}:${user}:runner:${HOME}:/bin/bash\n` },
  };
}
