/**
 * Returns the value that a record itself has under a key, or undefined. A key from a program may be `constructor` or
 * another name that every object inherits.
 *
 * @jsii ignore
 */
export function ownOf<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
