import { Chart } from 'cdk8s';
import { SecretSource } from '../../secret';
import { IFluxObject } from '../base/flux-object';
import { Receiver, ReceiverType } from '../notify/receiver';

/** The webhooks of a cluster. */
interface WebhookParts {
  /** The name of the cluster. */
  readonly name: string;
  readonly token: SecretSource;
  /** The source that a push changes. */
  readonly source: IFluxObject;
}

/** Creates the webhooks for pushes, and returns the one for images. */
export function webhooksFor(chart: Chart, { name, token, source }: WebhookParts): Receiver {
  const receiver = (id: string, event: string) =>
    new Receiver(chart, id, { type: ReceiverType.FORGE, token, events: ['ping', event] });
  receiver(name, 'push').notifies(source);
  return receiver(`${name}-images`, 'package');
}
