import { ForgeError, PINS, quoted } from '../support';

/** The oldest release that supports the rendered garbage collection keys. */
const OLDEST = [0, 17] as const;

/** A change of BuildKit's behavior that a release introduced. */
export interface BuildkitChange {
  /** Release that introduced the change, `major.minor`. */
  readonly since: string;

  /** Behavior of BuildKit since that release. */
  readonly behaviour: string;

  /** Measure that keeps this library's output independent of the change, or advice for you. */
  readonly consequence: string;
}

/**
 * A release of BuildKit that buildkitd and `buildctl` share.
 *
 * @example
 *
 * BuildkitVersion.of('0.32.2');
 */
export class BuildkitVersion {
  /** Newest release that this library was checked against. */
  static readonly LATEST_KNOWN: BuildkitVersion = BuildkitVersion.of(PINS.images.buildkit.version);

  /** Changes between releases that affect the rendered output. */
  static get changes(): BuildkitChange[] {
    return CHANGES.map((change) => ({ ...change }));
  }

  /**
   * Creates a release from its version number.
   *
   * @param version `major.minor.patch`
   * @throws FORGE-BK-001 if it is not one, or older than 0.17
   */
  static of(version: string): BuildkitVersion {
    const numbers = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})$/.exec(version)?.slice(1).map(Number);
    if (!numbers) {
      throw ForgeError.of({
        code: 'FORGE-BK-001',
        message: `${quoted(version)} is not a release of BuildKit`,
        allowed: "three numbers, e.g. '0.32.2'",
        fix: 'pin a release: latest, rootless, master and buildx-stable-1 move under a running platform, and daemon and buildctl would part',
      });
    }
    const release = new BuildkitVersion(numbers[0], numbers[1], numbers[2]);
    if (!release.isAtLeast(OLDEST.join('.'))) {
      throw ForgeError.of({
        code: 'FORGE-BK-001',
        message: `BuildKit ${quoted(version)} is too old`,
        allowed: `${OLDEST.join('.')} or newer: older ones know neither reservedSpace, maxUsedSpace nor minFreeSpace, and ignore them`,
        fix: `use ${BuildkitVersion.LATEST_KNOWN.toString()}`,
      });
    }
    return release;
  }

  private constructor(
    private readonly major: number,
    private readonly minor: number,
    private readonly patch: number,
  ) {}

  /**
   * Returns whether this release is the given release or a later release.
   *
   * @param release `major.minor`
   */
  isAtLeast(release: string): boolean {
    const [major, minor] = release.split('.').map(Number);
    return this.major > major || (this.major === major && this.minor >= minor);
  }

  /** Returns the release as `major.minor.patch`. */
  toString(): string {
    return `${this.major}.${this.minor}.${this.patch}`;
  }
}

/** @see https://github.com/moby/buildkit/releases */
const CHANGES: readonly BuildkitChange[] = [
  {
    since: '0.17',
    behaviour:
      'garbage collection knows reservedSpace, maxUsedSpace and minFreeSpace; gckeepstorage and keepBytes are deprecated',
    consequence: 'only the new keys are written, as absolute numbers of bytes; older releases are refused',
  },
  {
    since: '0.21',
    behaviour:
      'a registry cache is exported as an image manifest by default; user namespaces of Kubernetes are supported',
    consequence:
      'image-manifest=true and oci-mediatypes=true are always written; the mode userNamespace needs this release',
  },
  {
    since: '0.28',
    behaviour: 'the privileged image keeps RUN steps in the cgroup of the pod; provenance is SLSA v1 by default',
    consequence:
      'before it, the memory limit of a privileged pod did not hold for the steps: the mode privileged needs this release',
  },
  {
    since: '0.31',
    behaviour: 'images get OCI media types by default; maxRegistryConcurrency and proxyNetwork exist',
    consequence: 'oci-mediatypes=true is always written',
  },
  {
    since: '0.32',
    behaviour:
      'attestations are stored as OCI artifacts by default, which some registries refuse: blob unknown to registry',
    consequence: 'state oci-artifact where attestations are asked for',
  },
  {
    since: '0.34',
    behaviour:
      'a build history with 0 entries is off; if only maxAge is set, maxEntries is 0; [compaction] and system.sessionAuthTimeout exist',
    consequence: 'maxAge and maxEntries of history are always written together',
  },
];
