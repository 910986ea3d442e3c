import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { kindsOf } from '../support';

/** An object that was made once, with the constructs that asked for the object. */
interface Shared {
  readonly value: unknown;
  readonly requesters: Set<IConstruct>;
}

const made = new WeakMap<IConstruct, Map<string, Shared>>();
const requests = new WeakMap<object, Set<IConstruct>>();

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
  const known = made.get(boundary) ?? new Map<string, Shared>();
  made.set(boundary, known);
  const key = `${what.namespace}/${what.key}`;
  if (!known.has(key)) {
    const before = new Set(contentsAround(construct));
    const requesters = new Set<IConstruct>();
    known.set(key, { value: make(), requesters });
    contentsAround(construct)
      .filter((content) => !before.has(content))
      .forEach((content) => requests.set(content, requesters));
  }
  const shared = known.get(key)!;
  shared.requesters.add(construct);
  return shared.value as T;
}

/**
 * Returns the constructs that asked for an object or a pass-through manifest that is made once for all of them. Such an
 * object must be applied as early as the earliest of the constructs needs it.
 *
 * @jsii ignore
 */
export function requestersOf(content: object): readonly IConstruct[] {
  return [...(requests.get(content) ?? [])];
}

/** Returns the objects and metadata that a construct can add for a namespace: its own, and those of its chart. */
function contentsAround(construct: IConstruct): object[] {
  const chart = construct.node.scopes.filter((scope) => Chart.isChart(scope)).pop();
  const scopes = chart === undefined || chart === construct ? [construct] : [construct, chart];
  return scopes.flatMap(({ node }) => [
    ...node.children,
    ...node.metadata
      .map(({ data }) => data as unknown)
      .filter((data): data is object => typeof data === 'object' && data !== null),
  ]);
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
