import { ForgeError, quoted } from '../../support';
import { BlueprintVariable } from '../blueprint';

/** A proxy for traffic that leaves the cluster. */
export interface RunnerProxy {
  /**
   * The URL of the proxy, for requests to both `http://` and `https://`: `http://proxy.example.com:3128`, without
   * credentials.
   */
  readonly url: string;

  /**
   * Hosts that are reached without the proxy, for example `.example.com`. The builder, everything in the cluster, and a
   * self-hosted forge (Gitea, Forgejo) are always reached without the proxy.
   *
   * @default - none
   */
  readonly except?: string[];
}

/**
 * Returns the environment variables of the proxy. The runner passes them on to jobs. No runner version adds the forge
 * itself to the exceptions.
 *
 * @throws FORGE-RUN-022 for a proxy that is not a URL
 */
export function proxyEnv(proxy: RunnerProxy | undefined, direct: readonly string[]): BlueprintVariable[] {
  if (proxy === undefined) {
    return [];
  }
  check(proxy);
  const except = [
    ...new Set(['localhost', '127.0.0.1', '.svc', '.svc.cluster.local', ...direct, ...(proxy.except ?? [])]),
  ].join(',');
  const values = { http_proxy: proxy.url, https_proxy: proxy.url, no_proxy: except };
  // curl reads only the small http_proxy, some tools only the large ones.
  return Object.entries(values).flatMap(([name, value]) => [
    { name, value },
    { name: name.toUpperCase(), value },
  ]);
}

function check({ url, except = [] }: RunnerProxy): void {
  const [, port] = /^https?:\/\/[A-Za-z0-9.-]+(?::([0-9]+))?\/?$/.exec(url) ?? [undefined, 'none'];
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65535)) {
    throw bad(
      url.includes('@') ? 'the proxy holds credentials (not shown)' : `${quoted(url)} is not the URL of a proxy`,
      'http:// or https://, host and port from 1 to 65535; no credentials, no path',
    );
  }
  const wrong = except.find((host) => !/^[A-Za-z0-9.*:/_-]+$/.test(host));
  if (wrong !== undefined) {
    throw bad(
      `${quoted(wrong)} is not a host that a proxy can leave alone`,
      'a host, a domain with a dot in front, an address or a network',
    );
  }
}

function bad(message: string, allowed: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-RUN-022',
    message,
    allowed,
    fix: "write e.g. { url: 'http://proxy.example.com:3128', except: ['.example.com'] }",
  });
}
