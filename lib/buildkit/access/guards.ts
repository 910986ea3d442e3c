import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { PodGroup } from '../../kube';
import { oneLine } from '../../support';

/**
 * Creates the PodDisruptionBudget of several BuildKit daemons.
 *
 * @internal
 */
export function protectFromDrains(daemon: Construct & { readonly name: string }, labels: Record<string, string>): void {
  new ApiObject(daemon, 'DisruptionBudget', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: daemon.name },
    // A pod that is not ready builds nothing: nothing is lost by its eviction.
    spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: labels } },
  });
}

const UNREACHABLE = {
  code: 'FORGE-BK-009',
  message: 'the daemon has no TLS, so its NetworkPolicy admits the declared clients only, and there are none',
  fix: 'pass it to a runner (Executor.host({ builder })), admit its pods (buildkitd.admit(PodGroup.ofWorkload(deployment))), or set tls',
};

/**
 * Reports, in every synth, a daemon without TLS that no client may reach.
 *
 * @internal
 */
export function requireClients(daemon: Construct, admitted: readonly PodGroup[]): void {
  daemon.node.addValidation({ validate: () => (admitted.length > 0 ? [] : [oneLine(UNREACHABLE)]) });
}
