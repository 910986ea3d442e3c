import { createHash } from 'node:crypto';
import { Duration } from 'cdk8s';
import { IConstruct } from 'constructs';
import { fluxDuration, fluxTimeout } from '../base/duration';
import { clusterAround } from '../base/flux-object';

/** The interval between scans in a cluster with few images, and the shortest in a cluster with many. */
const SHORTEST = Duration.minutes(5);

/** The maximum duration of a scan in a cluster with many images: a registry that hangs occupies one of four workers. */
const DEADLINE = Duration.minutes(1);

/** The scans in a minute for which the default interval is chosen: half of what the controller reaches. */
const PLANNED_PER_MINUTE = 500;

/**
 * The scans in a minute that one image-reflector-controller reaches with its default settings. A scan makes about three
 * requests to the API server, and the controller makes at most 50 in a second (`--kube-api-qps`).
 */
const REACHED_PER_MINUTE = 1000;

/** The largest difference from the interval, in parts of a thousand. */
const SPREAD = 100;

/** The annotation with the name of the image in its registry, which a webhook for images compares. */
export const IMAGE_ANNOTATION = 'cdk8s-forge/image';

/** The times of the scans of an image. */
interface ScanTimes {
  readonly interval?: Duration;
  readonly timeout?: Duration;
}

/**
 * Returns the times of the scans of an image, and their fields. If the cluster is to have many images, they are scanned less
 * often by default, and their intervals differ by up to a tenth: image-reflector-controller adds no jitter to intervals, so
 * that images which it scans in a row, after it started, stay in this row. The name decides about the difference.
 */
export function scanTimes(scope: IConstruct, name: string, { interval, timeout }: ScanTimes) {
  const { expected, shards = [''] } = clusterAround(scope)?._imageFacts ?? {};
  const used = interval ?? (expected === undefined ? SHORTEST : spread(expected / shards.length, name));
  const limit = timeout ?? (expected !== undefined && interval === undefined ? DEADLINE : undefined);
  const fields = { interval: fluxDuration(used), ...(limit === undefined ? {} : { timeout: fluxTimeout(limit) }) };
  return { interval: used, fields };
}

function spread(expected: number, name: string): Duration {
  const seconds = Math.max(SHORTEST.toSeconds({ integral: false }), Math.ceil(expected / PLANNED_PER_MINUTE) * 60);
  const hash = createHash('sha256').update(name).digest().readUInt32BE();
  const difference = (hash % (2 * SPREAD + 1)) - SPREAD;
  return Duration.seconds(Math.round(seconds * (1 + difference / 1000)));
}

/** Returns a warning if the controllers cannot scan images as often as their intervals say. */
export function scanWarnings(intervals: readonly Duration[], controllers: number): string[] {
  const scans = intervals.reduce((sum, interval) => sum + 60 / interval.toSeconds({ integral: false }), 0);
  return scans <= REACHED_PER_MINUTE * controllers
    ? []
    : [
        `Flux is to scan ${Math.round(scans)} images a minute. One image-reflector-controller reaches about ${REACHED_PER_MINUTE} with its default settings, and scans later than \`interval\` then. State \`expected\` of the cluster, set a longer \`interval\`, add \`imageShards\`, or raise \`--kube-api-qps\` and \`--concurrent\` of the controller.`,
      ];
}
