import { isIP } from 'node:net';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicySpec } from 'kubernetes-types/networking/v1';
import { advise, lazily, namespaceOf, oneLine, Problems, quoted } from '../support';
import { network } from './cidr';
import { Egress, EgressKind } from './egress';
import { PodGroup } from './pod-group';

/**
 * Pods that a workload must reach, on one port.
 *
 * @jsii ignore
 */
export interface EgressPods {
  readonly pods: PodGroup;
  /** The port of the pods, not of their Service; undefined for every port. */
  readonly port?: number;
}

/**
 * The endpoints that a workload needs, from its own properties.
 *
 * @jsii ignore
 */
export interface EgressNeeds {
  /** URLs with a scheme, such as the forge, a proxy, registries. */
  readonly urls: readonly string[];
  readonly pods?: readonly EgressPods[];
}

/**
 * The networks that are not the internet. Sources: IANA's special-purpose address registries; 168.63.129.16 is Azure's
 * platform service, 100.100.100.200 (Alibaba's metadata) is in 100.64.0.0/10, fd00:ec2::254 (Amazon's) in fc00::/7.
 */
const PRIVATE_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
const PRIVATE_6 = ['::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8'];

const DNS: NetworkPolicyEgressRule = {
  ports: [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ],
};

/**
 * The parts of an egress restriction.
 *
 * @jsii ignore
 */
export interface EgressParts {
  /** The name of the workload. */
  readonly name: string;
  /** The labels of the pods that are restricted. */
  readonly labels: Record<string, string>;
  readonly egress: Egress;
  /** Returns the endpoints that the workload needs. Asked when the tree is complete. */
  readonly needs: () => EgressNeeds;
}

/**
 * Creates the NetworkPolicy `<name>-egress`, or nothing for open egress.
 *
 * @jsii ignore
 */
export function restrictEgress(construct: Construct, { name, labels, egress, needs }: EgressParts): void {
  if (egress.kind === EgressKind.OPEN) {
    return;
  }
  if (egress.kind === EgressKind.INTERNET) {
    advise(construct, () => ({ warnings: privateNames(egress, needs()) }));
  }
  new ApiObject(construct, 'Egress', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `${name}-egress` },
    spec: lazily((): NetworkPolicySpec => ({
      podSelector: { matchLabels: labels },
      policyTypes: ['Egress'],
      egress: rules(egress, needs(), namespaceOf(construct)),
    })),
  });
}

/** Domains of private networks, which public servers do not have. Sources: RFC 6762, appendix G; RFC 8375; ICANN's resolution on `internal`. */
const PRIVATE_NAME = /\.(?:local|localdomain|lan|home|home\.arpa|internal|intranet|private|corp)$/;

/** Returns warnings about endpoints in private networks whose address nothing states: the NetworkPolicy does not allow them. */
function privateNames(egress: Egress, { urls }: EgressNeeds): string[] {
  const hosts = urls
    .map((url) => hostOf(url))
    .filter(({ kind, name }) => kind === 'name' && PRIVATE_NAME.test(name) && !egress._hosts.has(name));
  return [...new Set(hosts.map(({ name }) => name))].map((name) =>
    oneLine({
      code: 'FORGE-KUBE-027',
      message: `${quoted(name)} is a name of a private network, and egress allows public addresses only`,
      fix: `declare the address: egress: Egress.internet({ hosts: { ${quoted(name)}: ['…'] } })`,
    }),
  );
}

/**
 * Reports endpoints that the NetworkPolicy cannot allow, because nothing states their address.
 *
 * @jsii ignore
 */
export function checkEgress(egress: Egress, { urls }: EgressNeeds, problems: Problems): void {
  if (egress.kind !== EgressKind.DECLARED) {
    return;
  }
  const hosts = urls.map((url) => hostOf(url)).filter(({ kind, name }) => kind === 'name' && !egress._hosts.has(name));
  for (const name of new Set(hosts.map((host) => host.name))) {
    problems.add({
      code: 'FORGE-KUBE-011',
      message: `egress allows declared endpoints only, but the address of ${quoted(name)} is not declared`,
      fix: `add the address: Egress.declared({ hosts: { ${quoted(name)}: ['…'] } }), or use Egress.internet(); a Service has the form 'name.namespace.svc'`,
      symptom: 'no error: connections to the host time out',
    });
  }
}

