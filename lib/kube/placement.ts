import type { Affinity, PodAffinityTerm, PodSpec } from 'kubernetes-types/core/v1';
import { PodGroup } from './pod-group';

/** A processor architecture of nodes, with the value of the label `kubernetes.io/arch`. */
export enum Architecture {
  /** 64-bit x86. */
  AMD64 = 'amd64',
  /** 64-bit ARM, for example Raspberry Pi 4 and 5, Ampere, Graviton. */
  ARM64 = 'arm64',
}

/** The effect of a taint on pods that do not tolerate the taint. */
export enum TaintEffect {
  /** No scheduling of new pods on the node. */
  NO_SCHEDULE = 'NoSchedule',
  /** Scheduling of new pods on the node only as a last choice. */
  PREFER_NO_SCHEDULE = 'PreferNoSchedule',
  /** Eviction of running pods from the node. */
  NO_EXECUTE = 'NoExecute',
}

/** A toleration that allows pods to run on nodes with a specific taint. */
export interface Toleration {
  /** The key of the taint. */
  readonly key: string;

  /**
   * The value of the taint.
   *
   * @default - any value
   */
  readonly value?: string;

  /**
   * The effect of the taint.
   *
   * @default - any effect
   */
  readonly effect?: TaintEffect;
}

/** A placement rule that defines where the pods of a workload run, and their priority. */
export interface Placement {
  /**
   * The processor architecture of the nodes.
   *
   * @default - any
   */
  readonly architecture?: Architecture;

  /**
   * The labels that a node must have.
   *
   * @default - none
   */
  readonly nodeSelector?: Record<string, string>;

  /**
   * The taints that the pods tolerate.
   *
   * @default - none
   */
  readonly tolerations?: Toleration[];

  /**
   * The name of a PriorityClass.
   *
   * @default - the cluster's default class
   */
  readonly priorityClassName?: string;

  /**
   * The pods that should not share a node with these pods, if another node has capacity. For example, keep builds away
   * from the Gitea server's pods, because a build slows their disk.
   *
   * @default - none
   */
  readonly awayFrom?: PodGroup[];
}

/**
 * Returns the part of a pod spec that defines where the pod runs. `own` contains the labels of the workload's own pods.
 * If several nodes are available, these pods are spread over the nodes.
 *
 * @jsii ignore
 */
export function placementSpec(placement: Placement = {}, own?: Record<string, string>): Partial<PodSpec> {
  const nodeSelector = {
    ...(placement.architecture ? { 'kubernetes.io/arch': placement.architecture } : {}),
    ...placement.nodeSelector,
  };
  const affinity = affinityOf(placement.awayFrom ?? [], own);
  return {
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
    ...(placement.tolerations?.length ? { tolerations: placement.tolerations.map(toleration) } : {}),
    ...(placement.priorityClassName ? { priorityClassName: placement.priorityClassName } : {}),
    ...(affinity ? { affinity } : {}),
  };
}

function toleration({ key, value, effect }: Toleration) {
  return {
    key,
    operator: value === undefined ? 'Exists' : 'Equal',
    ...(value === undefined ? {} : { value }),
    ...(effect ? { effect } : {}),
  };
}

function affinityOf(awayFrom: readonly PodGroup[], own?: Record<string, string>): Affinity | undefined {
  const term = (labels: Record<string, string>, namespace?: string): PodAffinityTerm => ({
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchLabels: { ...labels } },
    ...(namespace ? { namespaces: [namespace] } : {}),
  });
  const terms = [...(own ? [term(own)] : []), ...awayFrom.map(({ labels, namespace }) => term(labels, namespace))];
  if (terms.length === 0) {
    return undefined;
  }
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: terms.map((podAffinityTerm) => ({
        weight: 100,
        podAffinityTerm,
      })),
    },
  };
}
