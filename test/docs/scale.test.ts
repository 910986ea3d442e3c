import * as fs from 'node:fs';
import * as path from 'node:path';
import * as builds from '../../bench/builds';
import { rows, simulate } from '../../bench/scans';

const limits = { perSecond: 1, firstPerSecond: 0.5 };
const every = (seconds: number, count: number) => Array<number>(count).fill(seconds);

describe('the simulation of scans', () => {
  test('scans as often as the intervals say, if the controller can', () => {
    const scans = simulate({ intervals: every(60, 30), controllers: 1, seconds: 1200, watched: 600 }, limits);
    expect(scans).toEqual({ first: 60, perMinute: 30, peak: 5, latest: 0 });
  });

  test('scans as often as the controller can, and late', () => {
    const scans = simulate({ intervals: every(60, 120), controllers: 1, seconds: 1200, watched: 600 }, limits);
    expect(scans).toEqual({ first: 240, perMinute: 60, peak: 10, latest: 60 });
  });

  test('gives each controller its share', () => {
    const scans = simulate({ intervals: every(60, 120), controllers: 4, seconds: 1200, watched: 600 }, limits);
    expect(scans).toEqual({ first: 60, perMinute: 120, peak: 20, latest: 0 });
  });

  test('spreads what is scanned in one burst, if the intervals differ', () => {
    const burst = { perSecond: 10, firstPerSecond: 10 };
    const peakOf = (intervals: number[]) =>
      simulate({ intervals, controllers: 1, seconds: 6000, watched: 600 }, burst).peak;
    const same = peakOf(every(60, 100));
    expect(same).toBe(100);
    expect(peakOf(every(60, 100).map((seconds, i) => seconds - 6 + (i % 13)))).toBeLessThan(same / 2);
  });
});

test('builds that run at the same time follow from their number and length, with a reserve for chance', () => {
  expect(builds.running(60, 4)).toBe(4);
  // Of a Poisson distribution with average 4, 99.919 % are at most 11, and 99.716 % at most 10.
  expect(builds.most(4)).toBe(11);
  expect(builds.most(0)).toBe(0);
});

test('docs/scale.md has what the simulations print', () => {
  const page = fs.readFileSync(path.join(__dirname, '../../docs/scale.md'), 'utf8');
  [...rows(), ...builds.rows()].forEach((row) => expect(page).toContain(row));
});
