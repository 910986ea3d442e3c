import * as net from 'node:net';
import { Forge, PublicUrlDetection } from '../../forge';
import { Endpoint, isLoopback, Registry, Zone } from '../../registry';
import { Problem, quoted } from '../../support';
import { HostPort, LocalClusterProps } from './local-cluster-props';

type Fault = Omit<Problem, 'code'>;

/** The addresses of which localhost is one. */
const LOCAL = ['127.0.0.1', '0.0.0.0', '[::1]', '[::]'];

/** Returns the ports of a cluster: that of the forge, then the others, each once. */
export function portsOf({ forge, ports = [] }: LocalClusterProps): HostPort[] {
  const all = [...ofForge(forge), ...ports.map(({ host, node }) => ({ host, node }))];
  return all.filter(({ host, node }, i) => all.findIndex((one) => one.host === host && one.node === node) === i);
}

function ofForge(forge: Forge | undefined): HostPort[] {
  const { hostname, port, protocol } = forge ? new URL(forge.url) : { hostname: '', port: '', protocol: '' };
  if (forge?.nodePort === undefined || !isLoopback(hostname)) {
    return [];
  }
  return [{ host: Number(port || (protocol === 'http:' ? 80 : 443)), node: forge.nodePort }];
}

/** Returns what is wrong with the ports, and with the registries at them. */
export function portFaults(props: LocalClusterProps, ports: readonly HostPort[]): Fault[] {
  const { registries = [], listenAddress = '127.0.0.1' } = props;
  const twice = ports.filter(({ host }, i) => ports.findIndex((one) => one.host === host) !== i);
  return [
    ...ports.flatMap(({ host, node }) => [
      ...inRange(`port ${host} of the machine`, host, [1, 65535]),
      ...inRange(`NodePort ${node}`, node, [30000, 32767]),
    ]),
    ...twice.map(({ host }) => ({
      message: `port ${host} of the machine leads to two NodePorts`,
      fix: 'give each NodePort a port of its own',
      symptom: 'Bind for 127.0.0.1 failed: port is already allocated',
    })),
    ...(net.isIP(listenAddress) === 0 || listenAddress.includes('%')
      ? [
          {
            message: `listenAddress ${quoted(listenAddress)} is not an IP address`,
            allowed: 'an IP address without a zone',
            fix: "set '127.0.0.1' or '0.0.0.0'",
          },
        ]
      : []),
    ...(props.listenAddress !== undefined && ports.length === 0
      ? [
          {
            message: `listenAddress is ${quoted(props.listenAddress)}, but no port is open`,
            fix: 'set ports, or forge with a nodePort and a URL at localhost, or remove listenAddress',
          },
        ]
      : []),
    ...unusedForge(props),
    ...registries.flatMap((registry) => atLocalhost(registry, props, ports)),
  ];
}

/**
 * Returns the mirrors of Docker Hub whose NodePorts the ports of the machine lead to, as the machine reaches them. Those of
 * a registry are declared for nodes, which have a localhost of their own.
 */
export function hubMirrors(
  { registries = [], listenAddress = '127.0.0.1' }: LocalClusterProps,
  ports: readonly HostPort[],
): Endpoint[] {
  const nodePorts = registries
    .filter(({ pull }) => pull.host === 'docker.io')
    .flatMap(({ pull }) => pull.mirrors)
    .filter((mirror) => mirror.isReachableFrom(Zone.NODE) && isLoopback(mirror.host))
    .map(({ host }) => Number(portOf(host)));
  return ports
    .filter(({ node }) => nodePorts.includes(node))
    .map(({ host }) => Endpoint.http(`${machineAddress(listenAddress)}:${host}`));
}

/** Returns the address of the machine in URLs to its open ports: `localhost` if the ports are open there. */
export function machineAddress(listenAddress: string): string {
  const address = new URL(`http://${net.isIPv6(listenAddress) ? `[${listenAddress}]` : listenAddress}/`).hostname;
  return LOCAL.includes(address) ? 'localhost' : address;
}

