import { Duration, Size } from 'cdk8s';
import { ForgeError, Problems } from '../support';

/**
 * How much of its volume the daemon may fill. Absolute sizes; none of them may exceed the volume.
 */
export interface GarbageLimits {
  /**
   * What is never collected.
   *
   * @default - nothing
   */
  readonly reservedSpace?: Size;

  /**
   * What is collected down to. At least three tenths of the volume must be left: collection happens after builds, never during one.
   *
   * @default - no ceiling of its own
   */
  readonly maxUsedSpace?: Size;

  /**
   * What should stay free on the volume.
   *
   * @default - nothing
   */
  readonly minFreeSpace?: Size;
}

/** A kind of record that a policy can be limited to. */
export enum CacheRecord {
  /** Files sent by clients. */
  LOCAL_SOURCE = 'source.local',
  /** Git checkouts. */
  GIT_CHECKOUT = 'source.git.checkout',
  /** `RUN --mount=type=cache`. */
  CACHE_MOUNT = 'exec.cachemount',
  /** Everything that is not of a special kind. */
  REGULAR = 'regular',
  /** Images of frontends. */
  FRONTEND = 'frontend',
  /** The daemon's own. */
  INTERNAL = 'internal',
}

/**
 * One rule of collection; they are applied in order.
 */
export interface GarbagePolicy extends GarbageLimits {
  /**
   * What it looks at.
   *
   * @default - everything that is not in use by images
   */
  readonly records?: CacheRecord[];

  /**
   * Records that were used more recently stay.
   *
   * @default - the age does not matter
   */
  readonly keepFor?: Duration;

  /**
   * Whether it also looks at internal and shared records.
   *
   * @default false
   */
  readonly everything?: boolean;
}

type TomlValues = Record<string, unknown>;

/**
 * What the daemon forgets, and when. The daemon collects after each build, never during one.
 *
 * @see https://docs.docker.com/build/cache/garbage-collection/
 *
 * @example
 *
 * GarbageCollection.automatic();
 */
export class GarbageCollection {
  /**
   * Derived from the volume: a tenth is kept, collection starts above six tenths, two tenths stay free. The daemon's own four rules
   * work with these numbers.
   */
  static automatic(): GarbageCollection {
    return new GarbageCollection('automatic');
  }

  /** The daemon's own four rules, with these numbers. */
  static limits(limits: GarbageLimits): GarbageCollection {
    return new GarbageCollection('limits', [{ ...limits }]);
  }

  /** Rules of your own, in place of the daemon's. */
  static policies(policies: GarbagePolicy[]): GarbageCollection {
    return new GarbageCollection(
      'policies',
      policies.map((policy) => ({ ...policy })),
    );
  }

  /** Nothing is ever forgotten: for a volume that something else empties. */
  static off(): GarbageCollection {
    return new GarbageCollection('off');
  }

  private constructor(
    private readonly kind: string,
    private readonly given: GarbagePolicy[] = [],
  ) {}

  /**
   * The keys below `[worker.oci]`: worker-level sizes or policies, never both, because the daemon ignores the former beside the latter.
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
   * What does not fit the volume.
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

/** A size in bytes; `Size` has no such method. */
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
    ...(given.keepFor ? { keepDuration: `${given.keepFor.toSeconds()}s` } : {}),
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
