import { ForgeFeature, IForge } from '../../forge';
import { ForgeError, quoted } from '../../support';

/** The kinds of build cache. */
export enum CacheKind {
  /** A cache in a registry, next to the image. */
  REGISTRY = 'registry',
  /** A cache inside the image. */
  INLINE = 'inline',
  /** A cache in a directory of the client. */
  LOCAL = 'local',
  /** A cache in an S3 object store. */
  S3 = 's3',
  /** A cache in GitHub's Actions cache. */
  GITHUB = 'gha',
  /** No cache beside the builder's own. */
  NONE = 'none',
}

/** The parts of a build that the build cache stores. */
export enum CacheMode {
  /** The layers of the result only. This cache is small, and of little use for multi-stage builds. */
  MIN = 'min',
  /** The layers of every stage. */
  MAX = 'max',
}

/** The compression formats for the layers of a cache. */
export enum CacheCompression {
  /** Compression with gzip, supported by all clients. */
  GZIP = 'gzip',
  /**
   * Compression with zstd, which is faster and produces smaller layers. Requires BuildKit 0.10 and containerd 1.5, or
   * newer.
   */
  ZSTD = 'zstd',
  /** No compression, for a registry in the same cluster. */
  UNCOMPRESSED = 'uncompressed',
}

/** A set of options that configures a build cache in a registry. */
export interface RegistryCacheProps {
  /**
   * The parts of a build that the cache stores.
   *
   * @default CacheMode.MAX
   */
  readonly mode?: CacheMode;

  /**
   * Tag of the cache, in a repository next to the image's repository: `<image>-cache:<tag>`. Image policies do not scan
   * that repository, and image cleanup does not delete from it.
   *
   * @default 'buildcache'
   */
  readonly tag?: string;

  /**
   * Compression of the cache's layers.
   *
   * @default CacheCompression.GZIP
   */
  readonly compression?: CacheCompression;

  /**
   * Whether to fail the build if its cache cannot be written.
   *
   * @default false
   */
  readonly required?: boolean;
}

/** A set of options that configures a build cache in an S3 object store. */
export interface S3CacheProps {
  /** Name of the bucket. */
  readonly bucket: string;

  /** Region of the bucket. Use any word for stores without regions, for example `us-east-1` for MinIO. */
  readonly region: string;

  /**
   * URL of the object store, for stores other than Amazon S3.
   *
   * @default - Amazon S3
   */
  readonly endpointUrl?: string;

  /**
   * Whether to put the bucket in the path of the URL instead of its host. MinIO uses this style.
   *
   * @default - whether `endpointUrl` is given
   */
  readonly usePathStyle?: boolean;

  /**
   * Prefix of all keys.
   *
   * @default - nothing
   */
  readonly prefix?: string;

  /**
   * The parts of a build that the cache stores.
   *
   * @default CacheMode.MAX
   */
  readonly mode?: CacheMode;
}

type Attributes = Record<string, string | undefined>;

/**
 * A build cache that stores reusable layers, in addition to buildkitd's own cache.
 *
 * @see https://docs.docker.com/build/cache/backends/
 *
 * @example
 *
 * BuildCache.registry({ compression: CacheCompression.ZSTD });
 */
export class BuildCache {
  /**
   * Creates a cache in the registry, next to the image. This cache works with every buildkitd and every registry.
   *
   * The cache is always written as an image manifest with OCI media types, which Gitea and most other registries
   * require. Such registries reject the index that BuildKit wrote before 0.21.
   *
   * @throws FORGE-BK-013 if the tag cannot be one
   */
  static registry(props: RegistryCacheProps = {}): BuildCache {
    const { mode = CacheMode.MAX, tag = 'buildcache', compression, required = false } = props;
    checked('tag', tag, TAG);
    return new BuildCache(
      CacheKind.REGISTRY,
      { type: 'registry', ref: `\0-cache:${tag}` },
      {
        type: 'registry',
        ref: `\0-cache:${tag}`,
        mode,
        ...IMAGE_MANIFEST,
        compression,
        'ignore-error': required ? undefined : 'true',
      },
    );
  }

  /**
   * Creates a cache in the image itself. The cache contains only the layers of the result, and needs no separate
   * cleanup.
   *
   * @param tag a tag of the image that a later build reads the cache from, e.g. `main`; something must push it
   * @throws FORGE-BK-013 if the tag cannot be one
   */
  static inline(tag: string): BuildCache {
    checked('tag', tag, TAG);
    return new BuildCache(CacheKind.INLINE, { type: 'registry', ref: `\0:${tag}` }, { type: 'inline' });
  }

  /**
   * Creates a cache in a directory of the machine that runs the client.
   *
   * @param folder an absolute path
   * @throws FORGE-BK-013 if the path is not absolute, or holds a comma or a quote
   */
  static local(folder: string): BuildCache {
    checked('folder', folder, FOLDER);
    return new BuildCache(
      CacheKind.LOCAL,
      { type: 'local', src: folder },
      { type: 'local', dest: folder, mode: CacheMode.MAX, ...IMAGE_MANIFEST },
    );
  }

