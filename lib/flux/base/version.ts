import { ForgeError, quoted } from '../../support';

/**
 * A version of Flux, which decides what its controllers can do.
 *
 * @see https://fluxcd.io/flux/releases/
 *
 * @example
 *
 * const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops'), version: FluxVersion.of('2.8') });
 */
export class FluxVersion {
  /** The newest version that this library knows. */
  static readonly LATEST_KNOWN = new FluxVersion('2.10', 2, 10);

  /**
   * Returns a version from its text, for example `2.9` or `v2.9.1`.
   *
   * @throws FORGE-FLUX-041 for a text that is no version, or a version before 2.7
   */
  static of(version: string): FluxVersion {
    const match = typeof version === 'string' ? /^v?([0-9]+)\.([0-9]+)(?:\.[0-9]+)?$/.exec(version) : null;
    const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
    if (major > 2 || (major === 2 && minor >= 7)) {
      return new FluxVersion(version, major, minor);
    }
    throw ForgeError.of({
      code: 'FORGE-FLUX-041',
      message: `version ${quoted(String(version))} is not a version of Flux that this library supports`,
      allowed:
        'a version from 2.7 on, for example 2.9 or v2.9.1: earlier versions do not serve the API image.toolkit.fluxcd.io/v1',
      fix: "set version to the output of `flux version`, for example FluxVersion.of('2.9'), or upgrade Flux",
    });
  }

  private constructor(
    /** The text of the version. */
    readonly text: string,
    private readonly major: number,
    private readonly minor: number,
  ) {}

  /** Returns whether this version is the given version or a later version. */
  isAtLeast(other: string): boolean {
    const { major, minor } = FluxVersion.of(other);
    return this.major > major || (this.major === major && this.minor >= minor);
  }
}
