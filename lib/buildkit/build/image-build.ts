import { Registry } from '../../registry';
import { BuildCache } from './build-cache';

/**
 * An image to build, and the registry to push it to.
 *
 * The texts may be expressions of the forge, for example `Expression.SHA`. A builder passes them to its script by
 * environment variables only.
 */
export interface ImageBuild {
  /** Registry whose push endpoint receives the image. */
  readonly registry: Registry;

  /** Name of the image in the registry, without host and owner. */
  readonly image: string;

  /** The build context, a directory of the repository. */
  readonly context: string;

  /** Path of the Dockerfile, relative to the context. */
  readonly dockerfile: string;

  /** Branch that is built. The tag of the image begins with the name of the branch. */
  readonly branch: string;

  /** Commit that is built, in hexadecimal. */
  readonly commit: string;

  /** User that logs in to the registry. */
  readonly username: string;

  /** Token or password of the user: a secret of the forge, never the value itself. */
  readonly token: string;

  /**
   * The build cache.
   *
   * @default BuildCache.registry()
   */
  readonly cache?: BuildCache;

  /**
   * Platforms of the image, for example `linux/arm64`.
   *
   * @default - the platform of the builder
   */
  readonly platforms?: string[];

  /**
   * Build arguments of the Dockerfile (`ARG`). Do not set secrets here: the image's history contains the values.
   *
   * @default - none
   */
  readonly buildArgs?: Record<string, string>;

  /**
   * Stage of the Dockerfile to build.
   *
   * @default - the last stage
   */
  readonly target?: string;
}
