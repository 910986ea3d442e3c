import { IBuilder } from '../../buildkit';
import { NodeNeed } from '../../kube';
import { DockerEndpoint } from './docker-endpoint';
import { DockerExecutorProps, RootlessDockerExecutorProps } from './docker-daemon';
import { DockerExecutor } from './docker';
import { ExternalDockerExecutor } from './external';
import { ExternalDockerExecutorProps } from './external-props';
import { HostExecutor } from './host';
import { HostExecutorProps } from './host-props';
import { IExecutor } from './plan';
import { OwnExecutor } from './own';
import { RootlessDockerExecutor } from './rootless';

/**
 * An executor that decides how a runner runs its jobs. One choice sets image, command, volumes, socket, privilege and
 * Pod Security level. A `GitHubRunner` accepts `host` and `docker`; its page describes their effect there.
 *
 * | Executor | needs privilege | jobs in containers, services, container actions | JavaScript actions | `docker` in jobs |
 * |---|---|---|---|---|
 * | `host` | no | no | if the image has Node.js | no; `buildctl` instead |
 * | `docker` | the Docker daemon's container | yes | yes | yes |
 * | `dockerRootless` | the single container | yes | yes | yes |
 * | `externalDocker` | no | yes | yes | no |
 *
 * @example
 *
 * Executor.host({ builder: buildkitd });
 */
export class Executor {
  /**
   * Creates an executor that runs jobs in the runner's own container, without a Docker daemon and without privilege.
   * Jobs have `bash`, `git`, and the configured tools.
   *
   * Jobs are not isolated from each other: they run as the same user, in the same container, one after the other. They
   * can also read the runner's identity. Use a scope whose repositories trust each other, or make the runner ephemeral.
   */
  static host(props: HostExecutorProps = {}): Executor {
    return new Executor(new HostExecutor(props));
  }

  /**
   * Creates an executor that runs jobs in containers of a Docker daemon next to the runner. The Docker daemon runs in
   * its own container, which is privileged. Anyone who controls the Docker daemon is root on the node, and jobs control
   * the Docker daemon. The runner's container is not privileged.
   *
   * Requires Kubernetes 1.29 or newer, because the Docker daemon is a native sidecar.
   */
  static docker(props: DockerExecutorProps = {}): Executor {
    return new Executor(new DockerExecutor(props));
  }

  /**
   * Creates an executor that runs jobs in containers of a rootless Docker daemon, in the runner's own container.
   * "Rootless" applies only inside the container. The container itself must be `privileged: true`, because the Docker
   * daemon creates user namespaces and mounts. No narrower setting is known to work. Unlike with `docker`, a job that
   * breaks out of the Docker daemon is user 1000, not root.
   *
   * Supported only by Gitea's runner, because Forgejo has no such image. The node must allow user namespaces
   * (`user.max_user_namespaces` above 0).
   *
   * @see https://github.com/docker-library/docker/issues/151
   */
  static dockerRootless(props: RootlessDockerExecutorProps = {}): Executor {
    return new Executor(new RootlessDockerExecutor(props));
  }

  /**
   * Creates an executor that runs jobs in containers of an external Docker daemon. The runner needs no privilege. Trust
   * the Docker daemon's machine only as much as its jobs. Jobs do not get a Docker socket, because the runner passes on
   * sockets, not addresses.
   *
   * @param endpoint where the daemon listens
   */
  static externalDocker(endpoint: DockerEndpoint, props: ExternalDockerExecutorProps = {}): Executor {
    return new Executor(new ExternalDockerExecutor(endpoint, props));
  }

  /**
   * Creates an executor of your own.
   *
   * @param executor the implementation
   */
  static custom(executor: IExecutor): Executor {
    return new Executor(new OwnExecutor(executor));
  }

  private constructor(
    /** @internal */
    readonly _executor: IExecutor,
  ) {}

  /** The name of the executor: `host`, `docker`, `docker-rootless`, `external-docker`, or that of your own. */
  get name(): string {
    return this._executor.name;
  }

  /** Settings of the kernel that the pods of the runner and of its builder need on their nodes. */
  get nodeNeeds(): NodeNeed[] {
    const { nodeNeeds = [], builder } = this._executor;
    return [...new Set([...nodeNeeds, ...(builder?.nodeNeeds ?? [])])];
  }

  /** The builder that jobs build with; undefined if there is none. */
  get builder(): IBuilder | undefined {
    return this._executor.builder;
  }
}
