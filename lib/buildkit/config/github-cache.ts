/**
 * A set of options for signatures of build caches at GitHub (`BuildCache` of type `gha`); BuildKit 0.27 and newer. A cache
 * entry without a valid signature is not used. The certificates are those that Sigstore's Fulcio issues to a job.
 *
 * @see https://github.com/moby/buildkit/blob/v0.34.2/docs/buildkitd.toml.md
 */
export interface BuildkitGitHubCache {
  /**
   * Command that reads the content from the standard input and writes the signature to the standard output. The image of
   * buildkitd must have the program, for example cosign.
   *
   * @default - entries are not signed
   */
  readonly signCommand?: string[];

  /**
   * Whether to ignore entries without a valid signature.
   *
   * @default - true if one of the requirements is set
   */
  readonly requireSignature?: boolean;

  /**
   * Number of timestamps that a signature must have.
   *
   * @default - 0
   */
  readonly timestamps?: number;

  /**
   * Number of transparency logs that must contain the signature.
   *
   * @default - 0
   */
  readonly transparencyLogs?: number;

  /**
   * Issuer of the certificate. `*` matches any text.
   *
   * @default - any
   */
  readonly certificateIssuer?: string;

  /**
   * Subject alternative name of the certificate. `*` matches any text.
   *
   * @default - any
   */
  readonly subjectAlternativeName?: string;

  /**
   * URI of the workflow that signed, for example `https://github.com/platform/hello/.github/workflows/*`. `*` matches any
   * text.
   *
   * @default - any
   */
  readonly buildSignerUri?: string;
}

/**
 * Returns the section `[cache.gha]`.
 *
 * @internal
 */
export function gitHubCacheSection(given: BuildkitGitHubCache | undefined): Record<string, unknown> {
  if (given === undefined) {
    return {};
  }
  const policy = {
    timestampThreshold: given.timestamps,
    tlogThreshold: given.transparencyLogs,
    certificateIssuer: given.certificateIssuer,
    subjectAlternativeName: given.subjectAlternativeName,
    buildSignerURI: given.buildSignerUri,
  };
  const isRequired =
    given.requireSignature ?? (Object.values(policy).some((value) => value !== undefined) || undefined);
  return { sign: { command: given.signCommand }, verify: { required: isRequired, policy } };
}
