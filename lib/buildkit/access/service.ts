import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';

/** A set of facts that define a Service of a buildkitd. */
interface ServiceInput {
  readonly name: string;
  readonly labels: Record<string, string>;
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
  const { name, labels, port, debugPort, isHeadless } = input;
  const ports = [
    { name: 'grpc', port, targetPort: 'grpc' },
    ...(debugPort ? [{ name: 'metrics', port: debugPort, targetPort: 'metrics' }] : []),
  ];
  new ApiObject(daemon, 'Service', {
    apiVersion: 'v1',
    kind: 'Service',
    // A Service cannot become headless: Flux is told to recreate it when it differs in that.
    metadata: { name, labels, annotations: { 'kustomize.toolkit.fluxcd.io/force': 'enabled' } },
    spec: { ...(isHeadless ? { clusterIP: 'None' } : {}), selector: labels, ports },
  });
  if (input.podService !== undefined) {
    new ApiObject(daemon, 'PodService', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: input.podService, labels },
      spec: { clusterIP: 'None', selector: labels, ports },
    });
  }
  if (!input.hasServiceMonitor) {
    return;
  }
  new ApiObject(daemon, 'ServiceMonitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name, labels },
    spec: { selector: { matchLabels: labels }, endpoints: [{ port: 'metrics', path: '/metrics' }] },
  });
}
