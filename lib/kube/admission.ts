import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { NetworkPolicyPeer, NetworkPolicySpec } from 'kubernetes-types/networking/v1';
import { lazily, namespaceOf } from '../support';
import { PodGroup } from './pod-group';

/** A port that only the listed pods may reach. Pods that are added later also count. */
interface Door {
  readonly port: number;
  readonly admitted: readonly PodGroup[];
  /** Further peers, for example networks. */
  readonly peers?: readonly NetworkPolicyPeer[];
  /** Whether to admit everybody, inside the cluster and outside. */
  readonly isOpen?: boolean;
}

/**
 * Creates a NetworkPolicy that admits the given pods to the given ports, and blocks all other access.
 *
 * @jsii ignore
 */
export function admitOnly(
  daemon: Construct & { readonly name: string },
  labels: Record<string, string>,
  doors: readonly Door[],
): void {
  const namespace = namespaceOf(daemon);
  new ApiObject(daemon, 'NetworkPolicy', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: daemon.name },
    spec: lazily((): NetworkPolicySpec => ({
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress'],
      // An empty `from` would admit everybody: a door without visitors is left out.
      ingress: doors
        .map((door) => ({
          ...door,
          from: [...door.admitted.map((pods) => peer(pods, namespace)), ...(door.peers ?? [])],
        }))
        .filter(({ from, isOpen }) => isOpen || from.length > 0)
        .map(({ port, from, isOpen }) => ({ ...(isOpen ? {} : { from }), ports: [{ port, protocol: 'TCP' }] })),
    })),
  });
}

function peer({ labels, namespace }: PodGroup, own: string): NetworkPolicyPeer {
  return {
    podSelector: { matchLabels: { ...labels } },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace ?? own } },
  };
}
