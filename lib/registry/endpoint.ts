import { Size } from 'cdk8s';
import { Trust } from '../trust';
import { ForgeError, quoted } from '../support';
import { registryHost } from './registry-host';
import { Zone, zonesOf } from './zone';

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

  /**
   * From where it can be reached.
   *
   * @default - judged by the host: Service names from jobs and pods, `localhost` from the machine itself, all else from anywhere
   */
  readonly zones?: Zone[];

  /**
   * Where clients that the library configures go instead, for what is pulled from this endpoint: the first that answers. They are not
   * part of image names.
   *
   * @default - none
   */
  readonly mirrors?: Endpoint[];
}

/**
 * Settings of one endpoint with TLS.
 */
export interface HttpsEndpointProps extends EndpointProps {
  /**
   * Why clients trust its certificate.
   *
   * @default Trust.publicCa()
   */
  readonly trust?: Trust;
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
    return new Endpoint(registryHost(host), Trust.plainHttp(), props);
  }

  /**
   * HTTPS. Clients trust its certificate as they trust public ones, unless `trust` says whose it is.
   *
   * @param host `host` or `host:port`
   * @throws FORGE-REG-001 if it is not one, FORGE-REG-003 if the trust is `Trust.plainHttp()`
   */
  static https(host: string, props: HttpsEndpointProps = {}): Endpoint {
    const trust = props.trust ?? Trust.publicCa();
    if (trust.isPlainHttp) {
      throw ForgeError.of({
        code: 'FORGE-REG-003',
        message: `endpoint ${quoted(host)} is https, and its trust is plain HTTP`,
        allowed: 'Trust.publicCa() or Trust.privateCa(…)',
        fix: 'write Endpoint.http(…), or say whose certificate it is',
        symptom: 'http: server gave HTTP response to HTTPS client',
      });
    }
    return new Endpoint(registryHost(host), trust, props);
  }

  /**
   * Plain HTTP at a Service of the cluster, by the name that its DNS gives it.
   *
   * @param name name of the Service, e.g. `gitea-http`
   * @param namespace its namespace
   * @param port its port
   * @throws FORGE-REG-001 if these make no host
   */
  static service(name: string, namespace: string, port: number): Endpoint {
    return Endpoint.http(`${name}.${namespace}.svc.cluster.local:${port}`);
  }

  /**
   * The endpoint behind a URL.
   *
   * @param url `http://…` or `https://…`; its path is left out
   * @param trust why clients trust it; by the scheme if left out
   */
  static ofUrl(url: string, trust?: Trust): Endpoint {
    const parsed = new URL(url);
    return parsed.protocol === 'http:' ? Endpoint.http(parsed.host) : Endpoint.https(parsed.host, { trust });
  }

  /** The largest request body that gets through; undefined if there is no limit. */
  readonly uploadLimit?: Size;

  /** From where it can be reached. */
  readonly zones: Zone[];

  /** Where clients go instead, for what is pulled from it. */
  readonly mirrors: Endpoint[];

  private constructor(
    /** `host` or `host:port`, as it stands in an image reference. */
    readonly host: string,
    /** Why clients trust it. */
    readonly trust: Trust,
    props: EndpointProps,
  ) {
    this.uploadLimit = props.uploadLimit;
    this.zones = [...(props.zones ?? zonesOf(host))];
    this.mirrors = [...(props.mirrors ?? [])];
  }

  /** `http` or `https`. */
  get scheme(): string {
    return this.trust.isPlainHttp ? 'http' : 'https';
  }

  /** `scheme://host`. */
  get url(): string {
    return `${this.scheme}://${this.host}`;
  }

  /** Whether clients talk plain HTTP to it. */
  get isPlainHttp(): boolean {
    return this.trust.isPlainHttp;
  }

  /**
   * Whether a client there can reach it.
   *
   * @param zone where the client is
   */
  isReachableFrom(zone: Zone): boolean {
    return this.zones.includes(zone);
  }
}
