import { BuildCache, CacheCompression, Platform, Provenance } from '../../buildkit';
import { DigestReflection, TagPolicy } from '../../flux';
import { Registry } from '../../registry';
import { Tags } from '../tags/tags';
import { BuildSecret } from './build-secret';
import { ImageSize } from './image-size';

/** A set of options that define how an image is built and tagged. */
export interface ImageOptions {
  /**
   * The build context: a directory of the repository.
   *
   * @default '.'
   */
  readonly context?: string;

  /**
   * Path of the Dockerfile, relative to the context.
   *
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;

  /**
   * Stage of the Dockerfile to build.
   *
   * @default - the last stage
   */
  readonly target?: string;

  /**
   * Whether to look up the newest base images (`FROM`) at their registry, also if the builder has one of that name.
   * BuildKit asks the registry anyway; `Builder.docker()` uses what the daemon has, for example what `PrePull` fetched.
   *
   * @default false
   */
  readonly pull?: boolean;

  /**
   * Build arguments of the Dockerfile (`ARG`). A value can be an expression, for example an input of `dispatch`. Do not set
   * secrets here: the image's history contains the values.
   *
   * @default - none
   */
  readonly buildArgs?: Record<string, string>;

  /**
   * Secrets that the Dockerfile reads during the build.
   *
   * @default - none
   */
  readonly secrets?: BuildSecret[];

  /**
   * Platforms of the image.
   *
   * @default - the platform of the builder
   */
  readonly platforms?: Platform[];

  /**
   * Tags that builds push. One of them is the tag that Flux sorts.
   *
   * @default Tags.timestamped()
   */
  readonly tags?: Tags;

  /**
   * Policy that selects the tag to deploy, if the newest build is not the tag to deploy: `TagPolicy.pinned('…')` for a
   * rollback.
   *
   * @default - the newest of the tags
   */
  readonly policy?: TagPolicy;

  /**
   * The digest reflection policy, which decides whether references contain the digest next to the tag.
   *
   * @default DigestReflection.NEVER
   */
  readonly digest?: DigestReflection;

  /**
   * Registries that receive the image too, under the same name and tags, for example `Registry.ghcr(…)`. Flux scans and nodes
   * pull the registry of the pipeline only. Jobs log in to another host with the Actions secrets `REGISTRY_USER_<HOST>` and
   * `REGISTRY_TOKEN_<HOST>`, such as `REGISTRY_TOKEN_GHCR_IO`, or with the token of the job if it can push there.
   *
   * @default - none
   */
  readonly mirrors?: Registry[];

  /**
   * The build cache.
   *
   * @default - BuildCache.registry(), compressed with zstd for a huge image
   */
  readonly cache?: BuildCache;

  /**
   * Size of the image, which decides about time limits, parallel builds and compression.
   *
   * @default ImageSize.NORMAL
   */
  readonly size?: ImageSize;

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
   * Whether to attach an SBOM. The builder pulls the scanner from Docker Hub.
   *
   * @default false
   */
  readonly sbom?: boolean;

  /**
   * Whether to set all times in the image to the time of the commit, so that equal sources give an equal digest. Steps
   * that create a directory are then built again for each commit.
   *
   * @default false
   */
  readonly reproducible?: boolean;

  /**
   * Paths of the repository that the image is built from, as patterns of a path filter. A change of other paths starts no
   * build.
   *
   * @default - the build context
   */
  readonly paths?: string[];
}

/** An image of a catalogue. */
export interface CatalogueImage extends ImageOptions {
  /** Name of the image in the registry, without host and owner, for example `team/web`. */
  readonly name: string;

  /**
   * Images of the catalogue that this image is built from, by build argument. `{ BASE: 'base' }` sets the build argument
   * `BASE` to the reference of the image `base` that the same run pushed: `ARG BASE` and `FROM ${BASE}`. The image waits
   * for its base images, and builds of pull requests leave it out.
   *
   * @default - none
   */
  readonly baseImages?: Record<string, string>;

  /**
   * Name of the Flux objects of the image, unique among the images of the cluster.
   *
   * @default - the name of the image, with `-` for other characters
   */
  readonly policyName?: string;
}
