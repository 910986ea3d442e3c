import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { TokenAccess } from '../../forge';
import { Registry } from '../registry';
import { pullAdvice } from '../advice';
import { dockerConfigKey } from '../../secret';
import { advise, scriptText } from '../../support';

/**
 * A config.json file of a Docker client that lists the hosts that need credentials. Docker, buildctl, cosign, Trivy and
 * the runner read the file.
 *
 * Credentials are keyed by host, so each endpoint of a registry has its own entry. The values are added where they are
 * stored, in the cluster or in the job. The values are never in this object.
 *
 * @example
 *
 * DockerConfigJson.of([registry]).hosts;
 */
export class DockerConfigJson {
  /** Creates a configuration for all endpoints of the given registries. */
  static of(registries: Registry[]): DockerConfigJson {
    return new DockerConfigJson([
      ...new Set(
        registries.flatMap((registry) => registry.endpoints).map((endpoint) => dockerConfigKey(endpoint.host)),
      ),
    ]);
  }

  /** Creates a configuration for specific hosts, for example the push endpoint only. */
  static ofHosts(hosts: string[]): DockerConfigJson {
    return new DockerConfigJson([...new Set(hosts.map(dockerConfigKey))]);
  }

  private constructor(private readonly keys: readonly string[]) {}

  /** Keys of `auths`, without duplicates. */
  get hosts(): string[] {
    return [...this.keys];
  }

  /**
   * A bash script that writes the file to `$DOCKER_CONFIG/config.json`, readable by its owner only. The script reads
   * the environment variables `REGISTRY_HOSTS` (one or more hosts, separated by spaces), `REGISTRY_USER` and
   * `REGISTRY_TOKEN`. The script needs `base64` and `tr`.
   */
  static get script(): string {
    return scriptText(__dirname, 'docker-config.sh');
  }
}

/**
 * Returns the name of the Secret that nodes pull with, in a namespace: by default, the construct's. Returns undefined if the registry
 * is public.
 *
 * @jsii ignore
 */
export function pullSecret(
  construct: IConstruct,
  registry: Registry,
  namespace = Chart.of(construct).namespace,
): string | undefined {
  const secret = registry.credentials?.provide(construct, {
    purpose: `nodes pull images from ${registry.pull.host}`,
    type: 'kubernetes.io/dockerconfigjson',
    keys: ['.dockerconfigjson'],
    tokenScope: registry._tokenScope(TokenAccess.READ),
    ...(registry.forge ? { forgeUrl: registry.forge.url } : {}),
    registryHosts: [dockerConfigKey(registry.pull.host)],
    ...(namespace === undefined ? {} : { namespace }),
  });
  advise(construct, () => pullAdvice(construct, registry, { namespace, secret }));
  return secret;
}
