import { RunnerCapabilities } from '../forge';
import { checkConstruction, ForgeError, quoted } from '../support';

/** The way in which a job gets a tool. */
export interface JobToolProps {
  /**
   * The action that installs the tool, without its version, for example `sigstore/cosign-installer`. A job that uses the
   * action has the tool.
   *
   * @default - no action is known
   */
  readonly setUpBy?: string;
}

/** A requirement of a tool, and the way to provide it. */
interface Demand {
  /** The capability that stands for the tool. @default - the tool is one of the runner's `tools` */
  readonly capability?: keyof RunnerCapabilities;
  /** Reports that the image of the job's own container can contain the tool. */
  readonly inContainer: boolean;
  readonly fix: string;
  readonly symptom: string;
}

/**
 * A tool that a script calls and that not every runner has. Synth checks it against the runner of the job.
 *
 * @example
 *
 * Step.run({
 *   name: 'Sign',
 *   script: 'cosign sign --yes "$IMAGE"',
 *   tools: [JobTool.of('cosign', { setUpBy: 'sigstore/cosign-installer' })],
 * });
 */
export class JobTool {
  /** The `docker` command, with a Docker daemon that responds. */
  static readonly DOCKER = new JobTool(
    'docker',
    {},
    {
      capability: 'dockerInJobs',
      inContainer: false,
      fix: 'pass a runner with Docker: Executor.docker(), Executor.dockerRootless()',
      symptom: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    },
  );

  /** The `buildctl` command, with a BuildKit daemon (buildkitd) that responds. */
  static readonly BUILDCTL = new JobTool(
    'buildctl',
    {},
    {
      capability: 'builderInJobs',
      inContainer: true,
      fix: 'give the runner a builder: Executor.host({ builder })',
      symptom: 'buildctl: command not found',
    },
  );

  /** The `node` and `npm` commands. */
  static readonly NODE = new JobTool(
    'node',
    { setUpBy: 'actions/setup-node' },
    {
      capability: 'nodeInJobs',
      inContainer: true,
      fix: "give jobs an image that holds it: Executor.host({ jobImage }), or imageHasNode if the runner's own image does; where a runner runs containers, JobContainer.of('node:…')",
      symptom: 'npm: command not found',
    },
  );

  /**
   * Returns a tool that the images of the runner binaries do not contain, by the name of its command.
   *
   * @param name the command, for example `cosign`
   * @throws FORGE-WF-057 for a name that is no command
   */
  static of(name: string, props: JobToolProps = {}): JobTool {
    if (!/^[A-Za-z0-9_][A-Za-z0-9._+-]*$/.test(name)) {
      throw ForgeError.of({
        code: 'FORGE-WF-057',
        message: `${quoted(name)} is not the name of a command`,
        allowed: 'letters, digits, `.`, `_`, `+` and `-`',
        fix: 'pass the command without its path and arguments',
      });
    }
    const known = [JobTool.DOCKER, JobTool.BUILDCTL, JobTool.NODE].find((tool) => tool.name === name);
    return known ?? new JobTool(name, props, { inContainer: true, ...provided(name, props) });
  }

  /** @internal */
  readonly _demand: Demand;

  /** The action that installs the tool, without its version. */
  readonly setUpBy?: string;

  /**
   * @param name the command
   */
  private constructor(
    readonly name: string,
    props: JobToolProps,
    demand: Demand,
  ) {
    checkConstruction(JobTool, new.target, arguments);
    this.setUpBy = props.setUpBy;
    this._demand = demand;
  }

  /**
   * Returns whether the capabilities of a runner leave out the tool.
   *
   * @internal
   */
  _isMissing(capabilities: RunnerCapabilities): boolean {
    const { capability } = this._demand;
    return capability === undefined
      ? capabilities.tools !== undefined && !capabilities.tools.includes(this.name)
      : capabilities[capability] === false;
  }
}

function provided(name: string, { setUpBy }: JobToolProps): Pick<Demand, 'fix' | 'symptom'> {
  return {
    fix: `${setUpBy === undefined ? '' : `use the action ${setUpBy} in an earlier step, or `}copy it from an image, Executor.host({ tools: [{ image, path: '/…/${name}' }] }), or let the job run in a container that contains it`,
    symptom: `${name}: command not found`,
  };
}
