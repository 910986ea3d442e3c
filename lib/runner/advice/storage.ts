import { Identity, NamedStorage, Placement, singleStorageProblems, Storage, storesUnder } from '../../kube';
import { Problems } from '../../support';
import { ExecutorTraits } from '../executor/plan';
import { Scaling, ScalingKind } from '../scaling/scaling';

/** Returns the storage of a runner, as far as it is known before the executor plans. */
export function storesOf({ jobStores = [], daemonStores = [] }: ExecutorTraits, state?: Storage): NamedStorage[] {
  const others = [...jobStores, ...daemonStores].map((storage, i) => ({ name: `store-${i}`, storage }));
  return [...(state ? [{ name: 'data', storage: state }] : []), ...others];
}

/** Reports an identity that the workload of a runner cannot have, and storage that its pods cannot share. */
export function checkPlace(
  { identity, scaling, stores }: { identity: Identity; scaling: Scaling; stores: readonly NamedStorage[] },
  placement: Placement | undefined,
  problems: Problems,
): void {
  const isPerJob = scaling.kind === ScalingKind.PER_JOB;
  identity.check(isPerJob ? 'ScaledJob' : identity.controller, problems);
  const pods = isPerJob ? (scaling.perJobProps?.max ?? 1) : scaling.replicas;
  singleStorageProblems(isPerJob ? stores : storesUnder(identity, stores), { pods, placement }).forEach((problem) =>
    problems.add(problem),
  );
}
