import { IConstruct } from 'constructs';

/**
 * Returns constructs in the order of their paths.
 *
 * @jsii ignore
 */
export function byPath<T extends IConstruct>(constructs: readonly T[]): T[] {
  return [...constructs].sort((a, b) => (a.node.path < b.node.path ? -1 : 1));
}
