import { Duration, Size } from 'cdk8s';

/**
 * A set of options for the compaction of buildkitd's databases, which gives the space of deleted records back to the file
 * system; BuildKit 0.34 and newer.
 *
 * @see https://github.com/moby/buildkit/blob/v0.34.2/docs/compaction.md
 */
export interface BuildkitCompaction {
  /**
   * Time without access after which a database is compacted.
   *
   * @default Duration.minutes(1)
   */
  readonly idleTimeout?: Duration;

  /**
   * Number of attempts that a writer can interrupt. Later attempts make writers wait.
   *
   * @default 3
   */
  readonly maxRetry?: number;

  /**
   * Number of writes after which buildkitd looks for space to reclaim, even if the database did not grow.
   *
   * @default 10000
   */
  readonly writesPerCheck?: number;

  /**
   * Size of a database below which it is not compacted.
   *
   * @default Size.mebibytes(128)
   */
  readonly sizeWatermark?: Size;

  /**
   * Growth over the last size after which buildkitd looks for space to reclaim, in percent.
   *
   * @default 100
   */
  readonly sizeGrowthPercent?: number;

  /**
   * Space to reclaim that starts a compaction.
   *
   * @default Size.mebibytes(256)
   */
  readonly minReclaim?: Size;

  /**
   * Share of the database to reclaim that starts a compaction, in percent, even if `minReclaim` is not reached.
   *
   * @default 30
   */
  readonly minReclaimPercent?: number;

  /**
   * Minimum share of the database that a compaction must reclaim, in percent; at most `minReclaimPercent`.
   *
   * @default - 10, or `minReclaimPercent` if that is less
   */
  readonly minReclaimPercentFloor?: number;
}

/**
 * Returns the section `[compaction]`. The section alone does not enable compaction.
 *
 * @internal
 */
export function compactionSection(given: BuildkitCompaction | undefined): Record<string, unknown> {
  return given === undefined
    ? {}
    : {
        enabled: true,
        idleTimeout: given.idleTimeout && `${given.idleTimeout.toSeconds({ integral: false })}s`,
        maxRetry: given.maxRetry,
        writesPerCheck: given.writesPerCheck,
        sizeWatermark: given.sizeWatermark && given.sizeWatermark.toKibibytes() * 1024,
        sizeGrowthPercent: given.sizeGrowthPercent,
        minReclaimBytes: given.minReclaim && given.minReclaim.toKibibytes() * 1024,
        minReclaimPercent: given.minReclaimPercent,
        minReclaimPercentFloor: given.minReclaimPercentFloor,
      };
}
