import { Duration, Size } from 'cdk8s';
import { BuildCache, CacheCompression } from '../../buildkit';

/** The sizes of images, which decide about time limits, parallel builds and compression. */
export enum ImageSize {
  /** An image of up to a few gigabytes. */
  NORMAL = 'normal',
  /**
   * An image of 20 GB and more, for example with CUDA, ROCm or PyTorch. The job has a limit of 3 hours, which is the limit
   * of Gitea and its runner. Images of one matrix are built one after another. The cache is compressed with zstd.
   */
  HUGE = 'huge',
}

/**
 * The settings that follow from the size of an image.
 *
 * @jsii ignore
 */
export interface SizeSettings {
  /** Limit of the job. */
  readonly timeout?: Duration;
  /** Number of builds of one matrix at the same time. */
  readonly maxParallel?: number;
  /** The default build cache. */
  readonly cache: BuildCache;
  /** The smallest volume in which a builder can build the image and keep its cache. */
  readonly space?: Size;
}

/**
 * Returns the settings that follow from the size of an image.
 *
 * @jsii ignore
 */
export function sizeSettings(size: ImageSize = ImageSize.NORMAL): SizeSettings {
  return size === ImageSize.HUGE
    ? {
        timeout: Duration.hours(3),
        maxParallel: 1,
        cache: BuildCache.registry({ compression: CacheCompression.ZSTD }),
        space: Size.gibibytes(80),
      }
    : { cache: BuildCache.registry() };
}
