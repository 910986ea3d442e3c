import { Buildkitd } from '../../buildkit';
import { RunnerCapabilities } from '../../forge';
import { DockerEndpoint } from './docker-endpoint';
import { DockerExecutorProps, RootlessDockerExecutorProps } from './docker-daemon';
import { dockerKind } from './docker';
import { externalDockerKind, ExternalDockerExecutorProps } from './external';
import { hostKind } from './host';
import { HostExecutorProps } from './host-props';
import { rootlessKind } from './rootless';
import { ExecutorKind } from './pod-plan';

/**
 * How a runner runs its jobs: image, command, volumes, socket, privilege and Pod Security level in one choice. A `GitHubRunner` takes
 * `host` and `docker`; what they mean there is on its page.
 *
 * | | needs privilege | jobs in containers, services, container actions | JavaScript actions | `docker` in jobs |
 * |---|---|---|---|---|
 * | `host` | no | no | if the image holds node | no; `buildctl` instead |
 * | `docker` | the daemon's container | yes | yes | yes |
 * | `dockerRootless` | the one container | yes | yes | yes |
 * | `externalDocker` | no | yes | yes | no |
 *
 * @example
 *
 * Executor.host({ builder: buildkitd });
 */
export class Executor {
  /**
   * In the runner's own container: no Docker daemon, no privilege. Jobs find `bash`, `git`, and the tools that are asked for.
   *
   * Nothing separates one job from the next: they run as one user, in one container, one after the other, and can read the runner's
   * identity. Give such a runner a scope whose repositories trust each other, or make it ephemeral.
   */
  static host(props: HostExecutorProps = {}): Executor {
    return new Executor(hostKind(props), props.builder);
  }

  /**
   * In containers of a Docker daemon that runs in a container of its own beside the runner. That container is privileged, which is
   * root on the node for whoever gets hold of the daemon, and jobs do; the runner's container is not.
   *
   * Needs Kubernetes 1.29 or newer: the daemon is a native sidecar.
   */
  static docker(props: DockerExecutorProps = {}): Executor {
    return new Executor(dockerKind(props));
  }

  /**
   * In containers of a Docker daemon without root, in the runner's own container. "Rootless" is what it is inside: the container
   * itself must be `privileged: true`, because the daemon makes user namespaces and mounts, and no narrower setting is known to
   * work. A job that breaks out of the daemon is user 1000, not root; that is what it gains over `docker`.
   *
   * Gitea's runner only: Forgejo has no such image. The node must allow user namespaces (`user.max_user_namespaces` above 0).
   *
   * @see https://github.com/docker-library/docker/issues/151
   */
  static dockerRootless(props: RootlessDockerExecutorProps = {}): Executor {
    return new Executor(rootlessKind(props));
  }

  /**
   * In containers of a Docker daemon somewhere else. The runner needs no privilege; the daemon's machine is as trusted as its jobs.
   * Jobs find no socket: the runner hands on sockets, not addresses.
   *
   * @param endpoint where the daemon listens
   */
  static externalDocker(endpoint: DockerEndpoint, props: ExternalDockerExecutorProps = {}): Executor {
    return new Executor(externalDockerKind(endpoint, props));
  }

  private constructor(
    /** @internal */
    readonly _kind: ExecutorKind,
    /** The BuildKit daemon that jobs build with, if there is one. */
    readonly builder?: Buildkitd,
  ) {}

  /** The kind of executor: `host`, `docker`, `docker-rootless` or `external-docker`. */
  get kind(): string {
    return this._kind.name;
  }

  /** What its jobs can do. */
  get capabilities(): RunnerCapabilities {
    return { ...this._kind.capabilities };
  }
}