function portOf(host: string): string | undefined {
  return /:(\d+)$/.exec(host)?.[1];
}

/** Returns the fault of a forge that no port of the machine leads to. */
function unusedForge({ forge }: LocalClusterProps): Fault[] {
  if (forge === undefined || ofForge(forge).length > 0) {
    return [];
  }
  const reason =
    forge.nodePort === undefined ? 'the forge has no nodePort' : `its URL ${quoted(forge.url)} is not at localhost`;
  return [
    {
      message: `forge opens no port of the machine: ${reason}`,
      fix: "set nodePort of the forge and its URL to 'http://localhost:<port>', or remove forge, and set ports",
      symptom: 'connect: connection refused',
    },
  ];
}

function inRange(what: string, port: number, [low, high]: readonly [number, number]): Fault[] {
  return Number.isInteger(port) && port >= low && port <= high
    ? []
    : [{ message: `${what} is not a port`, allowed: `a whole number from ${low} to ${high}`, fix: 'set another port' }];
}

/** Returns the fault of a registry at localhost that the nodes, which have a localhost of their own, do not find. */
function atLocalhost({ pull, forge }: Registry, props: LocalClusterProps, ports: readonly HostPort[]): Fault[] {
  const served = [pull, ...pull.mirrors]
    .filter((endpoint) => endpoint.isReachableFrom(Zone.NODE) && isLoopback(endpoint.host))
    .map(({ host }) => Number(portOf(host)));
  if (!isLoopback(pull.host) || pull.mirrors.some((m) => m.isReachableFrom(Zone.NODE) && !isLoopback(m.host))) {
    return [];
  }
  if (ports.some(({ node }) => served.includes(node))) {
    return [];
  }
  return [
    {
      message: `the nodes do not find the registry ${quoted(pull.host)}: localhost is the node itself, where only NodePorts are`,
      allowed: ports.length > 0 ? `NodePort ${ports.map((port) => port.node).join(', ')}` : 'a NodePort of ports',
      fix: forge?.url === pull.url ? forgeFix(forge, props) : mirrorFix(pull, ports),
      symptom: `dial tcp 127.0.0.1:${portOf(pull.host) ?? 80}: connect: connection refused`,
    },
  ];
}

/** Returns how nodes find the registry of a forge at localhost. */
function forgeFix(forge: Forge, props: LocalClusterProps): string {
  const parts = [
    ...(forge.nodePort === undefined ? ['set nodePort of the Forge to the NodePort of its Service'] : []),
    ...(props.forge === undefined ? ['set forge of the cluster to the Forge'] : []),
    ...(forge.publicUrlDetection === PublicUrlDetection.AUTO
      ? []
      : ['use Gitea 1.26, or set publicUrlDetection of the Forge to PublicUrlDetection.AUTO']),
  ];
  return parts.length > 0
    ? parts.join('; ')
    : 'remove pull of the Registry: the URL of the Forge has the mirror for nodes';
}

/** Returns how nodes find a registry at a port of the machine. */
function mirrorFix({ host: at, isPlainHttp }: Endpoint, ports: readonly HostPort[]): string {
  const host = Number(portOf(at) ?? (isPlainHttp ? 80 : 443));
  const own = ports.find((port) => port.host === host);
  const free = [30500, 30501].find((node) => ports.every((port) => port.node !== node)) ?? 30502;
  const node = own?.node ?? free;
  const mirror = `Endpoint.http('localhost:${node}', { zones: [Zone.NODE] })`;
  const pull = `Endpoint.${isPlainHttp ? 'http' : 'https'}(${quoted(at).replaceAll('"', "'")}, { mirrors: [${mirror}] })`;
  return `set pull to ${pull}${own ? '' : `, and add { host: ${host}, node: ${node} } to ports`}`;
}
