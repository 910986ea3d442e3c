/** A set of options that configures the Ingress of a Gitea server. The annotations are those of ingress-nginx. */
export interface GiteaIngress {
  /** Host name, for example `git.example.com`. */
  readonly host: string;

  /**
   * Class of the Ingress.
   *
   * @default 'nginx'
   */
  readonly className?: string;

  /**
   * Name of a cert-manager ClusterIssuer that issues the certificate.
   *
   * @default - none; the Secret `tlsSecret` must be there
   */
  readonly clusterIssuer?: string;

  /**
   * Name of the Secret with the certificate.
   *
   * @default - `<host>-tls`, with dashes for dots
   */
  readonly tlsSecret?: string;

  /**
   * Maximum number of requests per second from a client. The burst is five times this number.
   *
   * @default - as many as it likes
   */
  readonly requestsPerSecond?: number;

  /**
   * Additional annotations. These annotations override the library's annotations.
   *
   * @default - none
   */
  readonly annotations?: Record<string, string>;
}

/**
 * Returns the external URL of the server.
 *
 * @jsii ignore
 */
export function ingressUrl(ingress: GiteaIngress): string {
  return `https://${ingress.host}`;
}

/**
 * Returns the chart's `ingress` values.
 *
 * @jsii ignore
 */
export function ingressValues(ingress: GiteaIngress): Record<string, unknown> {
  const secretName = ingress.tlsSecret ?? `${ingress.host.replace(/\./g, '-')}-tls`;
  return {
    enabled: true,
    className: ingress.className ?? 'nginx',
    annotations: {
      // Layers are larger than the proxy's default of 1 MiB.
      'nginx.ingress.kubernetes.io/proxy-body-size': '0',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '600',
      ...(ingress.requestsPerSecond === undefined
        ? {}
        : { 'nginx.ingress.kubernetes.io/limit-rps': String(ingress.requestsPerSecond) }),
      ...(ingress.clusterIssuer === undefined ? {} : { 'cert-manager.io/cluster-issuer': ingress.clusterIssuer }),
      ...ingress.annotations,
    },
    hosts: [{ host: ingress.host, paths: [{ path: '/' }] }],
    tls: [{ secretName, hosts: [ingress.host] }],
  };
}
