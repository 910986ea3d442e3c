import { Duration, Size } from 'cdk8s';
import { ForgeError, Problems } from '../../support';

/**
 * A set of limits that defines how much of its volume buildkitd may fill. The sizes are absolute, and none may exceed
 * the volume.
 */
export interface GarbageLimits {
  /**
   * Amount of cache that is never collected.
   *
   * @default - nothing
   */
  readonly reservedSpace?: Size;

  /**
   * Size to which garbage collection reduces the cache. Leave at least three tenths of the volume: collection runs
   * after builds, never during a build.
   *
   * @default - no ceiling of its own
   */
  readonly maxUsedSpace?: Size;

  /**
   * Amount of space to keep free on the volume.
   *
   * @default - nothing
   */
  readonly minFreeSpace?: Size;
}

/** The kinds of cache records that a policy can be limited to. */
export enum CacheRecord {
  /** Files sent by clients. */
  LOCAL_SOURCE = 'source.local',
  /** Git checkouts. */
  GIT_CHECKOUT = 'source.git.checkout',
  /** Cache mounts: `RUN --mount=type=cache`. */
  CACHE_MOUNT = 'exec.cachemount',
  /** Records without a special kind. */
  REGULAR = 'regular',
  /** Frontend images. */
  FRONTEND = 'frontend',
  /** Internal records of buildkitd. */
  INTERNAL = 'internal',
}

/** A rule that selects cache records for garbage collection. Rules are applied in order. */
export interface GarbagePolicy extends GarbageLimits {
  /**
   * Kinds of records that the rule applies to.
   *
   * @default - everything that is not in use by images
   */
  readonly records?: CacheRecord[];

  /**
   * Minimum time since the last use of a record before the record is collected.
   *
   * @default - the age does not matter
   */
  readonly keepFor?: Duration;

  /**
   * Whether to include internal and shared records.
   *
   * @default false
   */
  readonly everything?: boolean;
}

type TomlValues = Record<string, unknown>;

/**
 * A set of rules that defines which cache records buildkitd deletes, and when. buildkitd collects after each build,
 * never during a build.
 *
 * @see https://docs.docker.com/build/cache/garbage-collection/
 *
 * @example
 *
 * GarbageCollection.automatic();
 */
export class GarbageCollection {
  /**
   * Creates limits derived from the volume. A tenth is kept, collection starts above six tenths, and two tenths stay
   * free. buildkitd's own four rules use these numbers.
   */
  static automatic(): GarbageCollection {
    return new GarbageCollection('automatic');
  }

  /** Creates limits for buildkitd's own four rules. */
  static limits(limits: GarbageLimits): GarbageCollection {
    return new GarbageCollection('limits', [{ ...limits }]);
  }

  /** Creates custom rules that replace buildkitd's rules. */
  static policies(policies: GarbagePolicy[]): GarbageCollection {
    return new GarbageCollection(
      'policies',
      policies.map((policy) => ({ ...policy })),
    );
  }

  /** Disables garbage collection, for a volume that another process empties. */
  static off(): GarbageCollection {
    return new GarbageCollection('off');
  }

  private constructor(
    private readonly kind: string,
    private readonly given: GarbagePolicy[] = [],
  ) {}

  /**
   * Returns the keys below `[worker.oci]`: worker-level sizes or policies, never both. buildkitd ignores worker-level
   * sizes if policies are set.
   *
   * @internal
   */
  _render(volume: Size): TomlValues {
    const bytes = toBytes(volume);
    switch (this.kind) {
      case 'off':
        return { gc: false };
      case 'automatic':
        return {
          gc: true,
          reservedSpace: Math.floor(bytes * 0.1),
          maxUsedSpace: Math.floor(bytes * 0.6),
          minFreeSpace: Math.floor(bytes * 0.2),
        };
      case 'limits':
        return { gc: true, ...sizes(this.given[0]) };
      default:
        return { gc: true, gcpolicy: this.given.map(policy) };
    }
  }

  /**
   * Checks that the limits fit the volume.
   *
   * @internal
   */
  _check(volume: Size): void {
    const problems = new Problems();
    if (this.kind === 'policies' && this.given.length === 0) {
      throw emptyPolicies();
    }
    this.given.forEach((limits) => {
      problems.collect(() => checkSizes(limits, toBytes(volume)));
      problems.collect(() => checkPolicy(limits, this.kind));
    });
    problems.throwIfAny();
  }
}

/** Returns a size in bytes. `Size` has no such method. */
function toBytes(size: Size): number {
  return size.toKibibytes() * 1024;
}

function sizes({ reservedSpace, maxUsedSpace, minFreeSpace }: GarbageLimits): TomlValues {
  return {
    ...(reservedSpace ? { reservedSpace: toBytes(reservedSpace) } : {}),
    ...(maxUsedSpace ? { maxUsedSpace: toBytes(maxUsedSpace) } : {}),
    ...(minFreeSpace ? { minFreeSpace: toBytes(minFreeSpace) } : {}),
  };
}

function policy(given: GarbagePolicy): TomlValues {
  return {
    ...(given.everything ? { all: true } : {}),
    ...(given.records?.length ? { filters: given.records.map((record) => `type==${record}`) } : {}),
    ...(given.keepFor ? { keepDuration: `${given.keepFor.toSeconds({ integral: false })}s` } : {}),
    ...sizes(given),
  };
}

function checkSizes({ reservedSpace, maxUsedSpace, minFreeSpace }: GarbageLimits, volume: number): void {
  const [reserved, used, free] = [reservedSpace, maxUsedSpace, minFreeSpace].map((size) => (size ? toBytes(size) : 0));
  const fail = (message: string, fix: string) => {
    throw ForgeError.of({ code: 'FORGE-BK-005', message, fix, symptom: 'no space left on device, during a build' });
  };
  if (used > volume * 0.7) {
    fail(
      `maxUsedSpace is ${percent(used, volume)} of the volume`,
      'leave at least 30 % of the volume to the build that is running: collection happens after builds',
    );
  }
  if (used > 0 && reserved > used) {
    fail('reservedSpace is larger than maxUsedSpace', 'reserve less: what is reserved is never collected');
  }
  if (reserved + free > volume) {
    fail(
      `reservedSpace and minFreeSpace together are ${percent(reserved + free, volume)} of the volume`,
      'lower one of them, or ask for a larger volume',
    );
  }
}

function checkPolicy({ reservedSpace, maxUsedSpace, minFreeSpace, keepFor }: GarbagePolicy, kind: string): void {
  if (reservedSpace ?? maxUsedSpace ?? minFreeSpace ?? (kind === 'policies' ? keepFor : undefined)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-BK-005',
    message: 'a rule of garbage collection has neither a size nor an age',
    fix: 'give it maxUsedSpace, reservedSpace, minFreeSpace or keepFor: without any, everything it looks at is dropped after every build',
  });
}

function emptyPolicies(): ForgeError {
  return ForgeError.of({
    code: 'FORGE-BK-005',
    message: 'the list of garbage collection policies is empty',
    fix: 'use GarbageCollection.off() to keep everything, or GarbageCollection.automatic()',
  });
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 100)} %`;
}
