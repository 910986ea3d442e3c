import { frozen } from './frozen';

/**
 * A published vulnerability of software that the output names.
 *
 * @jsii ignore
 */
export interface Advisory {
  /** Identifiers of the advisory, for example `CVE-2026-33747`. */
  readonly id: string;
  /** First affected version; all older versions if left out. */
  readonly since?: string;
  /** First version that is not affected; undefined if no such version is known. */
  readonly fixedIn?: string;
  /** Effect of the vulnerability, as a short phrase. */
  readonly effect: string;
  /** Execution of code on a server, or escape from the isolation of a build or job. */
  readonly isSevere: boolean;
}

const BUILDKIT = 'https://github.com/moby/buildkit/releases';

/**
 * Published vulnerabilities of images that pods run, by software. Those of forges are with the forge's product.
 *
 * @jsii ignore
 */
export const ADVISORIES: Record<string, readonly Advisory[]> = frozen({
  BuildKit: [
    { id: 'CVE-2026-111943', fixedIn: '0.34.1', effect: `see ${BUILDKIT}/tag/v0.34.1`, isSevere: false },
    { id: 'the security fixes of 0.31.2', fixedIn: '0.31.2', effect: `see ${BUILDKIT}/tag/v0.31.2`, isSevere: false },
    {
      id: 'CVE-2026-33747',
      fixedIn: '0.28.1',
      effect: 'a malicious frontend writes files outside of the storage root',
      isSevere: true,
    },
    {
      id: 'CVE-2026-33748',
      fixedIn: '0.28.1',
      effect: 'a Git URL of a build reads files outside of the checked-out repository',
      isSevere: false,
    },
  ],
  Docker: [
    {
      id: 'CVE-2026-97032 and others',
      fixedIn: '29.9.0',
      effect: 'a client of the HTTP/2 server crashes the server; see the release notes of Docker Engine 29.9.0',
      isSevere: false,
    },
  ],
  curl: [
    {
      id: 'the advisories fixed in 8.21.0',
      fixedIn: '8.21.0',
      effect: 'see https://curl.se/docs/security.html',
      isSevere: false,
    },
  ],
  'Node.js': [
    {
      id: 'the security releases up to 22.22.2',
      since: '22.0.0',
      fixedIn: '22.22.2',
      effect: 'see https://nodejs.org/en/blog/vulnerability',
      isSevere: false,
    },
  ],
  "Gitea's runner": [
    {
      id: 'GHSA-82g9-637c-2fx2',
      fixedIn: '1.0.0',
      effect: 'jobs read and write the cache of other repositories without authentication',
      isSevere: false,
    },
    {
      id: 'CVE-2026-58053',
      effect:
        'a job that sets `container.options` becomes root on the machine of the Docker daemon, although `privileged` is false',
      isSevere: true,
    },
  ],
});

/**
 * Returns the advisories that apply to a version, and that a newer version fixes. An advisory without such a version is a
 * property of the software: docs/security.md says how to live with it. A version without a patch number is the newest patch of its minor
 * version; a version without a minor number is the newest version of its major version.
 *
 * @jsii ignore
 */
export function applicable<T extends Pick<Advisory, 'since' | 'fixedIn'>>(
  advisories: readonly T[],
  version: string,
): (T & { readonly fixedIn: string })[] {
  return advisories.filter((advisory): advisory is T & { readonly fixedIn: string } => {
    const { since, fixedIn } = advisory;
    return (
      fixedIn !== undefined && compare(version, fixedIn) < 0 && (since === undefined || compare(version, since) >= 0)
    );
  });
}

/**
 * Returns whether a version names one patch: `1.26.2`, but not `1.26`.
 *
 * @jsii ignore
 */
export function isExact(version: string): boolean {
  return /^\d+\.\d+\.\d+$/.test(version);
}

/** Compares a version with three numbers; a number that the version leaves out is the newest. */
function compare(version: string, other: string): number {
  const numbers = version.split('.').map(Number);
  for (const [i, right] of other.split('.').map(Number).entries()) {
    const left = numbers[i] ?? Infinity;
    if (left !== right) {
      return left < right ? -1 : 1;
    }
  }
  return 0;
}
