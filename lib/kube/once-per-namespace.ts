import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';

const made = new WeakMap<IConstruct, Map<string, unknown>>();

/**
 * Something that a namespace needs only once however many constructs ask for it: `make` runs for the first, the others get what it made.
 *
 * Namespaces of one name in two clusters are two namespaces: each cluster, which is a construct between the app and its charts, counts alone.
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
 * What is applied to the same cluster as a construct: everything below the outermost construct that is not a chart, or else the whole app.
 *
 * @jsii ignore
 */
export function clusterOf(construct: IConstruct): IConstruct {
  const [root, below] = construct.node.scopes;
  return below === undefined || Chart.isChart(below) ? root : below;
}