  /**
   * Creates a cache in an object store. buildkitd connects to the store with its own credentials:
   * `BuildkitdProps.s3Credentials`.
   *
   * @throws FORGE-BK-013 for a value that cannot be one
   */
  static s3(props: S3CacheProps): BuildCache {
    checked('bucket', props.bucket, BUCKET);
    checked('region', props.region, REGION);
    if (props.endpointUrl !== undefined) {
      checked('endpointUrl', props.endpointUrl, URL_OF_STORE);
    }
    if (props.prefix !== undefined) {
      checked('prefix', props.prefix, PREFIX);
    }
    const place: Attributes = {
      type: 's3',
      bucket: props.bucket,
      region: props.region,
      endpoint_url: props.endpointUrl,
      prefix: props.prefix,
      use_path_style: String(props.usePathStyle ?? props.endpointUrl !== undefined),
      name: '\x01',
    };
    return new BuildCache(CacheKind.S3, place, { ...place, mode: props.mode ?? CacheMode.MAX, 'ignore-error': 'true' });
  }

  /**
   * Creates a cache in GitHub's Actions cache. Other forges are not supported: buildkitd must reach the cache itself,
   * with a token that only GitHub issues.
   *
   * @throws FORGE-BK-012 at the pipeline of a repository that is not on GitHub
   */
  static github(): BuildCache {
    return new BuildCache(
      CacheKind.GITHUB,
      { type: 'gha', scope: '\x01' },
      { type: 'gha', scope: '\x01', mode: CacheMode.MAX, 'ignore-error': 'true' },
    );
  }

  /** Creates no additional cache. Builds use only buildkitd's own cache. */
  static none(): BuildCache {
    return new BuildCache(CacheKind.NONE, {}, {});
  }

  private constructor(
    /** Kind of the cache. */
    readonly kind: CacheKind,
    private readonly source: Attributes,
    private readonly target: Attributes,
  ) {}

  /**
   * Returns the values of `buildctl --import-cache`.
   *
   * @param image the image's name where jobs push it, without tag
   */
  imports(image: string): string[] {
    return this.kind === CacheKind.NONE ? [] : [attributes(this.source, image)];
  }

  /**
   * Returns the values of `buildctl --export-cache`.
   *
   * @param image the image's name where jobs push it, without tag
   */
  exports(image: string): string[] {
    return this.kind === CacheKind.NONE ? [] : [attributes(this.target, image)];
  }

  /**
   * Checks that jobs of a forge can use the cache, and throws if they cannot.
   *
   * @throws FORGE-BK-012 if they cannot
   */
  assertWorksAt(forge: IForge): void {
    if (this.kind !== CacheKind.GITHUB || forge.supports(ForgeFeature.BUILD_CACHE)) {
      return;
    }
    throw ForgeError.of({
      code: 'FORGE-BK-012',
      message: `a cache of type gha on ${forge.product.title}`,
      fix: 'use BuildCache.registry(): the daemon would have to reach the cache server of the runner itself, with a token that is not handed to run steps',
      symptom: 'failed to configure gha cache: invalid token without access controls',
    });
  }
}

/**
 * Cache options that are the defaults since 0.21. The options are always set, because a registry that requires them
 * must not depend on the version of buildkitd.
 */
const IMAGE_MANIFEST = { 'image-manifest': 'true', 'oci-mediatypes': 'true' };

/**
 * Returns attributes as CSV in the format of buildctl. Values contain no comma and no quote. `\0` is the placeholder
 * for the image, and `\x01` for its name as a word.
 */
function attributes(values: Attributes, image: string): string {
  const word = image.replace(/[^A-Za-z0-9]+/g, '-');
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined) as [string, string][];
  return pairs.map(([key, value]) => `${key}=${value.replace('\0', image).replace('\x01', word)}`).join(',');
}

/** The values that a part of a cache can have, and an example. */
interface Grammar {
  readonly pattern: RegExp;
  readonly allowed: string;
  readonly example: string;
}

const TAG: Grammar = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/,
  allowed: 'up to 128 letters, digits, "_", "." and "-"; first a letter, a digit or "_"',
  example: 'buildcache',
};
const FOLDER: Grammar = {
  pattern: /^\/[^,"\s\x00-\x1f]*$/,
  allowed: 'an absolute path without comma, quote and white space',
  example: '/var/cache/buildkit',
};
const BUCKET: Grammar = {
  pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  allowed: '3 to 63 lower case letters, digits, dots and dashes; first and last a letter or a digit',
  example: 'build-cache',
};
const REGION: Grammar = {
  pattern: /^[a-z0-9-]{1,40}$/,
  allowed: 'up to 40 lower case letters, digits and dashes',
  example: 'us-east-1',
};
const URL_OF_STORE: Grammar = {
  pattern: /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/,
  allowed: 'http:// or https://, a host, and optionally a port and a path',
  example: 'http://minio.minio.svc.cluster.local:9000',
};
const PREFIX: Grammar = {
  pattern: /^[A-Za-z0-9._/-]{1,200}$/,
  allowed: 'up to 200 letters, digits, ".", "_", "/" and "-"',
  example: 'buildkit/',
};

function checked(name: string, value: string, { pattern, allowed, example }: Grammar): void {
  if (typeof value === 'string' && pattern.test(value)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-BK-013',
    message: `the ${name} of a build cache is ${quoted(value)}`,
    allowed,
    fix: `set ${name} to such a value, e.g. '${example}'`,
  });
}
