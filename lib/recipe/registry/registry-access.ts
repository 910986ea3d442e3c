import { DockerConfigJson, Registry } from '../../registry';
import { ForgeError } from '../../support';
import { Expression } from '../../workflow';
import { isCredential } from '../credential';

/** A login to a registry, for steps that read or write images there. */
export interface RegistryLoginOptions {
  /**
   * User of the registry.
   *
   * @default Expression.secret('REGISTRY_USER')
   */
  readonly username?: string;

  /**
   * Token or password of the user: `Expression.secret('…')`, or `Expression.JOB_TOKEN` where the registry accepts it.
   *
   * @default Expression.secret('REGISTRY_TOKEN')
   */
  readonly token?: string;

  /**
   * Whether to read the registry without a login.
   *
   * @default false
   */
  readonly anonymous?: boolean;
}

/**
 * Returns the environment with which a step reaches the push endpoint of a registry.
 *
 * @throws FORGE-RECIPE-013 for a token in plain text
 *
 * @jsii ignore
 */
export function registryAccess(registry: Registry, login: RegistryLoginOptions = {}): Record<string, string> {
  const { username = Expression.secret('REGISTRY_USER'), anonymous = false } = login;
  const { push } = registry;
  const token = assertLogin(login.token ?? Expression.secret('REGISTRY_TOKEN'));
  return {
    PLAIN_HTTP: push.trust.isPlainHttp ? 'yes' : 'no',
    CA_PEM: push.trust.caBundle?.pem ?? '',
    ...(anonymous
      ? {}
      : {
          REGISTRY_HOSTS: DockerConfigJson.ofHosts([push.host]).hosts.join(' '),
          REGISTRY_USER: username,
          REGISTRY_TOKEN: token,
        }),
  };
}

/**
 * Returns a token that is a secret of the forge.
 *
 * @throws FORGE-RECIPE-013
 *
 * @jsii ignore
 */
export function assertLogin(token: string): string {
  if (!isCredential(token)) {
    throw ForgeError.of({
      code: 'FORGE-RECIPE-013',
      message: 'a credential for a registry or a signature is in the cdk8s app, in plain text',
      fix: "store it in a secret of the forge, and pass Expression.secret('…')",
    });
  }
  return token;
}
