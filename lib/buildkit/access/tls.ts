import { SecretSource } from '../../secret';
import { DNS_SUBDOMAIN, ForgeError, quoted } from '../../support';

/** A set of key names for the three parts of TLS material in a Secret. */
export interface TlsKeyNames {
  /**
   * Key of the CA certificate that verifies the other side.
   *
   * @default 'ca.crt'
   */
  readonly ca?: string;

  /**
   * Key of the certificate.
   *
   * @default 'tls.crt'
   */
  readonly certificate?: string;

  /**
   * Key of the certificate's private key.
   *
   * @default 'tls.key'
   */
  readonly key?: string;
}

/** A set of options that refers to TLS material that already exists. */
export interface ExistingTlsProps {
  /** Secret of buildkitd. Its certificate must contain the names in `Buildkitd.serverNames`. */
  readonly server: SecretSource;

  /** Secret of clients. The Secret must exist in the namespace of each client. */
  readonly client: SecretSource;

  /**
   * Key names of the TLS parts in both Secrets.
   *
   * @default - as cert-manager names them
   */
  readonly keys?: TlsKeyNames;
}

/**
 * A cert-manager issuer that signs certificates.
 *
 * @example
 *
 * CertificateIssuer.clusterIssuer('internal-ca');
 */
export class CertificateIssuer {
  /**
   * Refers to an Issuer in buildkitd's namespace. Clients must be in the same namespace.
   *
   * @throws FORGE-BK-011 if the name is not one that Kubernetes allows
   */
  static issuer(name: string): CertificateIssuer {
    return new CertificateIssuer('Issuer', checkedIssuer(name));
  }

  /**
   * Refers to a ClusterIssuer. Clients may be in any namespace.
   *
   * @throws FORGE-BK-011 if the name is not one that Kubernetes allows
   */
  static clusterIssuer(name: string): CertificateIssuer {
    return new CertificateIssuer('ClusterIssuer', checkedIssuer(name));
  }

  private constructor(
    /** Kind of the issuer: `Issuer` or `ClusterIssuer`. */
    readonly kind: string,
    /** Name of the issuer. */
    readonly name: string,
  ) {}
}

/**
 * A TLS setting that defines how buildkitd and its clients authenticate each other.
 *
 * RUN steps share the network of buildkitd's pod. Without TLS, a Dockerfile can connect to buildkitd at
 * `127.0.0.1:1234` and do everything that a client may do. With TLS, the Dockerfile would need a client certificate,
 * which no build has.
 *
 * @example
 *
 * BuildkitTls.certManager();
 */
export class BuildkitTls {
  /**
   * Creates certificates with cert-manager: one for buildkitd, and one for each client. The cluster must have
   * cert-manager.
   *
   * @param issuer what signs them; must be an authority of your own, because whoever it signs for may build. A self-signed root and a
   *   CA issuer are made if left out.
   */
  static certManager(issuer?: CertificateIssuer): BuildkitTls {
    return new BuildkitTls('certManager', issuer);
  }

  /** Creates a setting with certificates from Secrets that already exist. */
  static existing(props: ExistingTlsProps): BuildkitTls {
    return new BuildkitTls('existing', undefined, props);
  }

  /**
   * Creates a setting without TLS, with a NetworkPolicy that admits the declared clients only.
   *
   * The NetworkPolicy blocks other pods, if the cluster's network enforces policies. The NetworkPolicy does not block
   * the RUN steps of builds, which share the pod. Anyone who may write a Dockerfile may read the data that other builds
   * leave in the cache. Traffic is not encrypted.
   */
  static none(): BuildkitTls {
    return new BuildkitTls('none');
  }

  private constructor(
    /** Kind of the setting: `certManager`, `existing` or `none`. */
    readonly kind: string,
    /** Issuer of the certificates; undefined if a CA is created, or if no issuer is needed. */
    readonly issuer?: CertificateIssuer,
    /** Existing Secrets; undefined for other kinds. */
    readonly provided?: ExistingTlsProps,
  ) {}

  /** Reports whether TLS is enabled. */
  get isEnabled(): boolean {
    return this.kind !== 'none';
  }
}

function checkedIssuer(name: string): string {
  if (typeof name === 'string' && DNS_SUBDOMAIN.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-BK-011',
    message: `the name of a certificate issuer is ${quoted(name)}`,
    allowed: 'lower case letters, digits, dashes and dots',
    fix: "set the metadata.name of the issuer, e.g. 'internal-ca'",
  });
}
