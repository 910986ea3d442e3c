import { Forge } from '../../forge';

/** The ID of the default runner group, which GitHub creates for every organization and repository. */
export const DEFAULT_GROUP = 1;

/**
 * Returns the URL of GitHub's API. On github.com and ghe.com, the API has a separate host. On an Enterprise Server, the
 * API is below the server's URL.
 *
 * @see https://docs.github.com/en/enterprise-server@3.14/rest/overview/resources-in-the-rest-api
 */
export function gitHubApiUrl({ url }: Forge): string {
  const { protocol, host, hostname } = new URL(url);
  const isCloud = hostname === 'github.com' || hostname.endsWith('.ghe.com');
  return isCloud ? `${protocol}//api.${host}` : `${url}/api/v3`;
}
