import { Construct } from 'constructs';
import { clusterDomainOf, EgressNeeds } from '../../kube';
import { Endpoint, Registry, RegistryKind, Zone } from '../../registry';
import { BuildkitdProps } from '../buildkitd-props';

/** Names of the variables that Go's HTTP client reads a proxy from. */
const PROXY = /^(https?|all)_proxy$/i;
const NO_PROXY = /^no_proxy$/i;

/**
 * Returns the endpoints that a buildkitd connects to: those of its registries, and the URLs in its environment.
 *
 * @internal
 */
export function egressNeeds({ registries, environment = {} }: BuildkitdProps): EgressNeeds {
  return { urls: [...endpointsOf(registries).map(({ url }) => url), ...Object.values(environment).filter(isUrl)] };
}

/**
 * Returns the environment with `NO_PROXY`, if the environment has a proxy. Pushes inside the cluster would otherwise go
 * through the proxy, which does not reach the registry.
 *
 * @internal
 */
export function withDirectHosts(
  daemon: Construct,
  { registries, environment = {} }: BuildkitdProps,
): Record<string, string> {
  if (!Object.keys(environment).some((name) => PROXY.test(name))) {
    return { ...environment };
  }
  const rest = Object.entries(environment).filter(([name]) => !NO_PROXY.test(name));
  const given = Object.entries(environment)
    .filter(([name]) => NO_PROXY.test(name))
    .flatMap(([, value]) => value.split(','))
    .map((host) => host.trim());
  const inside = ['localhost', '127.0.0.1', '.svc', `.svc.${clusterDomainOf(daemon)}`];
  const direct = registries.flatMap((registry) => directHosts(registry));
  const value = [...new Set([...inside, ...direct, ...given])].filter((host) => host !== '').join(',');
  return { ...Object.fromEntries(rest), NO_PROXY: value, no_proxy: value };
}

/** Returns the hosts that a proxy to the internet does not reach: those of a forge of one's own, and private ones. */
function directHosts(registry: Registry): string[] {
  const own = registry.kind === RegistryKind.GITEA;
  return endpointsOf([registry])
    .filter((endpoint) => own || !endpoint.isReachableFrom(Zone.INTERNET) || isPrivate(endpoint.host))
    .map(({ host }) => host.replace(/:\d+$/, ''))
    .filter((host) => !/\.svc(\.|$)/.test(host));
}

function isPrivate(host: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|127\.|localhost)/.test(host);
}

function endpointsOf(registries: readonly Registry[]): Endpoint[] {
  return registries.flatMap((registry) => {
    const all = [...registry.endpoints, ...registry._tokenEndpoints];
    return [...all, ...all.flatMap(({ mirrors }) => mirrors)];
  });
}

function isUrl(value: string): boolean {
  return /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value);
}
