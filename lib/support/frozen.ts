/**
 * Freezes a value and everything below it, so that callers can share the value, and returns it.
 *
 * @jsii ignore
 */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/**
 * Returns a copy of a list that nobody can change, for a public property. Its items stay as they are. The type is that of
 * a list, since jsii knows no other.
 *
 * @jsii ignore
 */
export function frozenList<T>(list: readonly T[]): T[] {
  return Object.freeze([...list]) as T[];
}
