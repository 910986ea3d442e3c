import { Construct } from 'constructs';
import { DeployedImage } from '../flux';
import { ForgeError, oneOf, quoted } from '../support';

/**
 * The images of a pipeline, for use in workload manifests.
 *
 * @example
 *
 * const { images } = new ImagePipeline(apps, 'site', { repository, registry, runner, images: [{ name: 'web' }, { name: 'api' }] });
 * new Deployment(apps, 'web', { containers: [{ image: images.get('web').reference }] });
 */
export class PipelineImages {
  /**
   * Creates the images of a pipeline.
   *
   * @internal
   */
  static _of(pipeline: Construct, images: ReadonlyMap<string, DeployedImage>): PipelineImages {
    return new PipelineImages(pipeline, images);
  }

  private constructor(
    private readonly pipeline: Construct,
    private readonly images: ReadonlyMap<string, DeployedImage>,
  ) {}

  /** Names of the images, in the order in which they are built. */
  get names(): string[] {
    return [...this.images.keys()];
  }

  /** All images, in the order in which they are built. */
  get all(): DeployedImage[] {
    return [...this.images.values()];
  }

  /**
   * Returns an image.
   *
   * @param name its name in the catalogue
   * @throws FORGE-PIPE-007 if the pipeline has no image of that name
   */
  get(name: string): DeployedImage {
    const image = this.images.get(name);
    if (image) {
      return image;
    }
    throw ForgeError.at(this.pipeline, {
      code: 'FORGE-PIPE-007',
      message: `the pipeline has no image ${quoted(name)}`,
      allowed: oneOf(this.names),
      fix: 'use the name of an image of the pipeline',
    });
  }
}
