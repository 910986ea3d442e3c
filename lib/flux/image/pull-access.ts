import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Registry } from '../../registry';

const REQUEST = 'cdk8s-forge:pull-access';

/**
 * A request that pods of a ServiceAccount can pull from a registry.
 *
 * @jsii ignore
 */
export interface PullRequest {
  /** The registry that the pods pull from. */
  readonly registry: Registry;
  /** The name of the ServiceAccount that the pods run as. */
  readonly serviceAccount: string;
  /** The namespace of the pods. @default - the namespace of the construct's chart */
  readonly namespace?: string;
}

/**
 * Requests pull access for the pods of a ServiceAccount, regardless of what creates the pods. Synthesis collects all
 * requests and creates one object for each account, in the earliest deployment layer that needs the account.
 *
 * @jsii ignore
 */
export function requestPull(construct: IConstruct, request: PullRequest): void {
  construct.node.addMetadata(REQUEST, { ...request, namespace: request.namespace ?? Chart.of(construct).namespace });
}

/**
 * Returns the requests for pull access that were made at a construct itself.
 *
 * @jsii ignore
 */
export function pullRequestsAt(construct: IConstruct): PullRequest[] {
  return construct.node.metadata.filter(({ type }) => type === REQUEST).map(({ data }) => data as PullRequest);
}
