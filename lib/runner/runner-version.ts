import { ForgeError, quoted } from '../support';

/**
 * A version of a runner binary, which decides the image and the supported settings. The forge of the runner decides
 * which runner binary it is.
 *
 * @example
 *
 * RunnerVersion.of('3.3.0');
 */
export class RunnerVersion {
  /** The newest version that the library knows, of the runner binary that the forge needs. */
  static readonly LATEST_KNOWN = new RunnerVersion('');

  /**
   * Creates a version.
   *
   * @param version `major.minor.patch`
   * @throws FORGE-RUN-004 for anything else, `nightly` and `latest` above all
   */
  static of(version: string): RunnerVersion {
    if (/^(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})$/.test(version)) {
      return new RunnerVersion(version);
    }
    throw ForgeError.of({
      code: 'FORGE-RUN-004',
      message: `${quoted(version)} is not the version of a runner`,
      allowed: '`major.minor.patch`, such as `3.3.0`',
      fix: /nightly|latest/.test(version)
        ? 'use RunnerVersion.LATEST_KNOWN, or pin a version: a tag that moves changes what runs your jobs at the next restart of a pod'
        : 'set all three numbers; settings and the image depend on them',
    });
  }

  private constructor(
    /** The release as `major.minor.patch`; empty for `LATEST_KNOWN`, until a runner uses it. */
    readonly version: string,
  ) {}

  /**
   * Returns whether this version is the given version or newer. `LATEST_KNOWN` is as new as any.
   *
   * @param version `major.minor.patch`
   */
  isAtLeast(version: string): boolean {
    return this.version === '' || compare(this.version, version) >= 0;
  }
}

/** Compares `major.minor.patch`, number by number. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const differing = left.findIndex((part, i) => part !== right[i]);
  return differing < 0 ? 0 : left[differing] - right[differing];
}
