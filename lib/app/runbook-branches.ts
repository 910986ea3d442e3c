import { fingerprint } from '../support';

/**
 * A part of a page, with the key that decides on which page it is.
 *
 * @jsii ignore
 */
export interface Piece {
  readonly key: string;
  /** The size in bytes. */
  readonly size: number;
}

/**
 * The pieces whose keys have the same beginning.
 *
 * @jsii ignore
 */
export interface Branch<T extends Piece> {
  readonly start: string;
  readonly pieces: readonly T[];
}

/**
 * Divides pieces into branches that are not larger than the capacity. A branch has the shortest beginning of keys whose
 * pieces fit. Thus a piece that is added or removed divides or joins only branches with the beginning of its own key.
 *
 * @jsii ignore
 */
export function branchesOf<T extends Piece>(pieces: readonly T[], capacity: number): Branch<T>[] {
  const ordered = pieces.map((piece, index) => ({ piece, index }));
  // In the order of keys a branch is a range; within a branch, the pieces keep their order.
  ordered.sort((a, b) => (a.piece.key === b.piece.key ? a.index - b.index : a.piece.key < b.piece.key ? -1 : 1));
  const sums = [0];
  ordered.forEach(({ piece }) => sums.push(sums[sums.length - 1] + piece.size));
  const branches: Branch<T>[] = [];
  const rest = [{ from: 0, to: ordered.length, depth: 0 }];
  for (let next = rest.pop(); next; next = rest.pop()) {
    const { from, to, depth } = next;
    const [first, last] = [ordered[from].piece.key, ordered[to - 1].piece.key];
    if (sums[to] - sums[from] <= capacity || first === last) {
      const own = ordered.slice(from, to).sort((a, b) => a.index - b.index);
      branches.push({ start: first.slice(0, depth), pieces: own.map(({ piece }) => piece) });
      continue;
    }
    for (let end = to; end > from;) {
      const start = startOfRange(ordered, { from, end, depth });
      rest.push({ from: start, to: end, depth: depth + 1 });
      end = start;
    }
  }
  return branches;
}

/** Returns where the last range of keys with the same character begins. */
function startOfRange(
  ordered: readonly { readonly piece: Piece }[],
  { from, end, depth }: { from: number; end: number; depth: number },
): number {
  const character = ordered[end - 1].piece.key[depth];
  let start = end - 1;
  while (start > from && ordered[start - 1].piece.key[depth] === character) {
    start--;
  }
  return start;
}

/**
 * Returns the name of the file of a branch. Names that differ in case or in special characters only stay apart.
 *
 * @jsii ignore
 */
export function fileNameOf(start: string): string {
  const name = start.replace(/\/$/, '').replace(/\//g, '_');
  return /^[a-z0-9-]+(_[a-z0-9-]+)*$/.test(name) && !start.includes('_')
    ? name
    : `${name.toLowerCase().replace(/[^a-z0-9-]+/g, '_')}-${fingerprint(start).slice(0, 6)}`;
}
