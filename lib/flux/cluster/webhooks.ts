import { Chart } from 'cdk8s';
import { SecretSource } from '../../secret';
import { IFluxObject, ImageFacts } from '../base/flux-object';
import { IMAGE_ANNOTATION } from '../image/scans';
import { Receiver, ReceiverType } from '../notify/receiver';
import type { ClusterProps } from './props';
import { MANY_OBJECTS } from './size';

/** The cluster that has webhooks. */
interface WebhookCluster {
  readonly name: string;
  /** @default - the cluster has few images: a pushed package lets Flux scan all of them */
  readonly _imageFacts: ImageFacts;
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
  { name, _imageFacts: { label } }: WebhookCluster,
  { token, source }: WebhookParts,
): Receiver {
  const receiver = (id: string, event: string, resourceFilter?: string) =>
    new Receiver(chart, id, { type: ReceiverType.FORGE, token, events: ['ping', event], resourceFilter });
  receiver(name, 'push').notifies(source);
  if (label === undefined) {
    return receiver(`${name}-images`, 'package');
  }
  const images = receiver(`${name}-images`, 'package', PUSHED);
  images._find({ [label.key]: label.value });
  return images;
}

/** The label of the images that a webhook finds. */
const IMAGES_LABEL = 'cdk8s-forge/images';

/** Returns the facts that the image objects of a cluster read. */
export function imageFacts(
  name: string,
  { expected = 0, webhookToken, imageShards: shards }: Pick<ClusterProps, 'expected' | 'webhookToken' | 'imageShards'>,
): ImageFacts {
  const label = webhookToken && { key: IMAGES_LABEL, value: name };
  return { shards, ...(expected > MANY_OBJECTS ? { expected, label } : {}) };
}
