import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import {
  compareVersions,
  isSemverRange,
  satisfies,
  isVersionTag,
  lowestNamed,
  readyForSubstitution,
  Substitution,
  tryParseRe2,
} from '../../../lib/flux';

const fixture = <T>(name: string): T => JSON.parse(fs.readFileSync(path.join(__dirname, 'fixtures', name), 'utf8'));

describe("version ranges, against Masterminds/semver's own answers", () => {
  const table = fixture<{
    tags: string[];
    ranges: { range: string; valid: boolean; latest?: string }[];
    versions: { tag: string; valid: boolean }[];
    compared: string[];
    checks: { range: string; matches: string }[];
  }>('semver-ranges.json');

  test('have the versions that they have for Flux: each operator, with bounds of each form', () => {
    const matches = (range: string) =>
      table.compared.map((version) => (satisfies(version, range) ? '1' : '0')).join('');
    expect(table.checks.filter((entry) => matches(entry.range) !== entry.matches)).toEqual([]);
    expect(table.checks.length).toBeGreaterThan(150);
  });

  test('take what Flux takes and refuse what it refuses', () => {
    expect(table.ranges.filter(({ range, valid }) => isSemverRange(range) !== valid)).toEqual([]);
    expect(table.ranges.filter(({ valid }) => valid).length).toBeGreaterThan(100);
  });

  test('select the version that Flux selects', () => {
    const newest = (range: string) =>
      table.tags
        .filter((tag) => satisfies(tag, range))
        .reduce((best: string | undefined, tag) => (best && compareVersions(tag, best) <= 0 ? best : tag), undefined);
    const valid = table.ranges.filter((entry) => entry.valid);
    expect(valid.filter(({ range, latest }) => newest(range) !== (latest || undefined))).toEqual([]);
    expect(valid.filter(({ latest }) => latest).length).toBeGreaterThan(100);
  });

  test('tell a version from other tags as Flux does', () => {
    expect(table.versions.filter(({ tag, valid }) => isVersionTag(tag) !== valid)).toEqual([]);
  });

  test.each([
    ['>=1.2.0 <2.0.0', '1.2.0'],
    ['<2', '0.0.0'],
    ['1.x', '1.0.0'],
    ['^v1.2', 'v1.2.0'],
    ['*', '0.0.0'],
    ['>=1.0.0-0', '1.0.0'],
    ['>1.2.3', '1.2.4'],
    ['!=0.0.0', '0.0.1'],
    ['^3.12.0-0', '3.12.0'],
  ])('%p names %p', (range, version) => {
    expect(lowestNamed(range)).toBe(version);
  });

  test('never throw, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        isSemverRange(text);
        isVersionTag(text);
        lowestNamed(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe("regular expressions, against the answers of Go's regexp", () => {
  const table = fixture<{ pattern: string; valid: boolean; groups?: string[] }[]>('re2.json');

  test('are taken and refused as Flux does, and have the same groups', () => {
    const wrong = table.filter(({ pattern, valid, groups = [] }) => {
      const found = tryParseRe2(pattern);
      return (
        (typeof found !== 'string') !== valid || (typeof found !== 'string' && found.groups.join() !== groups.join())
      );
    });
    expect(wrong.map((c) => [c.pattern, c.valid, tryParseRe2(c.pattern)])).toEqual([]);
    expect(table.filter(({ valid }) => !valid).length).toBeGreaterThan(100);
  });

  test('never throw, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        tryParseRe2(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe('texts in objects with variables', () => {
  test("are written so that Flux's substitution gives them back", () => {
    const substitution = Substitution.of({ values: { X: 'x' } });
    for (const { text, result } of fixture<{ text: string; result: string }[]>('substitution.json')) {
      expect(readyForSubstitution({ a: text, b: '<variable:X>' }, substitution)).toEqual({ a: result, b: '${X}' });
    }
  });
});
