import { Duration } from 'cdk8s';
import { ImageName, repeatedImages } from '../registry';
import { ForgeError, quoted } from '../support';
import { JobTool, ReadyStepOptions, Step } from '../workflow';
import { scriptOf } from './scripts';

/** A set of properties that define the images to pull and the retries. */
export interface PrePullProps extends ReadyStepOptions {
  /** Images to pull, with host and tag or digest: `docker.io/library/python:3.13.1-slim`. */
  readonly images: string[];

  /**
   * Platform to pull, if it differs from the platform of dockerd, for example `linux/amd64`.
   *
   * @default - the daemon's own
   */
  readonly platform?: string;

  /**
   * Maximum number of attempts for each image.
   *
   * @default 5
   */
  readonly attempts?: number;

  /**
   * Delay before the next attempt to pull an image. The delay doubles each time.
   *
   * @default 5 seconds
   */
  readonly pause?: Duration;
}

/**
 * A step that pulls large base images into dockerd before a build needs them.
 *
 * An interrupted pull during a build (`unpigz: corrupted`, `unexpected EOF`, a timeout) fails the build. The pre-pull
 * step tries the pull again, and complete image layers are kept. Afterwards, build with `pull: false`, which is the
 * default. Otherwise, the build contacts the registry again.
 *
 * @example
 *
 * workflow.addJob('build', { runsOn: runner, steps: [PrePull.step({ images: ['docker.io/library/python:3.13.1-slim'], platform: 'linux/amd64' })] });
 */
export class PrePull {
  /**
   * Creates the pull step. The job of the step needs dockerd.
   *
   * @throws FORGE-RECIPE-003 for no image, one without tag and digest, a platform, number or time that is not one; FORGE-REG-001, 002 or 004 for what is no image
   */
  static step(props: PrePullProps): Step {
    const { images, platform = '', attempts = 5, pause = Duration.seconds(5), ...options } = props;
    check(props);
    const step = {
      name: 'Pull images',
      script: scriptOf('pre-pull'),
      tools: [JobTool.DOCKER],
      env: {
        IMAGES: images.join('\n'),
        PLATFORM: platform,
        ATTEMPTS: `${attempts}`,
        PAUSE: `${pause.toSeconds({ integral: false })}`,
      },
    };
    return Step._ready(step, options);
  }

  private constructor() {}
}

function check({ images, platform, attempts = 5, pause }: PrePullProps): void {
  if (images.length === 0) {
    throw refused('there is no image to pull', 'give one at least, or leave the step out');
  }
  const names = images.map((image) => ({ image, name: ImageName.parse(image) }));
  const open = names.find(({ name }) => name.tag === undefined && name.digest === undefined);
  if (open) {
    throw refused(`image ${quoted(open.image)} has neither tag nor digest`, `say which: '${open.image}:<tag>'`);
  }
  const [repeated] = repeatedImages(images);
  if (repeated !== undefined) {
    throw refused(`image ${quoted(repeated)} is in images twice`, 'remove one of them');
  }
  if (platform !== undefined && !/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9.]+)?$/.test(platform)) {
    throw refused(
      `${quoted(platform)} is not a platform`,
      "write operating system and architecture: 'linux/amd64', 'linux/arm/v7'",
    );
  }
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 20) {
    throw refused(`attempts is ${quoted(attempts)}`, 'give a whole number from 1 to 20');
  }
  const seconds = pause === undefined ? 5 : pause.toMilliseconds() / 1000;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 600) {
    throw refused(`pause is ${seconds} seconds`, 'give whole seconds, from 1 to 600');
  }
}

function refused(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-003', message, fix });
}
