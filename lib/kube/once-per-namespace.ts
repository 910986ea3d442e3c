import { IConstruct } from 'constructs';
import { kindsOf } from '../support';

const made = new WeakMap<IConstruct, Map<string, unknown>>();

/**
 * Returns an object that a namespace needs only once, regardless of how many constructs request it. `make` runs for the
 * first construct. The other constructs get the result of that call.
 *
 * Namespaces with the same name in two clusters are separate namespaces. Each cluster is counted separately, whatever
 * constructs are between the app, the cluster and its charts.
 *
 * @jsii ignore
 */
export function oncePerNamespace<T>(
  construct: IConstruct,
  what: { readonly namespace: string; readonly key: string },
  make: () => T,
): T {
  const boundary = clusterOf(construct);
  const known = made.get(boundary) ?? new Map<string, unknown>();
  made.set(boundary, known);
  const key = `${what.namespace}/${what.key}`;
  if (!known.has(key)) {
    known.set(key, make());
  }
  return known.get(key) as T;
}

/**
 * Returns the scope of all constructs that are applied to the same cluster as a construct. The scope is the construct
 * that is registered as a `Cluster`, or else the whole app.
 *
 * @jsii ignore
 */
export function clusterOf(construct: IConstruct): IConstruct {
  const { scopes } = construct.node;
  return scopes.find((scope) => kindsOf(scope).includes('Cluster')) ?? scopes[0];
}
