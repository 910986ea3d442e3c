import * as fc from 'fast-check';
import { branchesOf, fileNameOf, Piece } from '../../lib/app/runbook-branches';

const CAPACITY = 100;

/** Paths with few characters, so that many have a common beginning. */
const pieces = fc.array(
  fc.record({
    key: fc.string({ unit: fc.constantFrom('a', 'b', '/', 'A', '_', '-', '.'), minLength: 1, maxLength: 6 }),
    size: fc.integer({ min: 1, max: 60 }),
  }),
  { minLength: 1, maxLength: 60 },
);

const total = (list: readonly Piece[]) => list.reduce((sum, { size }) => sum + size, 0);

test('each piece is in one branch, a branch fits or has one key, and a branch that could be longer is none', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const branches = branchesOf(list, CAPACITY);
      expect(branches.flatMap((branch) => branch.pieces).sort(byKey)).toEqual([...list].sort(byKey));
      for (const { start, pieces: own } of branches) {
        expect(own.every(({ key }) => key.startsWith(start))).toBe(true);
        expect(total(own) <= CAPACITY || new Set(own.map(({ key }) => key)).size === 1).toBe(true);
        // The order in which pieces came stays.
        expect(own.map((piece) => list.indexOf(piece))).toEqual(own.map((piece) => list.indexOf(piece)).sort(byNumber));
        if (start !== '') {
          const above = list.filter(({ key }) => key.startsWith(start.slice(0, -1)));
          expect(total(above)).toBeGreaterThan(CAPACITY);
        }
      }
    }),
  );
});

test('a piece that is added leaves every branch alone whose beginning is not its own', () => {
  fc.assert(
    fc.property(pieces, pieces, (list, [added]) => {
      const after = new Map(branchesOf([...list, added], CAPACITY).map((branch) => [branch.start, branch.pieces]));
      for (const { start, pieces: own } of branchesOf(list, CAPACITY)) {
        if (!added.key.startsWith(start)) {
          expect(after.get(start)).toEqual(own);
        }
      }
    }),
  );
});

test('branches have files of their own, also where case does not count', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const names = branchesOf(list, CAPACITY).map(({ start }) => fileNameOf(start));
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
      expect(names.filter((name) => !/^[a-zA-Z0-9_-]*$/.test(name))).toEqual([]);
    }),
  );
});

test('a plain beginning is the name of the file', () => {
  expect(['team-1', 'team-1/', 'team-1/app'].map(fileNameOf)).toEqual(['team-1', 'team-1', 'team-1_app']);
  expect(['Team', 'a b', 'a_b', 'é', '../x'].map((start) => /^[a-z_-]+-[0-9a-f]{6}$/.test(fileNameOf(start)))).toEqual(
    Array(5).fill(true),
  );
});

function byKey(a: Piece, b: Piece): number {
  return a.key === b.key ? a.size - b.size : a.key < b.key ? -1 : 1;
}

function byNumber(a: number, b: number): number {
  return a - b;
}
