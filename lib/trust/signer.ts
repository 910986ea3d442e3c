import { createPublicKey } from 'node:crypto';
import * as fs from 'node:fs';
import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { oncePerNamespace } from '../kube';
import { DNS_SUBDOMAIN, ForgeError, hasControlCharacter, namespaceOf, quoted } from '../support';

/** The ways in which a signer proves its identity. */
export enum SignerKind {
  /** A key pair. */
  KEY = 'key',
  /** A short-lived certificate of an OIDC identity, for example of a GitHub workflow. */
  KEYLESS = 'keyless',
}

/** The formats of Cosign's signatures. */
export enum SignatureFormat {
  /** A signature under the tag `sha256-<digest>.sig`. Every version of Cosign and every verifier reads the format. */
  LEGACY = 'legacy',
  /** A Sigstore bundle: a referrer of the image, or the tag `sha256-<digest>` in a registry without referrers. */
  BUNDLE = 'bundle',
}

/** A set of properties that define a keyless signer. */
export interface KeylessSignerProps {
  /** URL of the OIDC issuer, for example `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;

  /** Subject of the certificate, as a regular expression (Go syntax) for the whole text. */
  readonly subject: string;
}

/** A set of options that define how a public key is stored in the cluster. */
export interface SignerKeyProps {
  /**
   * Name of the Secret that holds the public key, for clients that read the key from a Secret.
   *
   * @default 'image-signer'
   */
  readonly name?: string;
}

/** Key of the public key in the Secret. Flux reads keys whose names end in `.pub`. */
const FILE = 'cosign.pub';

/**
 * A signer of images, as those who verify signatures know it: a public key, or the identity of a workflow. A private key
 * is never part of it.
 *
 * @example
 *
 * const signer = Signer.keyless({ issuer: 'https://token.actions.githubusercontent.com', subject: 'https://github\\.com/example/.+' });
 */
export class Signer {
  /**
   * Creates a signer with a public key in PEM format.
   *
   * @param pem the text of the key, which begins with `-----BEGIN PUBLIC KEY-----`
   * @throws FORGE-TRUST-009 for text that is not a public key, or that holds a private key
   */
  static key(pem: string, props: SignerKeyProps = {}): Signer {
    const { name = 'image-signer' } = props;
    if (!DNS_SUBDOMAIN.test(name)) {
      throw badKey(`${quoted(name)} cannot name a Secret`, 'set name to a-z, 0-9, "-" and "."');
    }
    return new Signer(SignerKind.KEY, { name, publicKey: publicKeyIn(pem) });
  }

  /**
   * Reads a public key from a file immediately. `cosign generate-key-pair` writes the file as `cosign.pub`; commit it.
   *
   * @param file path of the file, relative to the current directory
   * @throws FORGE-TRUST-009 for a file that cannot be read or is not a public key
   */
  static keyFile(file: string, props: SignerKeyProps = {}): Signer {
    let text: string;
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (e) {
      throw badKey(
        `the public key ${quoted(file)} cannot be read: ${(e as NodeJS.ErrnoException).code ?? 'unknown error'}`,
        'run `cosign generate-key-pair`, commit cosign.pub, and pass its path relative to the directory that synth runs in',
      );
    }
    return Signer.key(text, props);
  }

  /**
   * Creates a signer that signs with a certificate of its OIDC identity.
   *
   * @throws FORGE-TRUST-010 for an issuer that is not a URL, or a subject that admits anyone
   */
  static keyless(props: KeylessSignerProps): Signer {
    const { issuer, subject } = props;
    const isOpen = ['', '.*', '.+', '^.*$', '^.+$', '*'].includes(subject.trim()) || hasControlCharacter(subject);
    if (!/^https:\/\/[^\s"\\]+$/.test(issuer) || isOpen) {
      throw ForgeError.of({
        code: 'FORGE-TRUST-010',
        message: isOpen
          ? `the subject ${quoted(subject)} of a signer admits anyone`
          : `the issuer ${quoted(issuer)} of a signer is not a URL`,
        fix: isOpen
          ? "set subject to the workflow that signs, for example 'https://github\\\\.com/example/app/.+'"
          : "set issuer to the URL of the OIDC issuer, for example 'https://token.actions.githubusercontent.com'",
        symptom: 'no error: everyone with an account at the issuer can sign',
      });
    }
    const whole = `^${subject.replace(/^\^/, '').replace(/\$$/, '')}$`;
    return new Signer(SignerKind.KEYLESS, { name: '', issuer, subject: whole });
  }

  /** Public key in PEM format; undefined for a keyless signer. */
  readonly publicKey?: string;

  /** URL of the OIDC issuer; undefined for a key. */
  readonly issuer?: string;

  /** Regular expression (Go syntax) for the subject of the certificate; undefined for a key. */
  readonly subject?: string;

  private readonly name: string;

  private constructor(
    /** The kind, as an enum member. */
    readonly kind: SignerKind,
    who: { name: string; publicKey?: string; issuer?: string; subject?: string },
  ) {
    this.name = who.name;
    this.publicKey = who.publicKey;
    this.issuer = who.issuer;
    this.subject = who.subject;
  }

  /** Returns whether two signers are the same for those who verify. */
  isSameAs(other: Signer): boolean {
    return this.publicKey === other.publicKey && this.issuer === other.issuer && this.subject === other.subject;
  }

  /**
   * The format that everyone reads who verifies this kind of signer. Policy-controller reads signatures of a key in the
   * legacy format only.
   *
   * @internal
   */
  get _defaultFormat(): SignatureFormat {
    return this.kind === SignerKind.KEY ? SignatureFormat.LEGACY : SignatureFormat.BUNDLE;
  }

  /**
   * Returns the name of a Secret in the construct's namespace that holds the public key. The Secret is emitted once per
   * namespace.
   *
   * @throws FORGE-TRUST-009 if two signers with different keys have one name
   * @internal
   */
  _keySecret(construct: IConstruct): string {
    const namespace = namespaceOf(construct);
    const first = oncePerNamespace(construct, { namespace, key: `Signer/${this.name}` }, () => {
      // A public key is public: it is in a Secret because Flux looks nowhere else.
      new ApiObject(Chart.of(construct), `Signer-${this.name}`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: this.name },
        type: 'Opaque',
        stringData: { [FILE]: this.publicKey },
      });
      return this.publicKey;
    });
    if (first !== this.publicKey) {
      throw badKey(
        `two signers with different keys are named ${quoted(this.name)} in namespace ${quoted(namespace)}`,
        "set name of one of them: Signer.keyFile('…', { name: '…' })",
      );
    }
    return this.name;
  }
}

function publicKeyIn(text: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw badKey(
      'the key of a signer is a private key (not shown)',
      'treat the key as compromised if it was committed; pass the public key, which cosign writes as cosign.pub',
    );
  }
  try {
    return createPublicKey(text.replace(/\r\n?/g, '\n')).export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    throw badKey(
      'the key of a signer is not a public key in PEM format',
      'pass the text or the file that begins with -----BEGIN PUBLIC KEY-----',
    );
  }
}

function badKey(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-TRUST-009', message, fix, symptom: 'no matching signatures' });
}
