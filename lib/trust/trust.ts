import { CaBundle } from './ca-bundle';

/** The kinds of trust that `Trust` supports. */
export enum TrustKind {
  /** No TLS. */
  PLAIN_HTTP = 'plain-http',
  /** A certificate that every system trusts by default. */
  PUBLIC_CA = 'public-ca',
  /** A certificate of a private CA. */
  PRIVATE_CA = 'private-ca',
}

/**
 * A trust setting that defines how a client verifies the server.
 *
 * @example
 *
 * Trust.privateCa(CaBundle.fromConfigMap('home-ca'));
 */
export class Trust {
  /**
   * Creates a setting without TLS or server verification. Use this setting for addresses inside a cluster or on one
   * machine.
   */
  static plainHttp(): Trust {
    return new Trust(TrustKind.PLAIN_HTTP);
  }

  /** Creates TLS with a certificate that systems trust by default, such as a certificate from Let's Encrypt. */
  static publicCa(): Trust {
    return new Trust(TrustKind.PUBLIC_CA);
  }

  /**
   * Creates TLS with a certificate of a private CA. Clients must be configured to trust the CA.
   *
   * @param caBundle the authority's certificates; the library brings them to every client that it configures
   */
  static privateCa(caBundle: CaBundle): Trust {
    return new Trust(TrustKind.PRIVATE_CA, caBundle);
  }

  private constructor(
    /** The kind, as an enum member. */
    readonly kind: TrustKind,
    /** Certificates of the CA; undefined unless the kind is `PRIVATE_CA`. */
    readonly caBundle?: CaBundle,
  ) {}

  /** Reports whether the connection has no TLS. */
  get isPlainHttp(): boolean {
    return this.kind === TrustKind.PLAIN_HTTP;
  }

  /** Returns whether two trust settings are the same for a client. */
  isSameAs(other: Trust): boolean {
    return this.kind === other.kind && this.caBundle?._identity === other.caBundle?._identity;
  }
}
