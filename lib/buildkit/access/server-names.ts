import { BuildkitTopology } from '../pod/topology';

/** The names of a daemon in its cluster. */
interface ServerPlace {
  readonly name: string;
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
export function serverNamesOf({ name, namespace, domain, topology }: ServerPlace): string[] {
  const service = `${name}.${namespace}.svc`;
  const full = `${service}.${domain}`;
  const pods = topology.hasStablePods ? indices(topology.replicas).map((i) => `${name}-${i}.${full}`) : [];
  return [name, `${name}.${namespace}`, service, full, ...pods];
}

/**
 * Returns the numbers of the pods of a workload.
 *
 * @jsii ignore
 */
export const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
