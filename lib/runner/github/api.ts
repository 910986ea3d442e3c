import { Forge } from '../../forge';

/** The group that GitHub gives every organization and repository. */
export const DEFAULT_GROUP = 1;

/**
 * Where GitHub's API is: beside the website on github.com and ghe.com, below it on an Enterprise Server.
 *
 * @see https://docs.github.com/en/enterprise-server@3.14/rest/overview/resources-in-the-rest-api
 */
export function gitHubApiUrl({ url }: Forge): string {
  const { protocol, host, hostname } = new URL(url);
  const isCloud = hostname === 'github.com' || hostname.endsWith('.ghe.com');
  return isCloud ? `${protocol}//api.${host}` : `${url}/api/v3`;
}
