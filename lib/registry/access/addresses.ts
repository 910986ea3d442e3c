import { Forge } from '../../forge';
import { Endpoint } from '../endpoint';

/**
 * The addresses of a registry, as far as clients need them. `Registry` has them all.
 *
 * @jsii ignore
 */
export interface RegistryAddresses {
  readonly push: Endpoint;
  readonly pull: Endpoint;
  readonly scan: Endpoint;
  /** All endpoints, without duplicates. */
  readonly endpoints: Endpoint[];
  readonly forge?: Forge;
  /**
   * The endpoint to which the registry sends a client of an endpoint for a token.
   *
   * @internal
   */
  _tokenRealm(endpoint: Endpoint): Endpoint;
  /** @internal */
  readonly _tokenEndpoints: Endpoint[];
}
