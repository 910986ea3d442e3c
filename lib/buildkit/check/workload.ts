import { Identity, singleStorageProblems, WorkloadService } from '../../kube';
import { Problems } from '../../support';
import { BuildkitdProps } from '../buildkitd-props';
import { BuildkitTopology } from '../pod/topology';
import { isDeployment } from '../pod/workload';

/**
 * Reports an identity that the workload cannot have, and storage that its pods cannot share.
 *
 * @internal
 */
export function checkWorkload(choices: BuildkitdProps, identity: Identity, problems: Problems): void {
  const { storage, topology = BuildkitTopology.single(), placement, workload = {} } = choices;
  identity.check(isDeployment(topology, storage) ? 'Deployment' : 'StatefulSet', problems);
  singleStorageProblems([{ name: 'root', storage }], { pods: topology.replicas, placement }).forEach((problem) =>
    problems.add(problem),
  );
  if (workload.controller !== undefined) {
    problems.add({
      code: 'FORGE-KUBE-018',
      message: 'workload.controller is set, but the topology decides the controller of a Buildkitd',
      fix: 'remove workload.controller; BuildkitTopology.singleDeployment() is a Deployment',
    });
  }
  if (workload.service === WorkloadService.NONE) {
    problems.add({
      code: 'FORGE-KUBE-018',
      message: 'workload.service is NONE, but clients address buildkitd by its Service',
      fix: 'remove workload.service, or set it to the form of the Service that exists',
    });
  }
  if (topology.hasStablePods && workload.service === WorkloadService.CLUSTER_IP) {
    problems.add({
      code: 'FORGE-KUBE-018',
      message: 'workload.service is CLUSTER_IP, but clients address each buildkitd of a stable pool by its own name',
      fix: 'remove workload.service and set workload.serviceName to a headless Service; or use BuildkitTopology.pool(…)',
      symptom: 'lookup buildkitd-0.buildkitd: no such host',
    });
  }
}
