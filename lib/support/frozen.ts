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
