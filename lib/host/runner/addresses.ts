import { IConstruct } from 'constructs';
import { network } from '../../kube';
import { isLoopback, zonesOf, Zone } from '../../registry';
import { ForgeError, Problem, Problems, quoted } from '../../support';

/** The name under which containers reach their machine. */
const MACHINE = 'host.docker.internal';

/** The network of a compose project. */
export interface HostNetwork {
  readonly subnet: string;
  readonly gateway: string;
}

/** The network of a compose project whose containers must find the machine. Another runner of the app has the next one. */
const FIRST_SUBNET = 83;

/** The network that Docker has itself. */
const DOCKER0 = '172.17.0.0/16';

/** The networks of the projects of each app, by the root of the app. */
const TAKEN = new WeakMap<IConstruct, Set<string>>();

/** Returns the host of a URL, without its port. Only URLs of HTTP have one form for each address. */
function nameOf(url: string): string {
  return new URL(url.replace(/^[a-z0-9+.-]+:\/\//i, 'http://')).hostname.replace(/\.$/, '');
}

/** Returns whether a host is the client itself. */
function isItself(host: string): boolean {
  return isLoopback(host) || /^\[::(1|ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})?\]$/.test(host);
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
    if (inContainers && isItself(host)) {
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

/** Returns a warning for each address that a machine without containers knows only if it is told. */
export function unknownNames(urls: readonly string[]): Problem[] {
  return [...new Set(urls)]
    .filter((url) => nameOf(url) === MACHINE)
    .map((url) => ({
      code: 'FORGE-HOST-002',
      message: `${quoted(url)} has the name of the machine for containers, and the runner runs without containers`,
      fix: `add the line "127.0.0.1 ${MACHINE}" to /etc/hosts of the machine, or use localhost in the URL`,
      symptom: `dial tcp: lookup ${MACHINE}: no such host`,
    }));
}

/** Returns whether an address names the machine itself. */
export function namesMachine(urls: readonly string[]): boolean {
  return urls.some((url) => nameOf(url) === MACHINE);
}

/**
 * Rejects an address that only containers of Podman find by its name, not the containers of the Docker daemon inside one.
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

/** Returns the first network of which no other runner of the app has a part. The first runner gets the same one in each app. */
export function freeSubnet(construct: IConstruct): string {
  const taken = takenBy(construct);
  for (let third = FIRST_SUBNET; third < 256; third += 1) {
    const subnet = `172.30.${third}.0/24`;
    if (![...taken].some((other) => overlap(other, subnet))) {
      return subnet;
    }
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-HOST-006',
    message: `other runners of the app have each network from 172.30.${FIRST_SUBNET}.0/24 to 172.30.255.0/24`,
    fix: 'set subnet to a network that the machine does not use',
    symptom: 'Pool overlaps with other one on this address space',
  });
}

/** Notes that a runner has a network. */
export function takeSubnet(construct: IConstruct, subnet: string): void {
  takenBy(construct).add(subnet);
}

function takenBy({ node: { root } }: IConstruct): Set<string> {
  const taken = TAKEN.get(root) ?? new Set();
  TAKEN.set(root, taken);
  return taken;
}

/** Returns whether two networks have an address in common: the longer one begins as the shorter one. */
function overlap(one: string, other: string): boolean {
  const length = Math.min(...[one, other].map((subnet) => Number(subnet.split('/')[1])));
  const first = (subnet: string) => network(`${subnet.split('/')[0]}/${length}`, 'subnet');
  return first(one) === first(other);
}

/**
 * Reports a subnet that is not a private IPv4 network with room for the containers, and returns the network.
 */
export function hostNetwork(subnet: string, problems: Problems): HostNetwork {
  if (!isPrivate(subnet) || network(subnet, 'subnet') !== subnet || overlap(subnet, DOCKER0)) {
    problems.add({
      code: 'FORGE-HOST-006',
      message: `subnet ${quoted(subnet)} is not the network of a compose project`,
      allowed:
        'a private IPv4 network that ends in .0, from /16 to /28, without a part of a host (10.1.0.0/16, not 10.1.2.0/16), outside of 172.17.0.0/16, the network docker0: such as 172.30.83.0/24',
      fix: 'set subnet to a network that the machine does not use, or remove it',
      symptom: 'invalid subnet: it should be …; or: Pool overlaps with other one on this address space',
    });
  }
  return { subnet, gateway: subnet.replace(/\.0\/\d+$/, '.1') };
}

/** Returns the entry of `extra_hosts`, and the option of job containers. */
export function machineAt(address: string): string {
  return `${MACHINE}=${address}`;
}

/** Returns whether a text is a private IPv4 network that ends in .0, with room for the containers. */
function isPrivate(subnet: string): boolean {
  const [first, second, third, length] = (/^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.0\/(\d{1,2})$/.exec(subnet) ?? [])
    .slice(1)
    .map(Number);
  const isBlock = first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168);
  return isBlock && second <= 255 && third <= 255 && length >= 16 && length <= 28;
}
