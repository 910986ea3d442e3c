/** A place from which an address can, or cannot, be reached. */
export enum Zone {
  /** A workflow job: its containers, or the runner's own. */
  JOB = 'job',
  /** A pod of the cluster. */
  POD = 'pod',
  /** A node of the cluster: where containerd pulls. */
  NODE = 'node',
  /** A machine outside the cluster. */
  HOST = 'host',
  /** Anywhere. */
  INTERNET = 'internet',
}

/** All zones.
 *
 * @jsii ignore
 */
export const ALL_ZONES: readonly Zone[] = [Zone.JOB, Zone.POD, Zone.NODE, Zone.HOST, Zone.INTERNET];

/**
 * From where a host can be reached, judged by its name alone: what an endpoint declares goes before it.
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
 * Whether a host is the client itself, whoever that is.
 *
 * @jsii ignore
 */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|0\.0\.0\.0)(:\d+)?$/.test(host);
}
