import { ApiObject, Size } from 'cdk8s';
import { IConstruct } from 'constructs';
import { clusterDomainOf } from '../kube';
import { Trust } from '../trust';
import { ForgeError, frozenList, quoted } from '../support';
import { imagePath } from './name/image-name';
import { registryHost } from './name/registry-host';
import { canonicalHost } from './access/docker-hub';
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
   * that responds. Mirrors are not part of image names. A mirror has no mirrors of its own.
   *
   * @default - none
   */
  readonly mirrors?: Endpoint[];

  /**
   * Path of a mirror, before the names of images: for example the proxy project `dockerhub` of Harbor. Only an endpoint
   * in `mirrors` has a path; the path of a registry's own images is its `owner`.
   *
   * @default - none: the mirror has the same names as the registry
   */
  readonly path?: string;
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

/** A set of options that configures the endpoint at a Service. */
export interface ServiceEndpointProps extends EndpointProps {
  /** Port of the Service. */
  readonly port: number;
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
   * @throws FORGE-REG-001 if it is not one, FORGE-REG-023 if a mirror has mirrors
   */
  static http(host: string, props: EndpointProps = {}): Endpoint {
    return new Endpoint(canonicalHost(registryHost(host)), Trust.plainHttp(), props);
  }

  /**
   * Creates an endpoint with HTTPS. Clients treat its certificate as publicly trusted, unless `trust` names a private
   * CA.
   *
   * @param host `host` or `host:port`
   * @throws FORGE-REG-001 if it is not one, FORGE-REG-003 if the trust is `Trust.plainHttp()`, FORGE-REG-023 if a mirror has
   * mirrors
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
    return new Endpoint(canonicalHost(registryHost(host)), trust, props);
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
   * Creates an endpoint with plain HTTP at a Service of this cdk8s app: a `Service` of cdk8s-plus, an `ApiObject`, or a
   * construct whose default child is one. The address contains the cluster domain of the Service's cluster.
   *
   * @param service the Service
   * @throws FORGE-REG-018 if the construct is no Service, or has no namespace
   */
  static ofService(service: IConstruct, props: ServiceEndpointProps): Endpoint {
    const object = serviceIn(service);
    const namespace = object?.metadata.namespace ?? object?.chart.namespace;
    if (object === undefined || namespace === undefined) {
      throw ForgeError.at(service, {
        code: 'FORGE-REG-018',
        message:
          object === undefined ? 'the construct is no Service' : `Service ${quoted(object.name)} has no namespace`,
        allowed: 'a Service of cdk8s-plus, or an ApiObject of kind Service, in a chart with a namespace',
        fix: 'pass the Service, and set the namespace of its chart; or use Endpoint.http with the full name',
      });
    }
    needsPort(object, props.port);
    return Endpoint.http(`${object.name}.${namespace}.svc.${clusterDomainOf(service)}:${props.port}`, props);
  }

  /**
   * Creates the endpoint for a URL.
   *
   * @param url `http://…` or `https://…`; its path is left out
   * @param trust why clients trust it; by the scheme if left out
   */
  static ofUrl(url: string, trust?: Trust): Endpoint {
    return endpointOf(url, { trust });
  }

  /** Maximum size of a request body; undefined if there is no limit. */
  readonly uploadLimit?: Size;

  /** Zones from which clients can reach the endpoint. */
  readonly zones: Zone[];

  /** Mirrors that clients pull from instead of this endpoint. */
  readonly mirrors: Endpoint[];

  /** Path of a mirror, before the names of images; undefined if there is none. */
  readonly path?: string;

  private constructor(
    /** `host` or `host:port`, as in an image reference. */
    readonly host: string,
    /** Trust settings for the endpoint. */
    readonly trust: Trust,
    props: EndpointProps,
  ) {
    this.uploadLimit = props.uploadLimit;
    this.zones = frozenList(props.zones ?? zonesOf(host));
    this.mirrors = frozenList(props.mirrors ?? []);
    assertNoMirrors(this.mirrors);
    this.path = props.path === undefined ? undefined : imagePath(props.path, 'path of a mirror');
  }

