import { Forge } from '../../forge';
import { isLoopback, zonesOf, Zone } from '../../registry';
import { ForgeError, Problems, quoted } from '../../support';

/** The name under which containers reach their machine. */
const MACHINE = 'host.docker.internal';

/** The network of a compose project. */
export interface HostNetwork {
  readonly subnet: string;
  readonly gateway: string;
}

/** Returns the host of a URL, without its port. */
function nameOf(url: string): string {
  return new URL(url).hostname;
}

/**
 * Reports an address that the runner, or the containers of its jobs, cannot reach from the machine.
 *
 * @param inContainers whether jobs run in containers, where `localhost` is the container
 */
export function checkAddresses(urls: readonly string[], inContainers: boolean, problems: Problems): void {
  for (const url of new Set(urls)) {
    const host = nameOf(url);
    if (!zonesOf(host).includes(Zone.HOST)) {
      problems.add({
        code: 'FORGE-HOST-002',
        message: `${quoted(url)} is a Service of the cluster, which a machine outside the cluster does not reach`,
        fix: 'give the forge or registry a URL that the machine reaches: an ingress or a NodePort',
        symptom: `dial tcp: lookup ${host}: no such host`,
      });
    }
    if (inContainers && isLoopback(host)) {
      problems.add({
        code: 'FORGE-HOST-002',
        message: `${quoted(url)} is the container itself, not the machine, for the runner and its jobs`,
        fix: `use ${atMachine(url)}, or the name of the machine in the network`,
        symptom: 'dial tcp 127.0.0.1: connect: connection refused',
      });
    }
  }
}

/** Returns a URL with the name of the machine in place of `localhost`, and the same protocol and port. */
function atMachine(url: string): string {
  const { protocol, port } = new URL(url);
  return `${protocol}//${MACHINE}${port && `:${port}`}`;
}

/** Returns whether an address names the machine itself. */
export function namesMachine(urls: readonly string[]): boolean {
  return urls.some((url) => nameOf(url) === MACHINE);
}

/**
 * Rejects a forge that only containers of Podman find by its name, not the containers of the Docker daemon inside one.
 *
 * @throws FORGE-HOST-002 for host.docker.internal
 */
export function assertNamedForJobs(url: string): void {
  if (namesMachine([url])) {
    throw ForgeError.of({
      code: 'FORGE-HOST-002',
      message: `${quoted(url)} is the machine for containers of Podman, but not for the containers of jobs, which a Docker daemon inside Podman runs`,
      fix: 'use the name or address of the machine in the network, or engine: ContainerEngine.DOCKER',
      symptom: `dial tcp: lookup ${MACHINE}: no such host`,
    });
  }
}

/** Returns the URLs at which the runner and its jobs reach the forge. */
export function urlsOf({ url }: Forge, endpoints: readonly string[]): string[] {
  return [url, ...endpoints];
}

/**
 * Reports a subnet that is not a private IPv4 network with room for the containers, and returns the network.
 */
export function hostNetwork(subnet: string, problems: Problems): HostNetwork {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.0\/(\d{1,2})$/.exec(subnet);
  const [first, second] = (parts ?? []).slice(1).map(Number);
  const isPrivate = first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168);
  if (
    !parts ||
    !isPrivate ||
    Number(parts[3]) > 255 ||
    second > 255 ||
    Number(parts[4]) < 16 ||
    Number(parts[4]) > 28
  ) {
    problems.add({
      code: 'FORGE-HOST-006',
      message: `subnet ${quoted(subnet)} is not the network of a compose project`,
      allowed: 'a private IPv4 network that ends in .0, from /16 to /28, such as 172.30.83.0/24',
      fix: 'set subnet to a network that the machine does not use, or remove it',
      symptom: 'Pool overlaps with other one on this address space',
    });
  }
  return { subnet, gateway: subnet.replace(/\.0\/\d+$/, '.1') };
}

/** Returns the entry of `extra_hosts`, and the option of job containers. */
export function machineAt(address: string): string {
  return `${MACHINE}=${address}`;
}
