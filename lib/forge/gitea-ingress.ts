/**
 * The Ingress of a Gitea server. Its annotations are those of ingress-nginx.
 */
export interface GiteaIngress {
  /** The host name, e.g. `git.example.com`. */
  readonly host: string;

  /**
   * The class of the Ingress.
   *
   * @default 'nginx'
   */
  readonly className?: string;

  /**
   * A cert-manager ClusterIssuer that makes the certificate.
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
   * How many requests a client may make a second; the burst is five times as many.
   *
   * @default - as many as it likes
   */
  readonly requestsPerSecond?: number;

  /**
   * Annotations besides; they go before the library's own.
   *
   * @default - none
   */
  readonly annotations?: Record<string, string>;
}

/**
 * The address that the server has from outside.
 *
 * @jsii ignore
 */
export function ingressUrl(ingress: GiteaIngress): string {
  return `https://${ingress.host}`;
}

/**
 * The chart's `ingress` values.
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
