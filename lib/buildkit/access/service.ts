import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Identity, Storage, WorkloadService } from '../../kube';
import { BuildkitTopology } from '../pod/topology';
import { isDeployment } from '../pod/workload';

/** The Services of a buildkitd. */
export interface BuilderServices {
  /** Name of the Service that clients address. */
  readonly forClients: string;
  /** Name of the Service that a StatefulSet names; undefined for a Deployment. */
  readonly forPods?: string;
  /** Reports whether the Service that clients address is headless. */
  readonly isHeadless: boolean;
}

/**
 * Returns the Services of a buildkitd. A pool of daemons needs a Service that balances besides the one of its pods.
 *
 * @internal
 */
export function builderServices(identity: Identity, topology: BuildkitTopology, storage: Storage): BuilderServices {
  const { HEADLESS, CLUSTER_IP } = WorkloadService;
  const is = (usual: WorkloadService) => identity.service(usual) === HEADLESS;
  if (isDeployment(topology, storage)) {
    return { forClients: identity.serviceName(), isHeadless: is(CLUSTER_IP) };
  }
  const isPool = topology.name === 'pool';
  const forPods = identity.serviceName(isPool ? `${identity.name}-pods` : identity.name);
  const forClients = isPool ? identity.name : forPods;
  return { forClients, forPods, isHeadless: is(forClients === forPods ? HEADLESS : CLUSTER_IP) };
}

/** A set of facts that define the Services of a buildkitd. */
interface ServiceInput {
  readonly identity: Identity;
  readonly services: BuilderServices;
  readonly port: number;
  /** Port of the metrics; undefined if there are none. */
  readonly debugPort?: number;
  readonly hasServiceMonitor: boolean;
}

/**
 * Creates the Service of a buildkitd, and the ServiceMonitor that reads its metrics.
 *
 * @internal
 */
export function serveBuilds(daemon: Construct, input: ServiceInput): void {
  const { services, identity, port, debugPort } = input;
  const { forClients: name, forPods, isHeadless } = services;
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
  if (forPods !== undefined && forPods !== name) {
    new ApiObject(daemon, 'PodService', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: forPods, labels },
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
