import { applicable } from '../../support';
import { versionNumbers } from './version';

/** A published vulnerability of a forge software. */
export interface ForgeAdvisory {
  /** Identifier of the advisory, for example `CVE-2026-60004`. */
  readonly id: string;
  /**
   * First affected version.
   *
   * @default - all older versions are affected
   */
  readonly since?: string;
  /** First version that is not affected. */
  readonly fixedIn: string;
  /** Effect of the vulnerability, as a short phrase. */
  readonly effect: string;
  /** Execution of code on the server, or escape from a job's isolation, by the vulnerability. */
  readonly isSevere: boolean;
}

/**
 * Returns the advisories that apply to a version. A version without a patch number is the newest patch.
 *
 * @jsii ignore
 */
export function advisoriesFor(advisories: readonly ForgeAdvisory[], version: string, title: string): ForgeAdvisory[] {
  versionNumbers(version, title);
  return applicable(advisories, version);
}
