import * as net from 'node:net';
import { Construct, IConstruct } from 'constructs';
import { Findings, isInTree, oneLine, quoted } from '../../support';
import { HostPort } from './local-cluster-props';

const CODE = 'FORGE-HOST-018';

/** The ports of the machine that a cluster opens. */
interface Opened {
  readonly construct: IConstruct;
  readonly address: string;
  readonly ports: readonly HostPort[];
}

const OPENED = new WeakMap<IConstruct, Opened[]>();

/**
 * Lets synthesis report a port of the machine that an earlier cluster of the app opens too. Clusters that never run at one time
 * can share a port: the finding can be accepted.
 */
export function reportSharedPorts(construct: Construct, address: string, ports: readonly HostPort[]): void {
  const { root } = construct.node;
  const all = OPENED.get(root) ?? [];
  OPENED.set(root, all);
  const earlier = [...all];
  all.push({ construct, address, ports });
  construct.node.addValidation({
    validate: () =>
      earlier
        .filter((other) => isInTree(other.construct) && sharesAddress(other.address, address))
        .flatMap((other) => problems(construct, { ports, other })),
  });
}

function problems(
  construct: Construct,
  { ports, other }: { readonly ports: readonly HostPort[]; readonly other: Opened },
): string[] {
  if ([construct, other.construct].some((one) => Findings.of(one).isAcknowledged(CODE))) {
    return [];
  }
  return ports
    .filter(({ host }) => other.ports.some((port) => port.host === host))
    .map(({ host }) =>
      oneLine({
        code: CODE,
        message: `port ${host} of the machine is a port of cluster ${quoted(other.construct.node.path)} too`,
        fix: `set another port, or another listenAddress; if only one of the clusters runs at a time, accept the finding: Findings.of(…).acknowledge('${CODE}', '…') at ${quoted(construct.node.path)}`,
        symptom: 'Bind for 127.0.0.1 failed: port is already allocated',
      }),
    );
}

/** Returns whether two addresses of the machine cannot have one port both: 0.0.0.0 is every address of IPv4. */
function sharesAddress(one: string, other: string): boolean {
  const [a, b] = [one, other].map(canonical);
  const isEvery = (address: string) => address === '0.0.0.0' || address === '[::]';
  return a === b || (net.isIPv6(one) === net.isIPv6(other) && (isEvery(a) || isEvery(b)));
}

function canonical(address: string): string {
  return new URL(`http://${net.isIPv6(address) ? `[${address}]` : address}/`).hostname;
}
