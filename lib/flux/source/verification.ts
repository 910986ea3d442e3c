import { IConstruct } from 'constructs';
import { SecretSource } from '../../secret';
import { ForgeError, literalPattern } from '../../support';
import { Signer, SignerKind } from '../../trust';
import { assertFlux } from '../base/flux-object';

/** The Git objects whose signatures Flux verifies. */
export enum GitVerificationMode {
  /** The commit that Flux checks out. */
  HEAD = 'HEAD',
  /** The tag that the reference selects. */
  TAG = 'Tag',
  /** The tag that the reference selects, and the commit of the tag. */
  TAG_AND_HEAD = 'TagAndHEAD',
}

/**
 * A verification of Git signatures. Flux does not use commits or tags without a valid signature.
 *
 * @see https://fluxcd.io/flux/components/source/gitrepositories/#verification
 *
 * @example
 *
 * GitVerification.gpg(SecretSource.existing('git-authors'));
 */
export class GitVerification {
  /**
   * Returns a verification with OpenPGP keys. The Secret contains armored public keys, under names that end in `.asc`.
   *
   * @param keys the Secret with the public keys
   * @param mode the objects to verify; commits if left out
   */
  static gpg(keys: SecretSource, mode?: GitVerificationMode): GitVerification {
    return new GitVerification(keys, 'authors.asc', mode ?? GitVerificationMode.HEAD);
  }

  /**
   * Returns a verification with SSH keys. The Secret contains public keys in the format of `authorized_keys`, under names
   * that end in `.sshpub`. Requires Flux 2.9.
   *
   * @param keys the Secret with the public keys
   * @param mode the objects to verify; commits if left out
   */
  static ssh(keys: SecretSource, mode?: GitVerificationMode): GitVerification {
    return new GitVerification(keys, 'authors.sshpub', mode ?? GitVerificationMode.HEAD);
  }

  private constructor(
    private readonly keys: SecretSource,
    private readonly key: string,
    /** The objects that Flux verifies. */
    readonly mode: GitVerificationMode,
  ) {}

  /**
   * Returns the verification in the format of a spec.
   *
   * @internal
   */
  _render(construct: IConstruct, hasTag: boolean): { mode: string; secretRef: { name: string } } {
    if (this.key.endsWith('.sshpub')) {
      assertFlux(construct, '2.9', 'verification of SSH signatures');
    }
    if (this.mode !== GitVerificationMode.HEAD && !hasTag) {
      throw ForgeError.at(construct, {
        code: 'FORGE-FLUX-049',
        message: `\`verify\` has the mode ${this.mode}, but the reference selects no tag`,
        fix: 'use GitVerificationMode.HEAD, or GitReference.tag(…) or GitReference.semver(…)',
        symptom: "cannot verify tag object's signature if a tag reference is not specified",
      });
    }
    const name = this.keys.provide(construct, {
      purpose: 'Flux verifies the signatures of commits and tags with the public keys',
      type: 'Opaque',
      keys: [this.key],
      readsAnyKey: true,
    });
    return { mode: this.mode, secretRef: { name } };
  }
}

/** An identity in the certificate of a keyless signature. */
export interface OciIdentity {
  /** Regular expression (Go syntax) for the OIDC issuer, for example `^https://token\.actions\.githubusercontent\.com$`. */
  readonly issuer: string;
  /** Regular expression (Go syntax) for the subject, for example `^https://github\.com/platform/.*$`. */
  readonly subject: string;
}

/**
 * A verification of the signature of an OCI artifact. Flux does not use an artifact without a valid signature.
 *
 * @see https://fluxcd.io/flux/components/source/ocirepositories/#verification
 *
 * @example
 *
 * OciVerification.cosign(SecretSource.existing('cosign-keys'));
 */
export class OciVerification {
  /** Returns a verification with Cosign's public keys. The Secret contains keys under names that end in `.pub`. */
  static cosign(keys: SecretSource): OciVerification {
    return new OciVerification({ provider: 'cosign', key: 'cosign.pub', secret: keys });
  }

  /**
   * Returns a verification of the signatures of a signer. The Secret with a public key is created in the namespace of the
   * source.
   *
   * @param signer the signer, for example `sign.signer` of a `Sign`
   */
  static signedBy(signer: Signer): OciVerification {
    const { issuer, subject } = signer;
    return signer.kind === SignerKind.KEY
      ? new OciVerification({ provider: 'cosign', key: 'cosign.pub', signer })
      : OciVerification.keyless([{ issuer: `^${literalPattern(issuer!)}$`, subject: subject! }]);
  }

  /**
   * Returns a verification of Cosign's keyless signatures.
   *
   * @param identities the accepted identities
   * @param trustedRoot a Secret with the key `trusted_root.json`, for a Sigstore of your own; the public one if left out.
   * Requires Flux 2.9
   * @throws FORGE-FLUX-049 for no identities: then every keyless signature is accepted, whoever made it
   */
  static keyless(identities: OciIdentity[], trustedRoot?: SecretSource): OciVerification {
    if (identities.length === 0) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-049',
        message: 'keyless verification without an identity accepts the signature of anyone',
        fix: "name the signer: { issuer: '^https://issuer$', subject: '^subject$' }",
      });
    }
    return new OciVerification({
      provider: 'cosign',
      key: 'trusted_root.json',
      secret: trustedRoot,
      identities: identities.map(({ issuer, subject }) => ({ issuer, subject })),
    });
  }

  /**
   * Returns a verification with Notation. The Secret contains `trustpolicy.json`, and certificates under names that end in
   * `.crt` or `.pem`.
   */
  static notation(trust: SecretSource): OciVerification {
    return new OciVerification({ provider: 'notation', key: 'trustpolicy.json', secret: trust });
  }

  private constructor(
    private readonly spec: {
      readonly provider: string;
      readonly key: string;
      readonly secret?: SecretSource;
      readonly signer?: Signer;
      readonly identities?: OciIdentity[];
    },
  ) {}

  /**
   * Returns the verification in the format of a spec.
   *
   * @internal
   */
  _render(construct: IConstruct): object {
    const { provider, key, secret, signer, identities } = this.spec;
    if (identities && secret) {
      assertFlux(construct, '2.9', 'a trusted root of your own');
    }
    const name =
      signer?._keySecret(construct) ??
      secret?.provide(construct, {
        purpose: `Flux verifies the signatures of ${construct.node.id} (${provider})`,
        type: 'Opaque',
        keys: [key],
        readsAnyKey: key === 'cosign.pub',
      });
    return {
      provider,
      ...(name ? { [identities ? 'trustedRootSecretRef' : 'secretRef']: { name } } : {}),
      ...(identities ? { matchOIDCIdentity: identities } : {}),
    };
  }
}
