import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Identity } from '../../kube';

/** A set of facts that define a Service of a buildkitd. */
interface ServiceInput {
  readonly identity: Identity;
  /** Name of the Service that clients address. */
  readonly name: string;
  readonly port: number;
  /** Port of the metrics; undefined if there are none. */
  readonly debugPort?: number;
  /** Reports whether clients address each pod by its own name. */
  readonly isHeadless: boolean;
  readonly hasServiceMonitor: boolean;
  /** Name of the headless Service of a StatefulSet whose own Service balances; undefined if there is none. */
  readonly podService?: string;
}

/**
 * Creates the Service of a buildkitd, and the ServiceMonitor that reads its metrics.
 *
 * @internal
 */
export function serveBuilds(daemon: Construct, input: ServiceInput): void {
  const { name, identity, port, debugPort, isHeadless } = input;
  const { labels, podLabels: selector } = identity;
  const ports = [
    { name: 'grpc', port, targetPort: 'grpc' },
    ...(debugPort ? [{ name: 'metrics', port: debugPort, targetPort: 'metrics' }] : []),
  ];
  new ApiObject(daemon, 'Service', {
    apiVersion: 'v1',
    kind: 'Service',
    // A Service cannot become headless: Flux is told to recreate it when it differs in that.
    metadata: { name, labels, annotations: { 'kustomize.toolkit.fluxcd.io/force': 'enabled' } },
    spec: { ...(isHeadless ? { clusterIP: 'None' } : {}), selector, ports },
  });
  if (input.podService !== undefined) {
    new ApiObject(daemon, 'PodService', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: input.podService, labels },
      spec: { clusterIP: 'None', selector, ports },
    });
  }
  if (!input.hasServiceMonitor) {
    return;
  }
  new ApiObject(daemon, 'ServiceMonitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: identity.name, labels },
    spec: { selector: { matchLabels: selector }, endpoints: [{ port: 'metrics', path: '/metrics' }] },
  });
}
