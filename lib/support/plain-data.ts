import { ForgeError } from './forge-error';
import { quoted } from './text';

/**
 * Returns a copy of data that is written to a file as it is: texts, numbers, booleans, null, lists and objects.
 *
 * @param what the data in words, for messages
 * @throws FORGE-ARG-005 for a value that no file can hold, such as a function, and for an object that contains itself
 *
 * @jsii ignore
 */
export function plainData<T>(value: T, what: string): T {
  return copyOf(value, { what, at: [], within: [] }) as T;
}

interface Place {
  readonly what: string;
  readonly at: readonly string[];
  readonly within: readonly object[];
}

function copyOf(value: unknown, place: Place): unknown {
  const { at, within } = place;
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    throw noData(`a ${typeof value}`, place);
  }
  if (typeof value !== 'object' || value === null || !isContainer(value)) {
    return value;
  }
  if (within.includes(value)) {
    throw noData('an object that contains itself', place);
  }
  const inner = (item: unknown, key: string) =>
    copyOf(item, { ...place, at: [...at, key], within: [...within, value] });
  return Array.isArray(value)
    ? value.map((item, i) => inner(item, String(i)))
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, key)]));
}

/** Returns whether a value is a list or a plain object. Others, such as a Lazy of cdk8s, stay what they are. */
function isContainer(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function noData(found: string, { what, at }: Place): ForgeError {
  return ForgeError.of({
    code: 'FORGE-ARG-005',
    message: `${what} ${at.length > 0 ? `has at ${quoted(at.join('.'))}` : 'is'} ${found}`,
    allowed: 'texts, numbers, booleans, null, lists and objects',
    fix: 'set a value that a YAML file can hold, or remove it',
  });
}
