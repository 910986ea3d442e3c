import { Size } from 'cdk8s';
import { Trust } from '../trust';
import { ForgeError, quoted } from '../support';
import { registryHost } from './name/registry-host';
import { Zone, zonesOf } from './access/zone';

/** A set of options that configures an endpoint. */
export interface EndpointProps {
  /**
   * Maximum size of a request body, as imposed by a proxy or tunnel in front of the registry. A layer larger than this
   * limit cannot be pushed.
   *
   * @default - no limit
   */
  readonly uploadLimit?: Size;

  /**
   * Zones from which clients can reach the endpoint.
   *
   * @default - judged by the host: Service names from jobs and pods, `localhost` from the machine itself, all else from anywhere
   */
  readonly zones?: Zone[];

  /**
   * Mirrors that clients configured by this library pull from instead of this endpoint. A client uses the first mirror
   * that responds. Mirrors are not part of image names.
   *
   * @default - none
   */
  readonly mirrors?: Endpoint[];
}

/** A set of options that configures an endpoint with TLS. */
export interface HttpsEndpointProps extends EndpointProps {
  /**
   * Trust settings for the endpoint's certificate.
   *
   * @default Trust.publicCa()
   */
  readonly trust?: Trust;
}

/**
 * An address of a registry that includes the settings a client needs to connect.
 *
 * @example
 *
 * Endpoint.http('gitea-http.gitea.svc.cluster.local:3000');
 * Endpoint.https('git.example.com', { uploadLimit: Size.mebibytes(100) });
 */
export class Endpoint {
  /**
   * Creates an endpoint with plain HTTP. Every client must be configured for plain HTTP; the library configures them.
   *
   * @param host `host` or `host:port`
   * @throws FORGE-REG-001 if it is not one
   */
  static http(host: string, props: EndpointProps = {}): Endpoint {
    return new Endpoint(registryHost(host), Trust.plainHttp(), props);
  }

  /**
   * Creates an endpoint with HTTPS. Clients treat its certificate as publicly trusted, unless `trust` names a private
   * CA.
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
   * Creates an endpoint with plain HTTP at a Service of the cluster, addressed by the Service's DNS name.
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
   * Creates the endpoint for a URL.
   *
   * @param url `http://…` or `https://…`; its path is left out
   * @param trust why clients trust it; by the scheme if left out
   */
  static ofUrl(url: string, trust?: Trust): Endpoint {
    const parsed = new URL(url);
    return parsed.protocol === 'http:' ? Endpoint.http(parsed.host) : Endpoint.https(parsed.host, { trust });
  }

  /** Maximum size of a request body; undefined if there is no limit. */
  readonly uploadLimit?: Size;

  /** Zones from which clients can reach the endpoint. */
  readonly zones: Zone[];

  /** Mirrors that clients pull from instead of this endpoint. */
  readonly mirrors: Endpoint[];

  private constructor(
    /** `host` or `host:port`, as in an image reference. */
    readonly host: string,
    /** Trust settings for the endpoint. */
    readonly trust: Trust,
    props: EndpointProps,
  ) {
    this.uploadLimit = props.uploadLimit;
    this.zones = [...(props.zones ?? zonesOf(host))];
    this.mirrors = [...(props.mirrors ?? [])];
  }

  /** URL scheme: `http` or `https`. */
  get scheme(): string {
    return this.trust.isPlainHttp ? 'http' : 'https';
  }

  /** URL of the endpoint: `scheme://host`. */
  get url(): string {
    return `${this.scheme}://${this.host}`;
  }

  /** Reports whether clients connect to the endpoint with plain HTTP. */
  get isPlainHttp(): boolean {
    return this.trust.isPlainHttp;
  }

  /**
   * Returns whether a client in the given zone can reach the endpoint.
   *
   * @param zone where the client is
   */
  isReachableFrom(zone: Zone): boolean {
    return this.zones.includes(zone);
  }
}
