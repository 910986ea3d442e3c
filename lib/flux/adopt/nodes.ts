import { Alias, Document, isAlias, isMap, isPair, isScalar, isSeq, Node, Pair, Scalar, YAMLMap } from 'yaml';

/** A scalar with a position in the text. */
export type PositionedScalar = Scalar & { range: [number, number, number] };

/** A field of a mapping. */
export interface Field {
  /** The value, after an alias is resolved. */
  readonly value: unknown;
  /** The value is written in this mapping: neither an alias, nor from a merge key. */
  readonly isOwn: boolean;
  /** The field is written in this mapping, possibly as an alias. */
  readonly isWritten: boolean;
}

/** Merge keys can be nested, and a hand-written file can even nest them in a circle. */
const MOST_MERGES = 10;

/** A document, and the number of merge keys that were followed. */
interface Merging {
  readonly document: Document;
  readonly depth?: number;
}

/** Returns a field of a mapping, also if the field comes from a merge key (`<<`). */
export function fieldOf({ document, depth = 0 }: Merging, map: YAMLMap, key: string): Field | undefined {
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (pair !== undefined) {
    return { value: resolved(document, pair.value), isOwn: !isAlias(pair.value), isWritten: true };
  }
  for (const source of depth < MOST_MERGES ? mergedInto(document, map) : []) {
    const field = fieldOf({ document, depth: depth + 1 }, source, key);
    if (field !== undefined) {
      return { value: field.value, isOwn: false, isWritten: false };
    }
  }
  return undefined;
}

/** Returns the pair of a field that is written in a mapping, or else the mapping. */
export function pairOf(map: YAMLMap, key: string): Pair | YAMLMap {
  return map.items.find((item) => isScalar(item.key) && item.key.value === key) ?? map;
}

function mergedInto(document: Document, map: YAMLMap): YAMLMap[] {
  return map.items.filter(isMerge).flatMap(({ value }) => {
    const source = resolved(document, value);
    return (isSeq(source) ? source.items.map((item) => resolved(document, item)) : [source]).filter(
      (one): one is YAMLMap => isMap(one),
    );
  });
}

/** Flux writes a merge key `<<` back as `!!merge <<`, which is read as a symbol. */
function isMerge({ key }: Pair): boolean {
  return isScalar(key) && (key.value === '<<' || key.tag === 'tag:yaml.org,2002:merge');
}

function resolved(document: Document, value: unknown): unknown {
  return isAlias(value) ? (value as Alias).resolve(document) : value;
}

/** Returns the text of a field, or undefined if the field is absent or no string. */
export function stringIn(field: Field | undefined): string | undefined {
  const value = field?.value;
  return isScalar(value) && typeof value.value === 'string' ? value.value : undefined;
}

/** Returns the text of a scalar as written: an unquoted 1.10 would come out as the number 1.1. */
export function textOf(node: Scalar): string {
  if (node.value === null) {
    return '';
  }
  return typeof node.value === 'string' ? node.value : String(node.source);
}

export function isPositioned(node: unknown): node is PositionedScalar {
  return isScalar(node) && Array.isArray(node.range);
}

/**
 * Returns the keys of the pairs on a path, innermost first. A list between a pair and its value does not count.
 */
export function keysOf(path: readonly Node[]): unknown[] {
  return [...path]
    .reverse()
    .filter((node) => isPair(node))
    .map((node) => {
      const { key } = node as unknown as Pair;
      return isScalar(key) ? key.value : undefined;
    });
}

/** Returns a place as people name it, for example `Deployment api: spec.containers.0.env`. Flux's commits do not change it. */
export function nameOfPlace(document: Document, path: readonly unknown[], node: unknown): string {
  const all = [...path, node];
  const steps = all.flatMap((one, i) => {
    if (isPair(one)) {
      return isScalar(one.key) ? [String(one.key.value)] : [];
    }
    return isSeq(one) && i + 1 < all.length ? [String(one.items.indexOf(all[i + 1]))] : [];
  });
  const [kind, name] = [['kind'], ['metadata', 'name']].map((keys) => document.getIn(keys));
  const object = [kind, name].filter((part) => typeof part === 'string').join(' ');
  return [object, steps.join('.')].filter((part) => part !== '').join(': ');
}
