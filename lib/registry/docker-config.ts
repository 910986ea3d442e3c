import { IConstruct } from 'constructs';
import { Registry } from './registry';
import { pullAdvice } from './registry-advice';
import { advise, scriptText } from '../support';

/** Docker Hub is known to clients by this address, whatever stands in image names. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/**
 * A Docker client's config.json: which hosts need credentials. Docker, buildctl, cosign, Trivy and the runner read it.
 *
 * Credentials are keyed by host, so each endpoint of a registry has an entry of its own; the values are filled in where they live,
 * in the cluster or in the job, never here.
 *
 * @example
 *
 * DockerConfigJson.of([registry]).hosts;
 */
export class DockerConfigJson {
  /** For all endpoints of these registries. */
  static of(registries: Registry[]): DockerConfigJson {
    return new DockerConfigJson([
      ...new Set(registries.flatMap((registry) => registry.endpoints).map((endpoint) => authKey(endpoint.host))),
    ]);
  }

  /** For some hosts, e.g. the push endpoint alone. */
  static ofHosts(hosts: string[]): DockerConfigJson {
    return new DockerConfigJson([...new Set(hosts.map(authKey))]);
  }

  private constructor(private readonly keys: readonly string[]) {}

  /** The keys of `auths`, each once. */
  get hosts(): string[] {
    return [...this.keys];
  }

  /**
   * A bash script that writes the file to `$DOCKER_CONFIG/config.json`, readable by its owner alone, from the environment variables
   * `REGISTRY_HOSTS` (one or more, with a space between), `REGISTRY_USER` and `REGISTRY_TOKEN`. It needs `base64` and `tr`.
   */
  static get script(): string {
    return scriptText(__dirname, 'docker-config.sh');
  }
}

/**
 * Name of the Secret that nodes pull with, in the construct's namespace; undefined if the registry is public.
 *
 * @jsii ignore
 */
export function pullSecret(construct: IConstruct, registry: Registry): string | undefined {
  const secret = registry.credentials?.provide(construct, {
    purpose: `nodes pull images from ${registry.pull.host}`,
    type: 'kubernetes.io/dockerconfigjson',
    keys: ['.dockerconfigjson'],
    tokenScope: 'read:package',
    registryHosts: [authKey(registry.pull.host)],
  });
  advise(construct, () => pullAdvice(construct, registry, secret));
  return secret;
}

function authKey(host: string): string {
  return host === 'docker.io' || host === 'index.docker.io' ? DOCKER_HUB : host;
}
