import { Forge } from '../../forge';
import { Resources } from '../../kube';
import {
  Executor,
  IRunnerProgram,
  Registration,
  RunnerConfig,
  RunnerLabel,
  RunnerProxy,
  RunnerScope,
  RunnerVersion,
} from '../../runner';
import { CaBundle } from '../../trust';
import { HostProfile } from '../profile/host-profile';

/** A program of the machine that runs containers. */
export enum ContainerEngine {
  /** Docker: the runner is a project of Docker Compose. */
  DOCKER = 'docker',
  /** Rootless Podman 4.4 or newer: the containers of the runner are services of a user, which Quadlet makes of units. */
  PODMAN = 'podman',
}

/** Settings of a runner on a machine outside the cluster. */
export interface HostRunnerProps {
  /** The forge whose jobs the runner runs: Gitea or Forgejo. The runner registers at its public URL. */
  readonly forge: Forge;

  /**
   * The scope of the jobs that the runner accepts. The registration token must have the same scope.
   *
   * @default RunnerScope.instance()
   */
  readonly scope?: RunnerScope;

  /**
   * The executor that runs the jobs. `Executor.docker()`, `.dockerRootless()` and `.externalDocker()` make a project of
   * Docker Compose. `Executor.host()` makes a service of the machine without Docker.
   *
   * @default Executor.docker()
   */
  readonly executor?: Executor;

  /**
   * The program of the machine that runs the containers, if the executor has any.
   *
   * @default ContainerEngine.DOCKER
   */
  readonly engine?: ContainerEngine;

  /**
   * The way in which the runner registers. The values come from environment variables of the operator:
   * `SecretSource.environment(…)`. Forgejo needs `Registration.connection`.
   *
   * @default - Registration.token(SecretSource.environment('RUNNER_TOKEN'))
   */
  readonly registration?: Registration;

  /**
   * The kind of machine, which decides what works there.
   *
   * @default HostProfile.linux()
   */
  readonly profile?: HostProfile;

  /**
   * The labels that jobs request in `runs-on`.
   *
   * @default - as for `Runner`: with Docker, `ubuntu-latest`; otherwise the name of the runner
   */
  readonly labels?: RunnerLabel[];

  /**
   * The version of the runner binary.
   *
   * @default RunnerVersion.LATEST_KNOWN
   */
  readonly version?: RunnerVersion;

  /**
   * The name of the runner's image, without tag.
   *
   * @default - the official image
   */
  readonly image?: string;

  /**
   * The digest of the image that the executor uses, `sha256:…`.
   *
   * @default - the tag decides
   */
  readonly imageDigest?: string;

  /**
   * The runner binary, if it is one of your own.
   *
   * @default - that of the forge's product
   */
  readonly program?: IRunnerProgram;

  /**
   * Environment variables that every job gets. Do not use them for secrets: they are readable in Git and by every job.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;

  /**
   * Additional settings of the runner binary.
   *
   * @default - its defaults
   */
  readonly config?: RunnerConfig;

  /**
   * The resource limits of the container in which jobs run. Storage in memory counts toward the memory limit.
   *
   * @default - as for `Runner`: 4 GiB of memory for each job at a time with Docker, 2 GiB without
   */
  readonly resources?: Resources;

  /**
   * Private CAs that the runner and its jobs trust, in addition to the forge's CA. Each is a file of this repository:
   * `CaBundle.fromFile`.
   *
   * @default - that of the forge, if it has one
   */
  readonly certificateAuthorities?: CaBundle[];

  /**
   * The proxy for outbound traffic of the runner and its jobs.
   *
   * @default - straight
   */
  readonly proxy?: RunnerProxy;

  /**
   * The subnet of the network of the project of Docker Compose. Its first address is the machine, to which a name such as
   * `host.docker.internal` leads from containers.
   *
   * @default - '172.30.83.0/24', or the next network that no other HostRunner of the app has, if a name must lead to the machine; otherwise
   * Docker chooses one
   */
  readonly subnet?: string;
}
