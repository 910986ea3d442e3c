/** The network locations from which an address is or is not reachable. */
export enum Zone {
  /** A workflow job: its containers, or the runner's own container. */
  JOB = 'job',
  /** A pod of the cluster. */
  POD = 'pod',
  /** A node of the cluster, on which containerd pulls. */
  NODE = 'node',
  /** A machine outside the cluster. */
  HOST = 'host',
  /** Any location. */
  INTERNET = 'internet',
}

/**
 * All zones, in a constant list.
 *
 * @jsii ignore
 */
export const ALL_ZONES: readonly Zone[] = [Zone.JOB, Zone.POD, Zone.NODE, Zone.HOST, Zone.INTERNET];

/**
 * Returns the zones from which a host is reachable, based on its name only. Zones that an endpoint declares take
 * precedence.
 *
 * @jsii ignore
 */
export function zonesOf(host: string): Zone[] {
  const name = host.replace(/:\d+$/, '');
  // Service names resolve by the cluster's DNS, which nodes do not ask.
  if (/\.svc(\.[a-z0-9.-]+)?$/.test(name)) {
    return [Zone.JOB, Zone.POD];
  }
  if (isLoopback(name)) {
    return [Zone.HOST];
  }
  // Nodes know it too, where nodes are containers beside it: kind and k3d.
  if (name === 'host.docker.internal') {
    return [Zone.JOB, Zone.NODE, Zone.HOST];
  }
  return [...ALL_ZONES];
}

/**
 * Returns whether a host is a loopback address, which means the client itself.
 *
 * @jsii ignore
 */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|0\.0\.0\.0)(:\d+)?$/.test(host);
}
