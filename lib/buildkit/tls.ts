import { SecretSource } from '../secret';

/**
 * Names of the three parts of TLS material in a Secret.
 */
export interface TlsKeyNames {
  /**
   * The certificate of the authority that signed the other side.
   *
   * @default 'ca.crt'
   */
  readonly ca?: string;

  /**
   * The certificate.
   *
   * @default 'tls.crt'
   */
  readonly certificate?: string;

  /**
   * Its private key.
   *
   * @default 'tls.key'
   */
  readonly key?: string;
}

/**
 * TLS material that somebody else provides.
 */
export interface ExistingTlsProps {
  /** The Secret of the daemon: its certificate must bear the names in `Buildkitd.serverNames`. */
  readonly server: SecretSource;

  /** The Secret of clients; needed in the namespace of each. */
  readonly client: SecretSource;

  /**
   * How the parts are named in both Secrets.
   *
   * @default - as cert-manager names them
   */
  readonly keys?: TlsKeyNames;
}

/**
 * An issuer of cert-manager.
 *
 * @example
 *
 * CertificateIssuer.clusterIssuer('internal-ca');
 */
export class CertificateIssuer {
  /** An Issuer in the daemon's namespace: clients must be there too. */
  static issuer(name: string): CertificateIssuer {
    return new CertificateIssuer('Issuer', name);
  }

  /** A ClusterIssuer: clients may be in any namespace. */
  static clusterIssuer(name: string): CertificateIssuer {
    return new CertificateIssuer('ClusterIssuer', name);
  }

  private constructor(
    /** `Issuer` or `ClusterIssuer`. */
    readonly kind: string,
    /** Its name. */
    readonly name: string,
  ) {}
}

/**
 * How a BuildKit daemon knows its clients, and they it.
 *
 * RUN steps share the network of the daemon's pod: without TLS, a Dockerfile can talk to the daemon at `127.0.0.1:1234` and do
 * what any client may. With TLS it would need a client certificate, which no build is given.
 *
 * @example
 *
 * BuildkitTls.certManager();
 */
export class BuildkitTls {
  /**
   * Certificates by cert-manager: one for the daemon, one for each client. The cluster must have cert-manager.
   *
   * @param issuer what signs them; must be an authority of your own, because whoever it signs for may build. A self-signed root and a
   *   CA issuer are made if left out.
   */
  static certManager(issuer?: CertificateIssuer): BuildkitTls {
    return new BuildkitTls('certManager', issuer);
  }

  /** Certificates from Secrets that somebody else provides. */
  static existing(props: ExistingTlsProps): BuildkitTls {
    return new BuildkitTls('existing', undefined, props);
  }

  /**
   * No TLS, and a NetworkPolicy that admits the declared clients alone.
   *
   * It keeps other pods out, if the cluster's network enforces policies. It does not keep out the RUN steps of builds, which share the
   * pod: whoever may write a Dockerfile may read what other builds leave in the cache. Traffic is not encrypted.
   */
  static none(): BuildkitTls {
    return new BuildkitTls('none');
  }

  private constructor(
    /** `certManager`, `existing` or `none`. */
    readonly kind: string,
    /** What signs the certificates; undefined if an authority is made, or none is needed. */
    readonly issuer?: CertificateIssuer,
    /** The Secrets that exist; undefined unless they do. */
    readonly provided?: ExistingTlsProps,
  ) {}

  /** Whether there is TLS. */
  get isEnabled(): boolean {
    return this.kind !== 'none';
  }
}
