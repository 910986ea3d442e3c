import { CaBundle, Trust } from '../../trust';
import { ForgeError, quoted } from '../../support';
import { Endpoint } from '../endpoint';
import { RegistryAddresses } from '../access/addresses';
import { Zone } from '../access/zone';

/**
 * A set of settings that every client needs for a host, in any file format. Every derived file is generated from these
 * settings only, so the files are consistent.
 *
 * @jsii ignore
 */
export interface HostSettings {
  /** Address of the host: `host` or `host:port`. */
  readonly host: string;
  /** Reports whether clients connect to the endpoint with plain HTTP. */
  readonly plainHttp: boolean;
  /** CA bundle of the private CA that signed the host's certificate; undefined for other hosts. */
  readonly caBundle?: CaBundle;
  /** Mirrors that clients try first when they pull from the host. */
  readonly mirrors: readonly Endpoint[];
}

/**
 * Returns the hosts that a client of the given registries connects to, without duplicates. The hosts are in the order
 * of declaration: endpoints, mirrors and token servers.
 *
 * @throws FORGE-REG-005 if one host is declared in two ways
 *
 * @jsii ignore
 */
export function hostSettings(registries: readonly RegistryAddresses[]): HostSettings[] {
  return distinct(registries.flatMap((registry) => [...registry.endpoints, ...registry._tokenEndpoints]));
}

/**
 * Returns the addresses of the hosts that a client of the given registries connects to.
 *
 * @jsii ignore
 */
export function hostsOf(registries: readonly RegistryAddresses[]): string[] {
  return hostSettings(registries).map(({ host }) => host);
}

/**
 * Returns the hosts that nodes connect to. Nodes pull only, and only from hosts that they can reach.
 *
 * @jsii ignore
 */
export function nodeHostSettings(registries: readonly RegistryAddresses[]): HostSettings[] {
  const own = registries.flatMap((registry) => [registry.pull, registry._tokenRealm(registry.pull)]);
  const reached = (mirrors: readonly Endpoint[]) => mirrors.filter((mirror) => mirror.isReachableFrom(Zone.NODE));
  const used = new Set([...own, ...reached(own.flatMap(({ mirrors }) => mirrors))].map(({ host }) => host));
  return distinct(own)
    .filter(({ host }) => used.has(host))
    .map((host) => ({ ...host, mirrors: reached(host.mirrors) }));
}

/**
 * Checks that endpoints of the same host have identical settings, and returns the settings of each host.
 *
 * @throws FORGE-REG-005 if they are not
 *
 * @jsii ignore
 */
export function distinct(endpoints: readonly Endpoint[]): HostSettings[] {
  const seen = new Map<string, Endpoint>();
  const all = endpoints.flatMap((endpoint) => [endpoint, ...endpoint.mirrors]);
  for (const endpoint of all) {
    const first = seen.get(endpoint.host);
    if (first && !first.trust.isSameAs(endpoint.trust)) {
      throw contradiction(first, endpoint);
    }
    if (!first) {
      seen.set(endpoint.host, endpoint);
    }
  }
  return [...seen.values()].map(({ host, isPlainHttp, trust }) => ({
    host,
    plainHttp: isPlainHttp,
    caBundle: trust.caBundle,
    mirrors: mirrorsOf(host, all),
  }));
}

/** Returns the mirrors that all declarations of a host name, each once, in the order of declaration. */
function mirrorsOf(host: string, endpoints: readonly Endpoint[]): Endpoint[] {
  const all = endpoints.filter((endpoint) => endpoint.host === host).flatMap(({ mirrors }) => mirrors);
  const urls = all.map((mirror) => mirror._mirrorUrl);
  return all.filter((_, i) => urls.indexOf(urls[i]) === i);
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
 * Returns the private CAs of the given hosts, without duplicates.
 *
 * @jsii ignore
 */
export function caBundlesOf(hosts: readonly HostSettings[]): CaBundle[] {
  const bundles = new Map(hosts.flatMap(({ caBundle }) => (caBundle ? [[caBundle._identity, caBundle] as const] : [])));
  return [...bundles.values()];
}

/**
 * Returns whether a client that knows some registries reaches every host of a registry: the host needs only public TLS,
 * or the client knows it with the same trust.
 *
 * @jsii ignore
 */
export function knowsHostsOf(registry: RegistryAddresses, registries: readonly RegistryAddresses[]): boolean {
  const known = hostSettings(registries);
  return hostSettings([registry]).every((needed) => {
    const told = known.find(({ host }) => host === needed.host) ?? { plainHttp: false, caBundle: undefined };
    return told.plainHttp === needed.plainHttp && told.caBundle?._identity === needed.caBundle?._identity;
  });
}
