import { ForgeError, isStandIn, quoted } from '../../support';

/**
 * A version of a server or runner as numbers. `1.26` means `1.26.0`.
 *
 * @jsii ignore
 */
export type VersionNumbers = readonly [number, number, number];

/**
 * Parses `major.minor` or `major.minor.patch`.
 *
 * @throws FORGE-FRG-001 if it is neither
 *
 * @jsii ignore
 */
export function versionNumbers(version: string, what: string): VersionNumbers {
  if (isStandIn(version)) {
    // The runner could not be created: its version is no reason for another finding.
    return [9999, 0, 0];
  }
  const parts = /^(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})(?:\.(0|[1-9]\d{0,3}))?$/.exec(version);
  if (!parts) {
    throw ForgeError.of({
      code: 'FORGE-FRG-001',
      message: `${quoted(version)} is not a ${what} version`,
      allowed: '`major.minor` or `major.minor.patch`, such as `1.26` or `1.26.2`; no "v", no suffix',
      fix: 'give the version that `GET /api/v1/version` answers, without what follows the numbers',
    });
  }
  return [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)];
}

/**
 * Returns whether `version` is `minimum` or newer.
 *
 * @jsii ignore
 */
export function isAtLeast(version: VersionNumbers, minimum: VersionNumbers): boolean {
  const at = version.findIndex((part, i) => part !== minimum[i]);
  return at === -1 || version[at] > minimum[at];
}
