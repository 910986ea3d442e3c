import { IConstruct } from 'constructs';

const omitted = new WeakMap<IConstruct, () => boolean>();

/**
 * Leaves a construct out of the output while a condition holds. A cluster creates the objects of all its layers, so that
 * they can be changed before synthesis. Only the objects of layers with content are emitted.
 *
 * @jsii ignore
 */
export function omitWhile(construct: IConstruct, condition: () => boolean): void {
  omitted.set(construct, condition);
}

/**
 * Returns whether a construct, with everything below it, is left out of the output.
 *
 * @jsii ignore
 */
export function isOmitted(construct: IConstruct): boolean {
  return omitted.get(construct)?.() ?? false;
}
