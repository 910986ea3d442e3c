import { Registry, SignaturePolicyEngine, SignaturePolicyMode } from '../../registry';
import { SignatureFormat } from '../../trust';
import { ReadyStepOptions } from '../../workflow';
import { RegistryLoginOptions } from '../registry/registry-access';

/** A set of options that define how images are signed with a key. */
export interface CosignOptions {
  /**
   * The private key, as cosign wrote it to `cosign.key`.
   *
   * @default Expression.secret('COSIGN_PRIVATE_KEY')
   */
  readonly privateKey?: string;

  /**
   * The password of the private key.
   *
   * @default Expression.secret('COSIGN_PASSWORD')
   */
  readonly password?: string;

  /**
   * Format of the signatures.
   *
   * @default SignatureFormat.LEGACY - every verifier reads it
   */
  readonly format?: SignatureFormat;
}

/** A set of options that define how images are signed without a key. */
export interface KeylessOptions {
  /**
   * The branch whose workflow runs sign. Runs for tags sign too.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * Format of the signatures.
   *
   * @default SignatureFormat.BUNDLE
   */
  readonly format?: SignatureFormat;
}

/** A set of properties that define the images to sign. */
export interface SignImageProps extends ReadyStepOptions, RegistryLoginOptions {
  /** Images with their digests, one per line: for example the output `reference` of a build. */
  readonly references: string;

  /** The registry that the images were pushed to. */
  readonly registry: Registry;
}

/** A set of properties that define a statement about images. */
export interface AttestProps extends SignImageProps {
  /** File with the statement, relative to the directory of the job. */
  readonly predicate: string;

  /** Type of the statement, as cosign names it: `spdxjson`, `cyclonedx`, `slsaprovenance1`, `vuln`, or a URL. */
  readonly predicateType: string;
}

/** A set of properties that define where signatures are verified. */
export interface VerifiedImagesProps {
  /** The registry. The policy names images as nodes pull them. */
  readonly registry: Registry;

  /** Names of the images in the registry, without host and owner. */
  readonly images: string[];

  /** The program of the cluster that verifies signatures. */
  readonly engine: SignaturePolicyEngine;

  /**
   * Effect of an image without a valid signature.
   *
   * @default SignaturePolicyMode.ENFORCE
   */
  readonly mode?: SignaturePolicyMode;
}
