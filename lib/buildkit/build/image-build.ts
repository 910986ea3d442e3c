import { Registry } from '../../registry';
import { BuildCache, CacheCompression } from './build-cache';

/** The provenance attestations that a build can attach to an image. */
export enum Provenance {
  /** No attestation. */
  NONE = 'none',
  /** The facts of the build, without arguments and sources. */
  MIN = 'min',
  /** The complete build, including build arguments and the Dockerfile. */
  MAX = 'max',
}

/** A registry that a build pushes to beside its own registry, and the login there. */
export interface ImageMirror {
  /** Registry whose push endpoint receives the image. */
  readonly registry: Registry;

  /**
   * User that logs in to the registry.
   *
   * @default - the login of an earlier registry of the build, which must have the same host
   */
  readonly username?: string;

  /**
   * Token or password of the user: a secret of the forge, never the value itself.
   *
   * @default - the login of an earlier registry of the build, which must have the same host
   */
  readonly token?: string;
}

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

  /** Commit that is built, in hexadecimal. */
  readonly commit: string;

  /**
   * Whether to push the image. A build that does not push needs no tags and no credentials.
   *
   * @default true
   */
  readonly push?: boolean;

  /**
   * Tags to push, separated by spaces, for example the output `tags` of `ImageTags`.
   *
   * @default - the environment variable `TAGS`
   */
  readonly tags?: string;

  /**
   * User that logs in to the registry.
   *
   * @default - none; required to push
   */
  readonly username?: string;

  /**
   * Token or password of the user: a secret of the forge, never the value itself.
   *
   * @default - none; required to push
   */
  readonly token?: string;

  /**
   * Registries that receive the image too, under the same name and tags.
   *
   * @default - none
   */
  readonly mirrors?: ImageMirror[];

  /**
   * The build cache. A build that does not push reads the cache and does not write it.
   *
   * @default BuildCache.registry()
   */
  readonly cache?: BuildCache;

  /**
   * Environment variables that give access to GitHub's cache, such as `ACTIONS_RUNTIME_TOKEN`. Without them, a build with
   * `BuildCache.github()` does without the cache.
   *
   * @default - none
   */
  readonly cacheAccess?: Record<string, string>;

  /**
   * Scope of cache mounts (`RUN --mount=type=cache`). Builds of untrusted code need a scope of their own: what they
   * leave in a cache mount is then in no other build.
   *
   * @default - the scope that all builds share
   */
  readonly cacheScope?: string;

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
   * Secrets of the build, by the id of the mount: `RUN --mount=type=secret,id=NPM_TOKEN`. Each value is a secret of the
   * forge, never the value itself.
   *
   * @default - none
   */
  readonly secrets?: Record<string, string>;

  /**
   * Whether to look up the newest base images (`FROM`) at their registry, also if the builder has one of that name.
   * BuildKit asks the registry anyway; the Docker daemon uses what it has, for example what `PrePull` fetched.
   *
   * @default false
   */
  readonly pull?: boolean;

  /**
   * Stage of the Dockerfile to build.
   *
   * @default - the last stage
   */
  readonly target?: string;

  /**
   * URL of the sources, for the label `org.opencontainers.image.source`.
   *
   * @default - no label
   */
  readonly source?: string;

  /**
   * Version of the image, for the label `org.opencontainers.image.version`.
   *
   * @default - no label
   */
  readonly version?: string;

  /**
   * Time of the commit in seconds since 1970, for the label `org.opencontainers.image.created`.
   *
   * @default - no label
   */
  readonly created?: string;

  /**
   * Whether to set all times in the image to the time of the commit, so that equal sources give an equal digest. Steps
   * that create a directory are then built again for each commit. Requires `created`.
   *
   * @default false
   */
  readonly reproducible?: boolean;

  /**
   * Compression of the image's new layers.
   *
   * @default CacheCompression.GZIP
   */
  readonly compression?: CacheCompression;

  /**
   * Provenance attestation of the image. An attestation makes the image an index.
   *
   * @default Provenance.NONE
   */
  readonly provenance?: Provenance;

  /**
   * Whether to attach an SBOM. The daemon pulls the scanner from Docker Hub.
   *
   * @default false
   */
  readonly sbom?: boolean;
}
