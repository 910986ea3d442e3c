import { ForgeFeature, PublicUrlDetection } from '../../forge';
import { Problem, quoted } from '../../support';
import { Endpoint } from '../endpoint';
import { RegistryAddresses } from './addresses';
import { isLoopback, Zone } from './zone';

/** The operations of a client at a registry. */
export enum RegistryRole {
  /** Push of images. */
  PUSH = 'push',
  /** Pull of images. */
  PULL = 'pull',
  /** Scan for new tags. */
  SCAN = 'scan',
}

/**
 * Returns the endpoint to which a registry sends a client of one of its endpoints for a token.
 *
 * Gitea sends an absolute address in `WWW-Authenticate: Bearer realm="…/v2/token"`. Up to 1.25, the address is
 * `ROOT_URL`, unless a proxy sets `X-Forwarded-Proto`. `ROOT_URL` also applies to clients at an internal address
 * (go-gitea#22033, #28039). Since 1.26, the address is the one that the client used.
 *
 * @jsii ignore
 */
export function tokenRealm(registry: Pick<RegistryAddresses, 'forge' | 'endpoints'>, endpoint: Endpoint): Endpoint {
  const { forge } = registry;
  if (!forge) {
    return endpoint;
  }
  const root = Endpoint.ofUrl(forge.url, forge.trust);
  if (endpoint.host === root.host) {
    return endpoint;
  }
  const seesHost =
    forge.publicUrlDetection === PublicUrlDetection.AUTO ||
    (forge.publicUrlDetection === PublicUrlDetection.LEGACY && !endpoint.isPlainHttp);
  if (seesHost) {
    return endpoint;
  }
  return registry.endpoints.find((other) => other.host === root.host) ?? root;
}

/**
 * Returns the reasons that prevent a client in a zone from using a registry in a role; empty if there are none.
 *
 * @jsii ignore
 */
export function accessProblems(registry: RegistryAddresses, role: RegistryRole, zone: Zone): Problem[] {
  const endpoint = {
    [RegistryRole.PUSH]: registry.push,
    [RegistryRole.PULL]: registry.pull,
    [RegistryRole.SCAN]: registry.scan,
  }[role];
  if (!reaches(endpoint, { role, zone })) {
    return [unreachable(endpoint, { role, zone })];
  }
  const realm = registry._tokenRealm(endpoint);
  if (realm.isReachableFrom(zone) || realm.host === endpoint.host) {
    return [];
  }
  return [noToken(registry, { endpoint, realm, zone })];
}

/**
 * Returns the reasons that prevent nodes from pulling from registries. Registries at one host share their mirrors, as the
 * settings of nodes are by host.
 *
 * @jsii ignore
 */
export function nodeAccessProblems(registries: readonly RegistryAddresses[]): Problem[] {
  const [role, zone] = [RegistryRole.PULL, Zone.NODE];
  const reached = new Set(registries.filter(({ pull }) => reaches(pull, { role, zone })).map(({ pull }) => pull.host));
  const problems = registries.flatMap((registry) =>
    reached.has(registry.pull.host) && !reaches(registry.pull, { role, zone })
      ? []
      : accessProblems(registry, role, zone),
  );
  return problems.filter((one, i) => problems.findIndex(({ message }) => message === one.message) === i);
}

/** Returns whether a client can reach an endpoint in a role. Pulls may use a mirror instead. */
function reaches(endpoint: Endpoint, { role, zone }: { role: RegistryRole; zone: Zone }): boolean {
  return (
    endpoint.isReachableFrom(zone) ||
    (role === RegistryRole.PULL && endpoint.mirrors.some((mirror) => mirror.isReachableFrom(zone)))
  );
}

function unreachable(endpoint: Endpoint, { role, zone }: { role: RegistryRole; zone: Zone }): Problem {
  const host = quoted(endpoint.host);
  const problem = {
    code: 'FORGE-REG-006',
    message: `a ${zone} cannot ${role} at ${host}: it is reached from ${endpoint.zones.join(', ') || 'nowhere'} only`,
  };
  if (isLoopback(endpoint.host) && zone !== Zone.HOST) {
    return {
      ...problem,
      message: `${problem.message}; localhost is the ${zone}'s own`,
      fix: 'give the address that it has from there; if a NodePort or a mirror answers at localhost of every node, say so: zones: [Zone.HOST, Zone.NODE]',
      symptom: `dial tcp 127.0.0.1:${/:(\d+)$/.exec(endpoint.host)?.[1] ?? '443'}: connect: connection refused`,
    };
  }
  if (zone === Zone.NODE) {
    return {
      ...problem,
      message: `${problem.message}; nodes do not ask the cluster's DNS`,
      fix: "pull from an address that nodes know, or give the endpoint a mirror: mirrors: [Endpoint.http('192.168.1.10:30080', …)]",
      symptom: `dial tcp: lookup ${endpoint.host.replace(/:\d+$/, '')}: no such host`,
    };
  }
  return {
    ...problem,
    fix: `give an endpoint that is reached from there, or say that this one is: zones: [Zone.${zone.toUpperCase()}, …]`,
    symptom: 'dial tcp: i/o timeout',
  };
}

function noToken(
  registry: RegistryAddresses,
  { endpoint, realm, zone }: { endpoint: Endpoint; realm: Endpoint; zone: Zone },
): Problem {
  const { forge } = registry;
  const server = forge
    ? `Gitea ${forge.version} with PUBLIC_URL_DETECTION ${forge.publicUrlDetection}`
    : 'the registry';
  return {
    code: 'FORGE-REG-008',
    message: `${server} sends a client of ${quoted(endpoint.host)} to ${realm.url}/v2/token for a token, and a ${zone} does not reach that: it is reached from ${realm.zones.join(', ') || 'nowhere'} only`,
    fix:
      forge && forge.supports(ForgeFeature.PUBLIC_URL_DETECTION)
        ? 'set PUBLIC_URL_DETECTION = auto on the server and declare it: publicUrlDetection: PublicUrlDetection.AUTO; or let the client reach that address'
        : 'upgrade Gitea to 1.26, which sends clients back to where they asked; or let the client reach that address',
    symptom: `failed to authorize: failed to fetch oauth token: Post "${realm.url}/v2/token": dial tcp: i/o timeout; or 401 Unauthorized`,
  };
}
