import { ForgeError, quoted } from '../support';
import { network } from './cidr';
import { PodGroup } from './pod-group';

/** The kinds of egress, as part of `Egress`. */
export enum EgressKind {
  /** No restriction. */
  OPEN = 'open',
  /** The internet and the declared endpoints, but not private networks. */
  INTERNET = 'internet',
  /** The declared endpoints only. */
  DECLARED = 'declared',
}

/** Destinations that pods can reach, in addition to the endpoints that the library knows. */
export interface DeclaredEgressProps {
  /**
   * The addresses of hosts, by host name: `{ 'git.example.com': ['192.168.1.10'] }`. A NetworkPolicy knows addresses
   * only, no host names. Only the ports of the declared URLs are reachable.
   *
   * @default - none
   */
  readonly hosts?: Record<string, string[]>;

  /**
   * Further networks, in CIDR notation, that pods can reach on every port.
   *
   * @default - none
   */
  readonly networks?: string[];

  /**
   * Further pods that the workload can reach on every port, for example an ingress controller that serves the forge's
   * public URL.
   *
   * @default - none
   */
  readonly pods?: PodGroup[];
}

/** Destinations that pods can or cannot reach, in addition to the internet. */
export interface InternetEgressProps extends DeclaredEgressProps {
  /**
   * Further networks, in CIDR notation, that pods cannot reach: for example a public address of the API server, or pod
   * networks outside the private ranges.
   *
   * @default - private, link-local and shared address ranges only
   */
  readonly except?: string[];
}

/**
 * A choice of the destinations that the pods of a workload can connect to. The choice becomes a NetworkPolicy, so the
 * cluster's network plugin must support NetworkPolicies.
 *
 * DNS (port 53) is always reachable. Jobs that run on another machine are not affected.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 *
 * @example
 *
 * Egress.internet({ hosts: { 'git.example.com': ['192.168.1.10'] } });
 */
export class Egress {
  /** Creates a choice without restriction. No NetworkPolicy is created. */
  static open(): Egress {
    return new Egress(EgressKind.OPEN, {});
  }

  /**
   * Creates a choice that allows the internet and the declared endpoints. Pods cannot reach private networks, other
   * pods, nodes, the API server and the cloud's metadata service.
   *
   * @throws FORGE-KUBE-010 for a value that is not an address or a network
   */
  static internet(props: InternetEgressProps = {}): Egress {
    return new Egress(EgressKind.INTERNET, props);
  }

  /**
   * Creates a choice that allows only the declared endpoints: those that the workload's own properties contain, and
   * `props`.
   *
   * @throws FORGE-KUBE-010 for a value that is not an address or a network
   */
  static declared(props: DeclaredEgressProps = {}): Egress {
    return new Egress(EgressKind.DECLARED, props);
  }

  /** The networks, in CIDR notation, of each host name. @internal */
  readonly _hosts: ReadonlyMap<string, readonly string[]>;

  /** @internal */
  readonly _networks: readonly string[];

  /** @internal */
  readonly _except: readonly string[];

  /** @internal */
  readonly _pods: readonly PodGroup[];

  private constructor(
    /** The kind, as an enum member. */
    readonly kind: EgressKind,
    props: InternetEgressProps,
  ) {
    this._hosts = new Map(
      Object.entries(props.hosts ?? {}).map(([host, addresses]) => [
        hostName(host),
        addresses.map((address) => network(address, `hosts[${JSON.stringify(host)}]`)),
      ]),
    );
    this._networks = (props.networks ?? []).map((value) => network(value, 'networks'));
    this._except = (props.except ?? []).map((value) => exception(value));
    this._pods = (props.pods ?? []).map(({ labels, namespace }) => ({ labels: { ...labels }, namespace }));
  }
}

/** Returns a network that is a part of the internet; Kubernetes rejects an exception that is the whole. */
function exception(value: string): string {
  const cidr = network(value, 'except');
  if (!cidr.endsWith('/0')) {
    return cidr;
  }
  throw ForgeError.of({
    code: 'FORGE-KUBE-010',
    message: `except has ${quoted(value)}, which is the whole internet`,
    allowed: 'a network that is smaller than all addresses',
    fix: 'use Egress.declared(), which allows only declared endpoints',
  });
}

function hostName(host: string): string {
  if (/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(host)) {
    return host.toLowerCase();
  }
  throw ForgeError.of({
    code: 'FORGE-KUBE-010',
    message: `hosts has the key ${quoted(host)}, which is not a host name`,
    allowed: 'a host name, without scheme, port and path',
    fix: "set hosts to host names and their addresses: { 'git.example.com': ['192.168.1.10'] }",
  });
}
