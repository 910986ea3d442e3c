import { Size } from 'cdk8s';
import { EVERY_CAPABILITY, RunnerCapabilities } from '../../forge';
import { NodeNeed, Storage } from '../../kube';
import { Problem, Problems, Symptom } from '../../support';
import { Privilege, RUNNER_CONTAINER } from '../blueprint';
import { ProgramFacts } from '../program/program';
import { checkDaemon, checkLayers, daemonFiles, DEFAULT_LAYERS } from './daemon-files';
import { RootlessDockerExecutorProps } from './docker-daemon';
import { jobBuilderEndpoints } from './job-builder';
import { KnownExecutor, SymptomSubject } from './known';
import { ExecutorContext, ExecutorPlan, ExecutorTraits } from './plan';
import { stateProblems } from './state';
import { daemonSymptom, fullDiskSymptom } from './symptoms';
import { socketSettings, workspace } from './workspace';

/** The home directory of the image's user. */
const ROOTLESS_HOME = '/home/rootless';

/** The executor with a rootless Docker daemon in the runner's own container. */
export class RootlessDockerExecutor implements KnownExecutor {
  readonly name: string = 'docker-rootless';

  /** The builder that jobs connect to. */
  readonly builder: RootlessDockerExecutorProps['builder'];

  readonly nodeNeeds = [NodeNeed.UNPRIVILEGED_USER_NAMESPACES];

  private readonly props: RootlessDockerExecutorProps;
  private readonly layers: Storage;
  private readonly dockerInJobs: boolean;

  constructor(given: RootlessDockerExecutorProps) {
    this.props = { ...given };
    this.builder = given.builder;
    this.layers = given.layers ?? DEFAULT_LAYERS;
    this.dockerInJobs = given.dockerInJobs ?? true;
  }

  capabilities(_program: ProgramFacts): RunnerCapabilities {
    return { ...EVERY_CAPABILITY, dockerInJobs: this.dockerInJobs, lowPorts: false };
  }

  traits(_program: ProgramFacts): ExecutorTraits {
    return {
      hasDocker: true,
      state: this.props.state,
      jobStores: [this.layers],
      jobResources: { cpuRequestMillis: 500, memoryRequest: Size.gibibytes(1), memoryLimit: Size.gibibytes(4) },
    };
  }

  problems({ program, construct }: ExecutorContext): Problem[] {
    const problems = new Problems(construct.node.path);
    if (program.rootlessDockerImage === undefined) {
      problems.add({
        code: 'FORGE-RUN-014',
        message: `${program.binary} has no image with a rootless Docker daemon`,
        fix: 'use Executor.docker(): the daemon then runs in a container of its own; or Executor.host({ builder }), which needs no privilege',
      });
    }
    checkDaemon({ props: this.props.daemon }, problems);
    checkLayers(this.layers, problems);
    return [...stateProblems(this.props.state, program), ...problems.all];
  }

  plan(context: ExecutorContext): ExecutorPlan {
    const { mtu } = this.props.daemon ?? {};
    const shared = workspace(context);
    const daemon = daemonFiles(context.construct, { props: this.props.daemon }, `${ROOTLESS_HOME}/.config/docker`);
    return {
      image: context.program.rootlessDockerImage!,
      user: { id: context.program.user },
      privilege: Privilege.FULL,
      // The daemon's own network stack has an MTU of its own.
      env: mtu === undefined ? [] : [{ name: 'DOCKERD_ROOTLESS_ROOTLESSKIT_MTU', value: String(mtu) }],
      mounts: [
        // A folder of the volume, not its root: fsGroup is then applied once. The daemon changes the mode of its data root, and on a
        // root that does not look as left, Kubernetes would change the group of every file in the layers, at every start.
        { volume: 'layers', path: `${ROOTLESS_HOME}/.local/share/docker`, subPath: 'docker' },
        ...daemon.mounts,
        ...shared.mounts,
      ],
      volumes: daemon.volumes,
      stores: [{ name: 'layers', storage: this.layers }, ...shared.stores],
      settings: { ...socketSettings(context, this.dockerInJobs), ...shared.settings },
      files: { 'daemon.json': daemon.json },
      endpoints: [...daemon.endpoints, ...jobBuilderEndpoints(this.builder, context)],
    };
  }

  symptoms(subject: SymptomSubject): Symptom[] {
    const cause = `The Docker daemon of \`${subject.name}\` runs in the container \`${RUNNER_CONTAINER}\`, and is not ready.`;
    const fix =
      'If its log contains `operation not permitted` or `user namespaces`, set `user.max_user_namespaces` above 0 on the node. On Ubuntu 24.04, also set `kernel.apparmor_restrict_unprivileged_userns=0`.';
    return [daemonSymptom(subject, { cause, fix }, RUNNER_CONTAINER), ...fullDiskSymptom(subject, RUNNER_CONTAINER)];
  }
}
