import { IConstruct } from 'constructs';

const OUTSIDE = 'cdk8s-forge:outside-cluster';

/**
 * Marks a construct whose files are for a machine outside the cluster. What the construct needs is then not written as
 * objects of the cluster.
 *
 * @jsii ignore
 */
export function markOutside(construct: IConstruct): void {
  construct.node.addMetadata(OUTSIDE, true);
}

/**
 * Returns whether a construct, or a construct above it, is for a machine outside the cluster.
 *
 * @jsii ignore
 */
export function isOutside(construct: IConstruct): boolean {
  return construct.node.scopes.some(({ node }) => node.metadata.some(({ type }) => type === OUTSIDE));
}
