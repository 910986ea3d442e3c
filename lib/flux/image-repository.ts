import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as l1 from '../../imports/image.toolkit.fluxcd.io';
import { Registry } from '../registry';
import { fluxDuration } from './duration';

/**
 * An image that Flux scans for tags.
 */
export interface ImageRepositoryProps {
  /** The registry that holds the image. It is scanned at its pull endpoint, because Flux writes the name it scans into manifests. */
  readonly registry: Registry;

  /** Name of the image in the registry, without host and owner. */
  readonly image: string;

  /**
   * How often to look for new tags.
   *
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;
}

/**
 * Flux's ImageRepository: the tags of one image, looked up again and again.
 *
 * @see https://fluxcd.io/flux/components/image/imagerepositories/
 *
 * @example
 *
 * new ImageRepository(chart, 'hello-app', { registry, image: 'hello-app' });
 */
export class ImageRepository extends Construct {
  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  /** The full name, `host/owner/image`. */
  readonly imageName: string;

  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    super(scope, id);
    const { registry } = props;
    this.imageName = registry.pullName(props.image);
    const secretName = registry.credentials?.provide(this, {
      purpose: `Flux scans ${registry.pull.host} for new tags`,
      type: 'kubernetes.io/dockerconfigjson',
      keys: ['.dockerconfigjson'],
      tokenScope: 'read:package',
    });
    this.apiObject = new l1.ImageRepository(this, 'Resource', {
      metadata: { name: id },
      spec: {
        image: this.imageName,
        interval: fluxDuration(props.interval ?? Duration.minutes(5)),
        ...(registry.pull.isPlainHttp ? { insecure: true } : {}),
        ...(secretName ? { secretRef: { name: secretName } } : {}),
      },
    });
  }
}
