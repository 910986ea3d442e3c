import { Size } from 'cdk8s';
import { ForgeError, quoted } from '../support';

/**
 * Settings of one endpoint.
 */
export interface EndpointProps {
  /**
   * The largest request body that gets through, as imposed by a proxy or tunnel in front; a layer larger than this cannot be pushed.
   *
   * @default - no limit
   */
  readonly uploadLimit?: Size;
}

/**
 * One address of a registry, and what a client must know to talk to it.
 *
 * @example
 *
 * Endpoint.http('gitea-http.gitea.svc.cluster.local:3000');
 * Endpoint.https('git.example.com', { uploadLimit: Size.mebibytes(100) });
 */
export class Endpoint {
  /**
   * Plain HTTP. Every client has to be told so, which the library does.
   *
   * @param host `host` or `host:port`
   * @throws FORGE-REG-001 if it is not one
   */
  static http(host: string, props: EndpointProps = {}): Endpoint {
    return new Endpoint('http', checkedHost(host), props);
  }

  /**
   * HTTPS with a certificate that every client trusts.
   *
   * @param host `host` or `host:port`
   * @throws FORGE-REG-001 if it is not one
   */
  static https(host: string, props: EndpointProps = {}): Endpoint {
    return new Endpoint('https', checkedHost(host), props);
  }

  /** The endpoint behind a URL. */
  static ofUrl(url: string): Endpoint {
    const parsed = new URL(url);
    return parsed.protocol === 'http:' ? Endpoint.http(parsed.host) : Endpoint.https(parsed.host);
  }

  /** The largest request body that gets through; undefined if there is no limit. */
  readonly uploadLimit?: Size;

  private constructor(
    /** `http` or `https`. */
    readonly scheme: string,
    /** `host` or `host:port`, as it stands in an image reference. */
    readonly host: string,
    props: EndpointProps,
  ) {
    this.uploadLimit = props.uploadLimit;
  }

  /** Whether clients talk plain HTTP to it. */
  get isPlainHttp(): boolean {
    return this.scheme === 'http';
  }
}

function checkedHost(host: string): string {
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$/.test(host) || host.includes('..') || (!host.includes('.') && !host.includes(':'))) {
    throw ForgeError.of({
      code: 'FORGE-REG-001',
      message: `${quoted(host)} is not the host of a registry`,
      allowed: 'host or host:port in lower case, with a dot or a port; no scheme, no path',
      fix: "write the part between '://' and the next '/', e.g. 'git.example.com' or 'gitea-http.gitea.svc.cluster.local:3000'",
    });
  }
  return host;
}
