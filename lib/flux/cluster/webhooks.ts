import { Chart } from 'cdk8s';
import { SecretSource } from '../../secret';
import { IFluxObject, ManyImages } from '../base/flux-object';
import { IMAGE_ANNOTATION } from '../image/scans';
import { Receiver, ReceiverType } from '../notify/receiver';
import { MANY_OBJECTS } from './size';

/** The cluster that has webhooks. */
interface WebhookCluster {
  readonly name: string;
  /** @default - the cluster has few images: a pushed package lets Flux scan all of them */
  readonly _manyImages?: ManyImages;
}

/** The parts of webhooks. */
interface WebhookParts {
  readonly token: SecretSource;
  /** The source that a push changes. */
  readonly source: IFluxObject;
}

/**
 * The filter for the images of a cluster with many of them: Flux scans the image that was pushed. Each part is tested before
 * the next one reads it, because an error would end the search.
 */
const PUSHED = [
  'has(req.package) && has(req.package.name)',
  'has(res.metadata.annotations)',
  `'${IMAGE_ANNOTATION}' in res.metadata.annotations`,
  `res.metadata.annotations['${IMAGE_ANNOTATION}'] == req.package.name`,
].join(' && ');

/** Creates the webhooks for pushes, and returns the one for images. */
export function webhooksFor(
  chart: Chart,
  { name, _manyImages: many }: WebhookCluster,
  { token, source }: WebhookParts,
): Receiver {
  const receiver = (id: string, event: string, resourceFilter?: string) =>
    new Receiver(chart, id, { type: ReceiverType.FORGE, token, events: ['ping', event], resourceFilter });
  receiver(name, 'push').notifies(source);
  if (many?.label === undefined) {
    return receiver(`${name}-images`, 'package');
  }
  const images = receiver(`${name}-images`, 'package', PUSHED);
  images._find({ [many.label.key]: many.label.value });
  return images;
}

/** The label of the images that a webhook finds. */
const IMAGES_LABEL = 'cdk8s-forge/images';

/** Returns the facts about many images, if a cluster is to have many. */
export function manyImages(
  name: string,
  { expected = 0, webhookToken }: { readonly expected?: number; readonly webhookToken?: SecretSource },
): ManyImages | undefined {
  return expected <= MANY_OBJECTS
    ? undefined
    : { expected, ...(webhookToken === undefined ? {} : { label: { key: IMAGES_LABEL, value: name } }) };
}
