import { Buildkitd } from '../buildkit';

/**
 * Settings of the host executor.
 */
export interface HostExecutorProps {
  /**
   * The BuildKit daemon that jobs build with: `buildctl`, of the daemon's version, is put on their PATH, and `BUILDKIT_HOST` is set.
   *
   * @default - jobs have no builder
   */
  readonly builder?: Buildkitd;
}

/**
 * How a runner runs its jobs.
 *
 * @example
 *
 * Executor.host({ builder: buildkitd });
 */
export class Executor {
  /**
   * In the runner's own container: no Docker daemon, no privilege. Jobs find `bash` and `git`; node actions, container actions and
   * `services` do not run.
   */
  static host(props: HostExecutorProps = {}): Executor {
    return new Executor('host', props.builder);
  }

  private constructor(
    /** The kind of executor. */
    readonly kind: string,
    /** The BuildKit daemon that jobs build with. */
    readonly builder?: Buildkitd,
  ) {}
}
