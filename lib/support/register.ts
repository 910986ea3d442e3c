import { IConstruct } from 'constructs';

const REGISTERED = 'cdk8s-forge:kind';

/**
 * A kind of construct that the model indexes, such as `ImagePolicy`. The name identifies the kind, so that constructs
 * from another copy of this library are found too.
 *
 * @jsii ignore
 */
export class ConstructKind<T> {
  /** The type of the constructs of this kind. The field exists for the compiler only and has no value. */
  declare readonly constructs: T;

  constructor(
    /** The unique name of the kind. */
    readonly name: string,
  ) {}
}

/**
 * Registers a construct, so that the model finds the construct by its kind. A construct may have several kinds.
 *
 * @jsii ignore
 */
export function register<T>(construct: IConstruct & T, kind: ConstructKind<T>): void {
  construct.node.addMetadata(REGISTERED, kind.name);
}

/**
 * Returns the names of the kinds that a construct is registered for.
 *
 * @jsii ignore
 */
export function kindsOf(construct: IConstruct): string[] {
  return construct.node.metadata.filter(({ type }) => type === REGISTERED).map(({ data }) => String(data));
}
