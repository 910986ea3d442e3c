import { Construct } from 'constructs';
import { ForgeError, plainData, quoted } from '../support';

/**
 * A collection of keys that the library does not support yet.
 *
 * @jsii ignore
 */
export class Overrides {
  private readonly values = new Map<string, unknown>();

  /**
   * @param known keys that the library writes itself
   * @param owner whose keys they are; undefined for a step, which is no construct
   */
  constructor(
    private readonly known: readonly string[],
    private readonly owner?: Construct,
  ) {}

  /**
   * Sets a key.
   *
   * @throws FORGE-WF-040 for a key that the library writes itself
   */
  set(key: string, value: unknown): void {
    if (this.known.includes(key) || !/^[a-z][a-z-]*$/.test(key)) {
      const problem = {
        code: 'FORGE-WF-040',
        message: `${quoted(key)} cannot be overridden`,
        allowed: `a key in lower case that is none of ${this.known.join(', ')}`,
        fix: 'use the prop of that name',
      };
      throw this.owner ? ForgeError.at(this.owner, problem) : ForgeError.of(problem);
    }
    this.values.set(key, plainData(value, `the override of ${quoted(key)}`));
  }

  /** Returns all keys, with all texts resolved. */
  resolved(resolve: (text: string) => string): Record<string, unknown> {
    return Object.fromEntries([...this.values].map(([key, value]) => [key, deep(value, resolve)]));
  }
}

function deep(value: unknown, resolve: (text: string) => string): unknown {
  if (typeof value === 'string') {
    return resolve(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => deep(item, resolve));
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, deep(inner, resolve)]));
  }
  return value;
}
