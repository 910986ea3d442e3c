import { IConstruct } from 'constructs';

const ADVICE = 'cdk8s-forge:advice';

/**
 * What a construct has to tell the operator; the runbook says it.
 *
 * @jsii ignore
 */
export interface Advice {
  /** What must be reachable beside the forge and the registries: addresses of actions, `docker://` images. */
  readonly reaches?: string[];
  /** What works, but perhaps not as meant. */
  readonly warnings?: string[];
}

/**
 * Leaves word for the operator at a construct. It is asked for when the tree is complete.
 *
 * @jsii ignore
 */
export function advise(construct: IConstruct, produce: () => Advice): void {
  construct.node.addMetadata(ADVICE, produce);
}

/**
 * What has been left at a construct.
 *
 * @jsii ignore
 */
export function adviceAt(construct: IConstruct): Advice[] {
  return construct.node.metadata.filter((entry) => entry.type === ADVICE).map((entry) => (entry.data as () => Advice)());
}
