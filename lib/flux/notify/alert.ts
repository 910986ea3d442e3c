import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/notification.toolkit.fluxcd.io';
import { notificationApi } from './api';
import { constructed, ForgeError, handedOver, namespaceOf, quoted } from '../../support';
import { fluxName, IFluxObject, referenceTo } from '../base/flux-object';
import { Provider } from './provider';
import { parseRe2 } from '../pattern/re2';

/** A selection of the events to report and of their destination. */
export interface AlertProps {
  /** The Provider that receives the events, in the same namespace. */
  readonly provider: Provider;

  /** The Flux objects whose events are reported. */
  readonly sources: IFluxObject[];

  /**
   * Whether to report failures only.
   *
   * @default false
   */
  readonly errorsOnly?: boolean;

  /**
   * Regular expressions (Go syntax) that exclude events. An event is not reported if its message matches an expression.
   *
   * @default - none
   */
  readonly exclude?: string[];

  /**
   * Whether to suspend notifications.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A Flux Alert that reports the events of selected objects to a Provider.
 *
 * @see https://fluxcd.io/flux/components/notification/alerts/
 *
 * @example
 *
 * const provider = new Provider(chart, 'ntfy', { target: ProviderTarget.webhook('http://ntfy.observability.svc.cluster.local/flux') });
 * new Alert(chart, 'failures', { provider, sources: [source], errorsOnly: true });
 */
export class Alert extends Construct implements IFluxObject {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /**
   * @throws FORGE-FLUX-036 for a provider of another namespace, or no sources; FORGE-FLUX-007 for an exclusion that Flux would refuse
   */
  constructor(scope: Construct, id: string, props: AlertProps) {
    const made = constructed(Alert, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.check(props);
    (props.exclude ?? []).forEach((pattern) => parseRe2(pattern));
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: notificationApi(this),
      kind: 'Alert',
      metadata: { name: fluxName(this) },
      spec: {
        providerRef: { name: referenceTo(props.provider, this).name },
        eventSeverity: props.errorsOnly
          ? ('error' as l1.AlertSpecEventSeverity)
          : ('info' as l1.AlertSpecEventSeverity),
        eventSources: props.sources.map((source) => ({
          kind: source.apiObject.kind as l1.AlertSpecEventSourcesKind,
          ...referenceTo(source, this),
        })),
        ...(props.exclude?.length ? { exclusionList: [...props.exclude] } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.AlertSpec,
    });
  }

  private check({ provider, sources }: AlertProps): void {
    const [own, other] = [namespaceOf(this), namespaceOf(provider)];
    if (own === other && sources.length > 0) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-036',
      message:
        own === other
          ? 'the alert tells of nothing'
          : `the provider ${quoted(provider.node.id)} lies in namespace ${quoted(other)}, the alert in ${quoted(own)}`,
      fix: own === other ? 'give it sources' : 'put both into one namespace: an Alert names its Provider without one',
    });
  }
}
