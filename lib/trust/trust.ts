import { CaBundle } from './ca-bundle';

/** The kinds of trust; part of `Trust`. */
export enum TrustKind {
  /** No TLS. */
  PLAIN_HTTP = 'plain-http',
  /** A certificate that every system trusts. */
  PUBLIC_CA = 'public-ca',
  /** A certificate of an authority of one's own. */
  PRIVATE_CA = 'private-ca',
}

/**
 * Why a client believes that it talks to the right server.
 *
 * @example
 *
 * Trust.privateCa(CaBundle.fromConfigMap('home-ca'));
 */
export class Trust {
  /** It doesn't: no TLS. For addresses inside a cluster or on one machine. */
  static plainHttp(): Trust {
    return new Trust(TrustKind.PLAIN_HTTP);
  }

  /** TLS with a certificate that systems trust as they come, such as Let's Encrypt's. */
  static publicCa(): Trust {
    return new Trust(TrustKind.PUBLIC_CA);
  }

  /**
   * TLS with a certificate of an authority that clients must be taught to trust.
   *
   * @param caBundle the authority's certificates; the library brings them to every client that it configures
   */
  static privateCa(caBundle: CaBundle): Trust {
    return new Trust(TrustKind.PRIVATE_CA, caBundle);
  }

  private constructor(
    /** Which kind it is. */
    readonly kind: TrustKind,
    /** The authority's certificates; undefined unless the kind is `PRIVATE_CA`. */
    readonly caBundle?: CaBundle,
  ) {}

  /** Whether there is no TLS. */
  get isPlainHttp(): boolean {
    return this.kind === TrustKind.PLAIN_HTTP;
  }

  /** Whether two mean the same to a client. */
  isSameAs(other: Trust): boolean {
    return this.kind === other.kind && this.caBundle?._identity === other.caBundle?._identity;
  }
}
