/**
 * Simulates how image-reflector-controller scans many images, and prints what docs/scale.md has: `node --import tsx bench/scans.ts`.
 * What one scan costs is measured: conformance/apiserver/load_test.go.
 */

import { GitOpsApp } from '../lib/app';
import { Cluster } from '../lib/flux';
import { scanTimes } from '../lib/flux/image/scans';
import { Forge } from '../lib/forge';

/** What limits a controller, as conformance/apiserver measured it. */
export interface Limits {
  /** The most scans in a second: that of a controller with its default settings, at tags that are the same as before. */
  readonly perSecond: number;
  /** The most first scans in a second: each also writes the status and the finalizer of two objects. */
  readonly firstPerSecond: number;
}

/** Images that are scanned, and for how long they are watched. */
export interface Platform {
  /** The seconds between the scans of each image. */
  readonly intervals: readonly number[];
  /** The number of controllers, each with its share of the images. */
  readonly controllers: number;
  /** Length of the simulation, in seconds. */
  readonly seconds: number;
  /** The seconds at its end that are reported. */
  readonly watched: number;
}

/** What happened, in the watched time but for the first figure. */
export interface Scans {
  /** The seconds after which each image was scanned once. */
  readonly first: number;
  readonly perMinute: number;
  /** The most scans in ten seconds. */
  readonly peak: number;
  /** The largest delay of a scan beyond its interval, in seconds. */
  readonly latest: number;
}

/**
 * Plays a restart of the controllers: all images are due at once, in the order of their names. A controller takes the image that is due
 * longest, and an image is due again one interval after its scan.
 */
export function simulate(platform: Platform, limits: Limits): Scans {
  const { intervals, controllers } = platform;
  const shares = Array.from({ length: controllers }, (_, shard) =>
    play(
      intervals.filter((__, i) => i % controllers === shard),
      platform,
      limits,
    ),
  );
  const counts = shares[0].counts.map((_, second) => shares.reduce((sum, share) => sum + share.counts[second], 0));
  const watched = counts.slice(platform.seconds - platform.watched);
  const tens = watched.map((_, i) => watched.slice(i, i + 10).reduce((sum, count) => sum + count, 0));
  return {
    first: Math.max(...shares.map(({ first }) => first)),
    perMinute: (watched.reduce((sum, count) => sum + count, 0) * 60) / watched.length,
    peak: Math.max(...tens),
    latest: Math.max(...shares.map(({ latest }) => latest)),
  };
}

/** Plays one controller, second by second. */
function play(intervals: readonly number[], { seconds, watched }: Platform, limits: Limits) {
  const due = new Map<number, number[]>([[0, intervals.map((_, i) => i)]]);
  const queue: { readonly image: number; readonly since: number }[] = [];
  const counts: number[] = [];
  const seen = new Set<number>();
  let [head, first, latest] = [0, Infinity, 0];
  for (let now = 0; now < seconds; now++) {
    queue.push(...(due.get(now) ?? []).map((image) => ({ image, since: now })));
    due.delete(now);
    const most = seen.size < intervals.length ? limits.firstPerSecond : limits.perSecond;
    // Fractions add up: two and a half a second are five in two.
    const budget = Math.floor((now + 1) * most) - Math.floor(now * most);
    const taken = queue.slice(head, head + budget);
    head += taken.length;
    counts.push(taken.length);
    for (const { image, since } of taken) {
      seen.add(image);
      latest = now >= seconds - watched ? Math.max(latest, now - since) : latest;
      const next = now + Math.max(1, Math.round(intervals[image]));
      due.set(next, [...(due.get(next) ?? []), image]);
    }
    first = seen.size === intervals.length ? Math.min(first, now + 1) : first;
  }
  return { counts, first, latest };
}

/**
 * The limits of one controller with its default settings, rounded down: 1,848 scans a minute, and 3,000 first scans in 202 seconds.
 */
export const MEASURED: Limits = { perSecond: 30, firstPerSecond: 14 };

/** The intervals that this library gives to the images of a cluster, in seconds. */
export function intervalsOf(images: number, shards: number): number[] {
  const app = new GitOpsApp();
  const cluster = new Cluster(app, 'home', {
    source: Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops'),
    expected: images,
    imageShards: Array.from({ length: shards }, (_, i) => `shard${i}`),
  });
  return range(images).map((i) => scanTimes(cluster.images, `service-${i}`, {}).interval.toSeconds());
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const SIMULATED = 3 * 3600;

/** Returns the rows of the table in docs/scale.md. */
export function rows(): string[] {
  const cases: [images: number, about: string, controllers: number, intervals: number[]][] = [
    [1_000, '`expected`', 1, intervalsOf(1_000, 1)],
    [3_000, '`expected`', 1, intervalsOf(3_000, 1)],
    [10_000, '`expected`', 1, intervalsOf(10_000, 1)],
    [10_000, '20 minutes, all the same', 1, Array(10_000).fill(20 * 60)],
    [10_000, '5 minutes', 1, Array(10_000).fill(5 * 60)],
    [10_000, '`expected` and 4 `imageShards`', 4, intervalsOf(10_000, 4)],
    [25_000, '`expected`', 1, intervalsOf(25_000, 1)],
  ];
  return cases.map(([images, about, controllers, intervals]) => {
    const scans = simulate({ intervals, controllers, seconds: SIMULATED, watched: 3600 }, MEASURED);
    const wanted = intervals.reduce((sum, interval) => sum + 60 / interval, 0);
    const values = [images, about, controllers, ...[wanted, scans.perMinute, scans.peak].map(Math.round)];
    return `| ${[...values.map(text), `${text(Math.ceil(scans.first / 60))} min`, `${text(scans.latest)} s`].join(' | ')} |`;
  });
}

const text = (value: number | string) => (typeof value === 'number' ? value.toLocaleString('en-US') : value);

if (require.main === module) {
  rows().forEach((row) => console.log(row));
}
