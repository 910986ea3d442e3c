import { CaBundle, Trust } from '../trust';
import { ForgeError, quoted } from '../support';
import { Endpoint } from './endpoint';
import type { Registry } from './registry';
import { Zone } from './zone';

/**
 * What any client must know of one host, whatever file it reads that from. Every derived file is made from these and from nothing else:
 * that is why they agree.
 *
 * @jsii ignore
 */
export interface HostSettings {
  /** `host` or `host:port`. */
  readonly host: string;
  /** Whether clients talk plain HTTP to it. */
  readonly plainHttp: boolean;
  /** The authority that signed its certificate, if it is a private one. */
  readonly caBundle?: CaBundle;
  /** Where clients go first for what is pulled from it. */
  readonly mirrors: readonly Endpoint[];
}

/**
 * The hosts that a client of these registries talks to, each once, in the order of declaration: endpoints, mirrors, and where the
 * registry sends for a token.
 *
 * @throws FORGE-REG-005 if one host is declared in two ways
 *
 * @jsii ignore
 */
export function hostSettings(registries: readonly Registry[]): HostSettings[] {
  return distinct(registries.flatMap((registry) => [...registry.endpoints, ...registry._tokenEndpoints]));
}

/**
 * The same for nodes, which pull only, and only from what they reach.
 *
 * @jsii ignore
 */
export function nodeHostSettings(registries: readonly Registry[]): HostSettings[] {
  const hosts = distinct(registries.flatMap((registry) => [registry.pull, registry._tokenRealm(registry.pull)]));
  const mirrors = hosts
    .flatMap((host) => host.mirrors)
    .filter((mirror) => !mirror.isReachableFrom(Zone.NODE))
    .map((mirror) => mirror.host);
  return hosts
    .filter(({ host }) => !mirrors.includes(host))
    .map((host) => ({ ...host, mirrors: host.mirrors.filter((mirror) => mirror.isReachableFrom(Zone.NODE)) }));
}

/**
 * Checks that endpoints of one host are declared alike, and returns the settings of each host.
 *
 * @throws FORGE-REG-005 if they are not
 *
 * @jsii ignore
 */
export function distinct(endpoints: readonly Endpoint[]): HostSettings[] {
  const seen = new Map<string, Endpoint>();
  for (const endpoint of endpoints.flatMap((e) => [e, ...e.mirrors])) {
    const first = seen.get(endpoint.host);
    if (first && !first.trust.isSameAs(endpoint.trust)) {
      throw contradiction(first, endpoint);
    }
    if (!first || endpoint.mirrors.length > first.mirrors.length) {
      seen.set(endpoint.host, endpoint);
    }
  }
  return [...seen.values()].map(({ host, isPlainHttp, trust, mirrors }) => ({
    host,
    plainHttp: isPlainHttp,
    caBundle: trust.caBundle,
    mirrors,
  }));
}

function contradiction(one: Endpoint, other: Endpoint): ForgeError {
  return ForgeError.of({
    code: 'FORGE-REG-005',
    message: `${quoted(one.host)} is declared with trust ${described(one.trust)} and with trust ${described(other.trust)}`,
    fix: 'declare the endpoint once and pass the object; a forge and its registry at one host have one trust',
    symptom:
      one.isPlainHttp === other.isPlainHttp
        ? 'x509: certificate signed by unknown authority'
        : 'http: server gave HTTP response to HTTPS client',
  });
}

function described(trust: Trust): string {
  return trust.caBundle ? `${trust.kind} (${trust.caBundle.name})` : trust.kind;
}

/**
 * The private authorities of some hosts, each once.
 *
 * @jsii ignore
 */
export function caBundlesOf(hosts: readonly HostSettings[]): CaBundle[] {
  const bundles = new Map(hosts.flatMap(({ caBundle }) => (caBundle ? [[caBundle._identity, caBundle] as const] : [])));
  return [...bundles.values()];
}
