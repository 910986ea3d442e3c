import { Forge, ForgeProduct } from '../forge';
import { ForgeError, quoted } from '../support';

/** How much of a build goes into its cache. */
export enum CacheMode {
  /** The layers of the result only: small, and of little use for builds in stages. */
  MIN = 'min',
  /** The layers of every stage. */
  MAX = 'max',
}

/** How the layers of a cache are compressed. */
export enum CacheCompression {
  /** Understood by everything. */
  GZIP = 'gzip',
  /** Faster and smaller; read by BuildKit 0.10 and containerd 1.5, and newer. */
  ZSTD = 'zstd',
  /** Not at all: for a registry in the same cluster. */
  UNCOMPRESSED = 'uncompressed',
}

/**
 * A cache in a registry.
 */
export interface RegistryCacheProps {
  /**
   * How much goes into it.
   *
   * @default CacheMode.MAX
   */
  readonly mode?: CacheMode;

  /**
   * Its tag, in a repository beside the image's: `<image>-cache:<tag>`. No image policy looks there, and no clean-up of images does.
   *
   * @default 'buildcache'
   */
  readonly tag?: string;

  /**
   * How its layers are compressed.
   *
   * @default CacheCompression.GZIP
   */
  readonly compression?: CacheCompression;

  /**
   * Whether a build fails when its cache cannot be written.
   *
   * @default false
   */
  readonly required?: boolean;
}

/**
 * A cache in an object store.
 */
export interface S3CacheProps {
  /** The bucket. */
  readonly bucket: string;

  /** The region; any word for stores that have none, e.g. `us-east-1` for MinIO. */
  readonly region: string;

  /**
   * The store's URL, for one that is not Amazon's.
   *
   * @default - Amazon S3
   */
  readonly endpointUrl?: string;

  /**
   * Whether the bucket is in the path of the URL rather than in its host, as MinIO has it.
   *
   * @default - whether `endpointUrl` is given
   */
  readonly usePathStyle?: boolean;

  /**
   * What all keys begin with.
   *
   * @default - nothing
   */
  readonly prefix?: string;

  /**
   * How much goes into it.
   *
   * @default CacheMode.MAX
   */
  readonly mode?: CacheMode;
}

type Attributes = Record<string, string | undefined>;

/**
 * Where builds keep what they may use again, beyond what the daemon itself remembers.
 *
 * @see https://docs.docker.com/build/cache/backends/
 *
 * @example
 *
 * BuildCache.registry({ compression: CacheCompression.ZSTD });
 */
export class BuildCache {
  /**
   * In the registry, beside the image: works with every daemon and every registry.
   *
   * It is always written as an image manifest of OCI media types, which Gitea and most others demand: the index that BuildKit wrote
   * before 0.21 is refused.
   *
   * @throws FORGE-BK-013 if the tag cannot be one
   */
  static registry(props: RegistryCacheProps = {}): BuildCache {
    const { mode = CacheMode.MAX, tag = 'buildcache', compression, required = false } = props;
    checked('tag', tag, /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
    return new BuildCache(
      'registry',
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
   * In the image itself: only the layers of the result, and nothing else to clean up.
   *
   * @param tag a tag of the image that a later build reads the cache from, e.g. `main`; something must push it
   * @throws FORGE-BK-013 if the tag cannot be one
   */
  static inline(tag: string): BuildCache {
    checked('tag', tag, /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
    return new BuildCache('inline', { type: 'registry', ref: `\0:${tag}` }, { type: 'inline' });
  }

  /**
   * In a folder of the machine that the client runs on.
   *
   * @param folder an absolute path
   * @throws FORGE-BK-013 if the path is not absolute, or holds a comma or a quote
   */
  static local(folder: string): BuildCache {
    checked('folder', folder, /^\/[^,"\s\x00-\x1f]*$/);
    return new BuildCache(
      'local',
      { type: 'local', src: folder },
      { type: 'local', dest: folder, mode: CacheMode.MAX, ...IMAGE_MANIFEST },
    );
  }

  /**
   * In an object store. The daemon talks to it, with credentials of its own: `BuildkitdProps.s3Credentials`.
   *
   * @throws FORGE-BK-013 for a value that cannot be one
   */
  static s3(props: S3CacheProps): BuildCache {
    checked('bucket', props.bucket, /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
    checked('region', props.region, /^[a-z0-9-]{1,40}$/);
    if (props.endpointUrl !== undefined) {
      checked('endpointUrl', props.endpointUrl, /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/);
    }
    if (props.prefix !== undefined) {
      checked('prefix', props.prefix, /^[A-Za-z0-9._/-]{1,200}$/);
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
    return new BuildCache('s3', place, { ...place, mode: props.mode ?? CacheMode.MAX, 'ignore-error': 'true' });
  }

  /**
   * In GitHub's cache for Actions. Not on other forges: the daemon must itself reach the cache, with a token that only GitHub hands out.
   *
   * @throws FORGE-BK-012 at the pipeline of a repository that is not on GitHub
   */
  static github(): BuildCache {
    return new BuildCache(
      'gha',
      { type: 'gha', scope: '\x01' },
      { type: 'gha', scope: '\x01', mode: CacheMode.MAX, 'ignore-error': 'true' },
    );
  }

  /** Nowhere: only what the daemon itself remembers. */
  static none(): BuildCache {
    return new BuildCache('none', {}, {});
  }

  private constructor(
    /** `registry`, `inline`, `local`, `s3`, `gha` or `none`. */
    readonly kind: string,
    private readonly source: Attributes,
    private readonly target: Attributes,
  ) {}

  /**
   * Values of `buildctl --import-cache`.
   *
   * @param image the image's name where jobs push it, without tag
   */
  imports(image: string): string[] {
    return this.kind === 'none' ? [] : [attributes(this.source, image)];
  }

  /**
   * Values of `buildctl --export-cache`.
   *
   * @param image the image's name where jobs push it, without tag
   */
  exports(image: string): string[] {
    return this.kind === 'none' ? [] : [attributes(this.target, image)];
  }

  /**
   * Whether jobs of a forge can use it.
   *
   * @throws FORGE-BK-012 if they cannot
   */
  check(forge: Forge): void {
    if (this.kind !== 'gha' || forge.product === ForgeProduct.GITHUB) {
      return;
    }
    throw ForgeError.of({
      code: 'FORGE-BK-012',
      message: `a cache of type gha on ${forge.product}`,
      fix: 'use BuildCache.registry(): the daemon would have to reach the cache server of the runner itself, with a token that is not handed to run steps',
      symptom: 'failed to configure gha cache: invalid token without access controls',
    });
  }
}

/** Defaults since 0.21; stated, because a registry that wants them must not depend on the daemon's age. */
const IMAGE_MANIFEST = { 'image-manifest': 'true', 'oci-mediatypes': 'true' };

/** CSV, as buildctl reads it; no value holds a comma or a quote. `\0` stands for the image, `\x01` for its name as a word. */
function attributes(values: Attributes, image: string): string {
  const word = image.replace(/[^A-Za-z0-9]+/g, '-');
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined) as [string, string][];
  return pairs.map(([key, value]) => `${key}=${value.replace('\0', image).replace('\x01', word)}`).join(',');
}

function checked(name: string, value: string, grammar: RegExp): void {
  if (grammar.test(value)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-BK-013',
    message: `the ${name} of a build cache is ${quoted(value)}`,
    allowed: 'what buildctl can read as one value: no comma, no quote, no white space',
    fix: `give a ${name} of letters, digits and dashes`,
  });
}
