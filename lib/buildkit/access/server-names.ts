import { BuildkitTopology } from '../pod/topology';

/** The names of a daemon in its cluster. */
interface ServerPlace {
  /** The name of the workload, from which its pods are named. */
  readonly name: string;
  /** The name of the Service that clients address. */
  readonly serviceName: string;
  readonly namespace: string;
  /** The DNS domain of the cluster. */
  readonly domain: string;
  readonly topology: BuildkitTopology;
}

/**
 * Returns the names that the certificate of a daemon must contain: those of the Service, and of each pod that clients
 * address by name.
 *
 * @jsii ignore
 */
export function serverNamesOf({ name, serviceName, namespace, domain, topology }: ServerPlace): string[] {
  const service = `${serviceName}.${namespace}.svc`;
  const full = `${service}.${domain}`;
  const pods = topology.hasStablePods ? indices(topology.replicas).map((i) => `${name}-${i}.${full}`) : [];
  return [serviceName, `${serviceName}.${namespace}`, service, full, ...pods];
}

/**
 * Returns the numbers of the pods of a workload.
 *
 * @jsii ignore
 */
export const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
