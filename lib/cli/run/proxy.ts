import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';

/** Returns the proxy for a URL, as curl and git choose it; undefined without a proxy. */
export function proxyFor(target: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name];
  const scheme = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  // HTTP_PROXY in upper case can come from a request in CGI: curl reads the lower case only, git reads curl.
  const found = (scheme === 'HTTP_PROXY' ? environment.http_proxy : read(scheme)) || read('ALL_PROXY');
  if (!found || isExcluded(target, read('NO_PROXY') ?? '')) {
    return undefined;
  }
  const proxy = new URL(found.includes('://') ? found : `http://${found}`);
  return /^https?:$/.test(proxy.protocol) ? proxy : undefined;
}

function isExcluded({ hostname, port, protocol }: URL, list: string): boolean {
  const own = port || (protocol === 'https:' ? '443' : '80');
  return list
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, host, wanted] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase())!;
      const name = host.replace(/^\*?\./, '');
      return (
        host === '*' ||
        ((wanted ?? own) === own && (hostname === name || (name !== '' && hostname.endsWith(`.${name}`))))
      );
    });
}

/** Returns the options with which a request goes through a proxy. */
export async function throughProxy(
  proxy: URL,
  target: URL,
  { timeout, ca }: { timeout: number; ca?: string[] },
): Promise<https.RequestOptions & { headers?: Record<string, string> }> {
  const { username, password } = proxy;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const authorization: Record<string, string> = username === '' ? {} : { 'proxy-authorization': `Basic ${login}` };
  const via = { protocol: proxy.protocol, hostname: proxy.hostname, port: proxy.port };
  if (target.protocol === 'http:') {
    return { ...via, path: target.href, headers: { host: target.host, ...authorization } };
  }
  const host = `${target.hostname}:${target.port || 443}`;
  const socket = await connected(
    (proxy.protocol === 'https:' ? https : http).request({
      ...via,
      ca,
      agent: false,
      method: 'CONNECT',
      path: host,
      headers: { host, ...authorization },
      timeout: timeout * 1000,
    }),
  );
  const servername = /^[\d.]+$|:/.test(target.hostname) ? undefined : target.hostname;
  return { createConnection: () => tls.connect({ socket, servername, ca }) };
}

function connected(request: http.ClientRequest): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    request.on('connect', ({ statusCode }, socket) =>
      statusCode === 200 ? resolve(socket) : reject(new Error(`the proxy answers ${statusCode}`)),
    );
    request.on('timeout', () => request.destroy(new Error('the proxy does not answer')));
    request.on('error', reject);
    request.end();
  });
}
