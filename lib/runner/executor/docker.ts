import { Size } from 'cdk8s';
import { EVERY_CAPABILITY, RunnerCapabilities } from '../../forge';
import { Resources, Storage } from '../../kube';
import { Problem, Problems, Symptom } from '../../support';
import { BlueprintContainer, BlueprintMount, Privilege, VolumeContent } from '../blueprint';
import { ProgramFacts } from '../program/program';
import { checkDaemon, checkLayers, daemonFiles, DaemonSettings, DEFAULT_LAYERS } from './daemon-files';
import { DockerExecutorProps } from './docker-daemon';
import { checkedDaemonImage, DAEMON_IMAGE, daemonContainer, SOCKET_MOUNT } from './docker-sidecar';
import { jobBuilderEndpoints } from './job-builder';
import { HOME, KnownExecutor, SymptomSubject } from './known';
import { ExecutorContext, ExecutorPlan, ExecutorTraits } from './plan';
import { stateProblems } from './state';
import { daemonSymptom, fullDiskSymptom } from './symptoms';
import { socketSettings, workspace } from './workspace';

const DAEMON: Resources = { cpuRequestMillis: 500, memoryRequest: Size.gibibytes(1), memoryLimit: Size.gibibytes(4) };
const STEPS: Resources = { cpuRequestMillis: 100, memoryRequest: Size.mebibytes(256), memoryLimit: Size.gibibytes(2) };

/** The executor with a Docker daemon in a container beside the runner. */
export class DockerExecutor implements KnownExecutor {
  readonly name: string = 'docker';

  /** The builder that jobs connect to. */
  readonly builder: DockerExecutorProps['builder'];

  private readonly props: DockerExecutorProps;
  private readonly image: string;
  private readonly daemon: DaemonSettings;
  private readonly layers: Storage;
  private readonly dockerInJobs: boolean;

  constructor(given: DockerExecutorProps) {
    this.props = { ...given };
    this.builder = given.builder;
    this.image = checkedDaemonImage(given.daemonImage ?? DAEMON_IMAGE);
    this.daemon = { props: given.daemon, image: this.image };
    this.layers = given.layers ?? DEFAULT_LAYERS;
    this.dockerInJobs = given.dockerInJobs ?? true;
  }

  capabilities({ stepsInRunner }: ProgramFacts): RunnerCapabilities {
    return stepsInRunner
      ? { ...EVERY_CAPABILITY, nodeInJobs: false, builderInJobs: false, tools: [] }
      : { ...EVERY_CAPABILITY, dockerInJobs: this.dockerInJobs };
  }

  traits({ stepsInRunner }: ProgramFacts): ExecutorTraits {
    const { state } = this.props;
    return stepsInRunner
      ? { hasDocker: true, state, jobResources: STEPS, daemonStores: [this.layers], daemonResources: DAEMON }
      : { hasDocker: true, state, jobStores: [this.layers], jobResources: DAEMON };
  }

  problems({ program, construct }: ExecutorContext): Problem[] {
    const problems = new Problems(construct.node.path);
    checkDaemon(this.daemon, problems);
    checkLayers(this.layers, problems);
    if (!this.dockerInJobs && program.stepsInRunner) {
      problems.add({
        code: 'FORGE-RUN-036',
        message:
          "dockerInJobs is false, but GitHub's runner hands the daemon's socket to every job and knows no setting against it",
        fix: 'leave dockerInJobs out, or use Executor.host({ builder }), which has no daemon',
      });
    }
    return [...stateProblems(this.props.state, program), ...problems.all];
  }

  plan(context: ExecutorContext): ExecutorPlan {
    return context.program.stepsInRunner ? this.besideSteps(context) : this.withJobs(context);
  }

  symptoms(subject: SymptomSubject): Symptom[] {
    const cause = `The Docker daemon of \`${subject.name}\` is the container \`docker\` of its pods, and is not ready.`;
    const fix = 'Fix the error that the log of the container contains.';
    return [daemonSymptom(subject, { cause, fix }, 'docker'), ...fullDiskSymptom(subject, 'docker')];
  }

  /** Returns the plan for jobs that run in containers of the daemon. */
  private withJobs(context: ExecutorContext): ExecutorPlan {
    const shared = workspace(context);
    const daemon = daemonFiles(context.construct, this.daemon, '/etc/docker');
    return {
      image: context.program.image,
      // Without fsGroup, which would change the group of every file in the layers; so the runner is root in its container, and nothing more.
      user: { id: 0 },
      env: [{ name: 'HOME', value: HOME }],
      mounts: [SOCKET_MOUNT, { volume: 'work', path: HOME }, ...shared.mounts],
      resources: { cpuRequestMillis: 50, memoryRequest: Size.mebibytes(128), memoryLimit: Size.mebibytes(512) },
      services: [
        daemonContainer({
          image: this.image,
          resources: context.jobResources,
          mounts: [...daemon.mounts, ...shared.mounts],
        }),
      ],
      volumes: [{ name: 'docker-socket', content: VolumeContent.EMPTY }, ...daemon.volumes],
      stores: [
        { name: 'work', storage: Storage.ephemeral(Size.gibibytes(5)) },
        { name: 'layers', storage: this.layers },
        ...shared.stores,
      ],
      settings: { ...socketSettings(context, this.dockerInJobs), ...shared.settings },
      files: { 'daemon.json': daemon.json },
      endpoints: [...daemon.endpoints, ...jobBuilderEndpoints(this.builder, context)],
    };
  }

  /** Returns the plan for steps that run in the runner's container, beside the daemon. */
  private besideSteps(context: ExecutorContext): ExecutorPlan {
    const { construct, program, daemonResources } = context;
    const daemon = daemonFiles(construct, this.daemon, '/etc/docker');
    const work: BlueprintMount = { volume: 'work', path: program.workFolder };
    const folders = Object.entries(program.sharedFolders ?? {});
    // What the runner mounts into containers is looked for in the daemon's file system: at the same paths.
    const shared = [work, ...folders.map(([volume, path]) => ({ volume, path }))];
    return {
      image: program.image,
      user: { id: program.user, ...(program.dockerGroup === undefined ? {} : { groups: [program.dockerGroup] }) },
      // Jobs own the daemon, which is more than this.
      privilege: Privilege.SUDO,
      mounts: [SOCKET_MOUNT, work],
      tools: folders.map(([name, path]) => copyContainer(program.image, { name, path })),
      services: [
        daemonContainer({
          image: this.image,
          resources: daemonResources,
          mounts: [...daemon.mounts, ...shared],
          group: program.dockerGroup,
        }),
      ],
      volumes: [
        { name: 'docker-socket', content: VolumeContent.EMPTY },
        ...folders.map(([name]) => ({ name, content: VolumeContent.EMPTY })),
        ...daemon.volumes,
      ],
      stores: [
        { name: 'work', storage: Storage.ephemeral(Size.gibibytes(20)) },
        { name: 'layers', storage: this.layers },
      ],
      files: { 'daemon.json': daemon.json },
      endpoints: [...daemon.endpoints, ...jobBuilderEndpoints(this.builder, context)],
    };
  }
}

/** Returns the container that copies files that job containers need from the runner's image. */
function copyContainer(image: string, { name, path }: { name: string; path: string }): BlueprintContainer {
  return {
    name,
    image,
    command: ['cp', '-r', `${path}/.`, `/${name}`],
    privilege: Privilege.READ_ONLY,
    resources: { cpuRequestMillis: 10, memoryRequest: Size.mebibytes(32), memoryLimit: Size.mebibytes(256) },
    mounts: [{ volume: name, path: `/${name}` }],
  };
}
