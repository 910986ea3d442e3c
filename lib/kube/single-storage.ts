import { IConstruct } from 'constructs';
import { advise, oneLine, Problem, quoted } from '../support';
import { Placement } from './placement';
import { StorageKind } from './storage';
import { NamedStorage } from './volume';

/** The label with the name of a node. */
export const HOSTNAME = 'kubernetes.io/hostname';

/**
 * Returns the problem of a pod that must run on several nodes.
 *
 * @jsii ignore
 */
export function severalNodes(nodes: ReadonlySet<string>): Problem[] {
  return nodes.size <= 1
    ? []
    : [
        {
          code: 'FORGE-KUBE-020',
          message: `the pod must run on several nodes: ${[...nodes].map((node) => quoted(node)).join(', ')}`,
          fix: `keep the directories on one node, and leave ${HOSTNAME} out of placement.nodeSelector: the storage sets it`,
          symptom: "0/3 nodes are available: node(s) didn't match Pod's node affinity/selector",
        },
      ];
}

function placeOf({ storage }: NamedStorage): string {
  return storage._host === undefined
    ? `claim ${quoted(storage._claim.name)}`
    : `${quoted(storage._host.path)} of node ${quoted(storage._host.node)}`;
}

/**
 * Returns what keeps a workload from using storage that exists once: several pods, or nodes that contradict each other.
 *
 * @jsii ignore
 */
export function singleStorageProblems(
  stores: readonly NamedStorage[],
  { pods, placement = {} }: { readonly pods: number; readonly placement?: Placement },
): Problem[] {
  const single = stores.filter(({ storage }) => storage.isSingle);
  const shared = single.filter((one, i) => single.findIndex((other) => placeOf(other) === placeOf(one)) < i);
  const chosen = placement.nodeSelector?.[HOSTNAME];
  const nodes = new Set([
    ...(chosen === undefined ? [] : [chosen]),
    ...single.flatMap(({ storage: { _host } }) => (_host ? [_host.node] : [])),
  ]);
  return [
    ...(pods > 1 ? single : shared).map((one) => ({
      code: 'FORGE-KUBE-019',
      message: `${placeOf(one)} is used ${pods > 1 ? `by ${pods} pods` : 'twice'}, which would overwrite the data of each other`,
      fix: 'use one pod, or Storage.persistent(…), which has a claim for each pod',
      symptom: 'Multi-Attach error; or corrupt data',
    })),
    ...severalNodes(nodes),
  ];
}

/**
 * Returns the placement of pods, on the node with their directories.
 *
 * @jsii ignore
 */
export function placementWith(stores: readonly NamedStorage[], placement?: Placement): Placement | undefined {
  const host = stores.map(({ storage }) => storage._host).find((one) => one !== undefined);
  return host === undefined
    ? placement
    : { ...placement, nodeSelector: { ...placement?.nodeSelector, [HOSTNAME]: host.node } };
}

/**
 * Returns a warning for each directory of a node.
 *
 * @jsii ignore
 */
export function hostPathWarnings(path: string, stores: readonly NamedStorage[]): Problem[] {
  return stores
    .filter(({ storage }) => storage.kind === StorageKind.HOST_PATH)
    .map((one) => ({
      code: 'FORGE-KUBE-021',
      path,
      message: `the pod writes to ${placeOf(one)}, so its namespace must admit privileged pods, and every pod of the namespace can then ask for the whole node`,
      fix: 'give the workload a namespace of its own; or move the data to a claim: Storage.persistent(…)',
    }));
}

/**
 * Adds the warnings of directories of nodes to the runbook.
 *
 * @jsii ignore
 */
export function warnOfHostPaths(construct: IConstruct, stores: readonly NamedStorage[]): void {
  const warnings = hostPathWarnings(construct.node.path, stores).map(oneLine);
  if (warnings.length > 0) {
    advise(construct, () => ({ warnings }));
  }
}
