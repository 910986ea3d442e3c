import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';

const made = new WeakMap<IConstruct, Map<string, unknown>>();

/**
 * Returns an object that a namespace needs only once, regardless of how many constructs request it. `make` runs for the
 * first construct. The other constructs get the result of that call.
 *
 * Namespaces with the same name in two clusters are separate namespaces. Each cluster, which is a construct between the
 * app and its charts, is counted separately.
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
 * Returns the scope of all constructs that are applied to the same cluster as a construct. The scope is the outermost
 * construct that is not a chart, or else the whole app.
 *
 * @jsii ignore
 */
export function clusterOf(construct: IConstruct): IConstruct {
  const [root, below] = construct.node.scopes;
  return below === undefined || Chart.isChart(below) ? root : below;
}