function rules(egress: Egress, needs: EgressNeeds, own: string): NetworkPolicyEgressRule[] {
  const peers = (groups: readonly PodGroup[]) => groups.map((pods) => podPeer(pods, own));
  return distinct([
    DNS,
    ...(egress.kind === EgressKind.INTERNET ? [internet(egress._except)] : []),
    ...needs.urls.flatMap((url) => urlRule(url, egress, own)),
    ...(needs.pods ?? []).map(({ pods, port }) => rule(peers([pods]), port)),
    ...(egress._networks.length > 0 ? [rule(egress._networks.map(block))] : []),
    ...(egress._pods.length > 0 ? [rule(peers(egress._pods))] : []),
  ]);
}

function internet(except: readonly string[]): NetworkPolicyEgressRule {
  const without = (own: string[], isOther: (value: string) => boolean) => [
    ...new Set([...own, ...except.filter(isOther)]),
  ];
  return {
    to: [
      { ipBlock: { cidr: '0.0.0.0/0', except: without(PRIVATE_4, (value) => !value.includes(':')) } },
      { ipBlock: { cidr: '::/0', except: without(PRIVATE_6, (value) => value.includes(':')) } },
    ],
  };
}

/** Returns the rule for a URL; nothing if the host is this pod, or is reached as a part of the internet. */
function urlRule(url: string, egress: Egress, own: string): NetworkPolicyEgressRule[] {
  const host = hostOf(url);
  if (host.kind === 'self') {
    return [];
  }
  if (host.kind === 'address') {
    return [rule([block(network(host.name, 'url'))], host.port)];
  }
  const addresses = egress._hosts.get(host.name) ?? [];
  if (addresses.length > 0) {
    return [rule(addresses.map(block), host.port)];
  }
  if (host.kind === 'service') {
    // A policy sees the port of the pod, which can differ from the Service's.
    return [rule([namespacePeer(host.namespace ?? own)])];
  }
  const namespace = possibleNamespace(url, host.name);
  return namespace === undefined ? [] : [rule([namespacePeer(namespace)])];
}

/** Returns the namespace of a name that can be a Service: two parts, with plain HTTP, such as `http://gitea-http.gitea:3000`. */
function possibleNamespace(url: string, name: string): string | undefined {
  return url.startsWith('http:') && !PRIVATE_NAME.test(name) ? /^[^.]+\.([^.]+)$/.exec(name)?.[1] : undefined;
}

interface Host {
  readonly kind: 'self' | 'address' | 'service' | 'name';
  readonly name: string;
  readonly port: number;
  /** The namespace of a Service; undefined for the namespace of the pod. */
  readonly namespace?: string;
}

const DEFAULT_PORTS: Record<string, number> = { 'https:': 443, 'http:': 80, 'ssh:': 22 };

function hostOf(url: string): Host {
  const { protocol, hostname, port } = new URL(url);
  const name = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  const host = { name, port: port === '' ? (DEFAULT_PORTS[protocol] ?? 443) : Number(port) };
  if (name === 'localhost' || /^127\./.test(name) || name === '::1' || name === '') {
    return { ...host, kind: 'self' };
  }
  if (isIP(name) !== 0) {
    return { ...host, kind: 'address' };
  }
  const namespace = /^(?:[^.]+\.)+([^.]+)\.svc(?:\..+)?$/.exec(name)?.[1];
  return { ...host, namespace, kind: namespace !== undefined || !name.includes('.') ? 'service' : 'name' };
}

function rule(to: NetworkPolicyPeer[], port?: number): NetworkPolicyEgressRule {
  return { to, ...(port === undefined ? {} : { ports: [{ port, protocol: 'TCP' }] }) };
}

function block(cidr: string): NetworkPolicyPeer {
  return { ipBlock: { cidr } };
}

function namespacePeer(namespace: string): NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
}

function podPeer({ labels, namespace }: PodGroup, own: string): NetworkPolicyPeer {
  return { podSelector: { matchLabels: { ...labels } }, ...namespacePeer(namespace ?? own) };
}

function distinct(all: NetworkPolicyEgressRule[]): NetworkPolicyEgressRule[] {
  const texts = all.map((one) => JSON.stringify(one));
  return all.filter((_one, i) => texts.indexOf(texts[i]) === i);
}
