import { IConstruct } from 'constructs';
import { fluxVersionOf } from '../base/flux-object';

/**
 * Returns the API version of Alerts and Providers. Flux serves `v1` from 2.10 on, where `v1beta3` is deprecated.
 *
 * @see https://github.com/fluxcd/notification-controller/blob/main/CHANGELOG.md
 * @jsii ignore
 */
export function notificationApi(construct: IConstruct): string {
  return `notification.toolkit.fluxcd.io/${fluxVersionOf(construct).isAtLeast('2.10') ? 'v1' : 'v1beta3'}`;
}
