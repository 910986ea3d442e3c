import { Repository } from '../../forge';

/**
 * Returns the URL of the API for a repository, as jobs reach it.
 *
 * @jsii ignore
 */
export function apiOf({ forge, fullName }: Repository): string {
  return forge.product.apiUrl(forge.internalUrl, `repos/${fullName}`);
}