  /** URL scheme: `http` or `https`. */
  get scheme(): string {
    return this.trust.isPlainHttp ? 'http' : 'https';
  }

  /**
   * URL under which clients find the images of a mirror with a path.
   *
   * @internal
   */
  get _mirrorUrl(): string {
    return this.path === undefined ? this.url : `${this.url}/v2/${this.path}`;
  }

  /** URL of the endpoint: `scheme://host`. */
  get url(): string {
    return `${this.scheme}://${this.host}`;
  }

  /**
   * Returns whether another endpoint says the same: host, trust, zones, limit, mirrors and path.
   *
   * @param other an endpoint, which may have been created separately
   */
  isSameAs(other: Endpoint): boolean {
    const said = ({ host, uploadLimit, zones, path }: Endpoint) =>
      JSON.stringify([host, uploadLimit?.toKibibytes(), [...zones].sort(), path]);
    return (
      said(this) === said(other) &&
      this.trust.isSameAs(other.trust) &&
      this.mirrors.length === other.mirrors.length &&
      this.mirrors.every((mirror, i) => mirror.isSameAs(other.mirrors[i]))
    );
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

/**
 * Returns the endpoint for a URL, with settings that the URL does not contain.
 *
 * @jsii ignore
 */
export function endpointOf(url: string, props: HttpsEndpointProps = {}): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed?.host) {
    throw ForgeError.of({
      code: 'FORGE-REG-001',
      message: `${quoted(url)} is not the URL of a registry`,
      allowed: 'https://host[:port] or http://host[:port]',
      fix: "set a URL with its scheme, for example 'https://git.example.com'",
    });
  }
  const { protocol, host } = parsed;
  return protocol === 'http:' ? Endpoint.http(host, props) : Endpoint.https(host, props);
}

/** Returns the ApiObject of a Service. */
function serviceIn(construct: IConstruct): ApiObject | undefined {
  const child = ApiObject.isApiObject(construct) ? construct : construct.node.defaultChild;
  return child !== undefined && ApiObject.isApiObject(child) && (child as ApiObject).kind === 'Service'
    ? (child as ApiObject)
    : undefined;
}

/** Rejects, at synth, a Service that does not have the port. Ports may be added until then. */
function needsPort(service: ApiObject, port: number): void {
  service.node.addValidation({
    validate: () => {
      const { spec } = service.toJson() as { spec?: { ports?: readonly { readonly port?: unknown }[] } };
      const ports = (spec?.ports ?? []).map((one) => String(one.port));
      return ports.length === 0 || ports.includes(String(port))
        ? []
        : [
            `FORGE-REG-018: an endpoint is port ${port} of Service ${quoted(service.name)}, which has port ${ports.join(', ')}` +
              `; fix: set \`port\` of Endpoint.ofService to a port of the Service, or add the port to the Service`,
          ];
    },
  });
}

/**
 * Rejects mirrors that have mirrors.
 *
 * @throws FORGE-REG-023
 * @jsii ignore
 */
export function assertNoMirrors(mirrors: readonly Endpoint[]): void {
  const mirror = mirrors.find((one) => one.mirrors.length > 0);
  if (mirror !== undefined) {
    throw ForgeError.of({
      code: 'FORGE-REG-023',
      message: `mirror ${quoted(mirror.host)} has mirrors of its own: ${mirror.mirrors.map(({ host }) => quoted(host)).join(', ')}`,
      allowed: 'mirrors without mirrors: a client pulls from a mirror itself',
      fix: 'list all mirrors in `mirrors` of the endpoint that they replace, in the order in which clients try them',
      symptom: 'no error: clients do not use the mirrors of a mirror',
    });
  }
}
