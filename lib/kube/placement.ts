import type { Affinity, PodAffinityTerm, PodSpec } from 'kubernetes-types/core/v1';
import { PodGroup } from './pod-group';

/** A processor architecture of nodes, as the label `kubernetes.io/arch` names it. */
export enum Architecture {
  /** 64-bit x86. */
  AMD64 = 'amd64',
  /** 64-bit ARM: Raspberry Pi 4 and 5, Ampere, Graviton. */
  ARM64 = 'arm64',
}

/** What a taint does to pods that do not tolerate it. */
export enum TaintEffect {
  /** New pods are not scheduled. */
  NO_SCHEDULE = 'NoSchedule',
  /** New pods are scheduled there last. */
  PREFER_NO_SCHEDULE = 'PreferNoSchedule',
  /** Running pods are evicted. */
  NO_EXECUTE = 'NoExecute',
}

/**
 * A taint that pods put up with.
 */
export interface Toleration {
  /** Key of the taint. */
  readonly key: string;

  /**
   * Its value.
   *
   * @default - any value
   */
  readonly value?: string;

  /**
   * Its effect.
   *
   * @default - any effect
   */
  readonly effect?: TaintEffect;
}

/**
 * Where the pods of a workload run, and how important they are.
 */
export interface Placement {
  /**
   * The architecture of the nodes.
   *
   * @default - any
   */
  readonly architecture?: Architecture;

  /**
   * Labels that a node must bear.
   *
   * @default - none
   */
  readonly nodeSelector?: Record<string, string>;

  /**
   * Taints that the pods put up with.
   *
   * @default - none
   */
  readonly tolerations?: Toleration[];

  /**
   * Name of a PriorityClass.
   *
   * @default - the cluster's default class
   */
  readonly priorityClassName?: string;

  /**
   * Pods that these should not share a node with, if another node has room: e.g. those of the Gitea server, whose disk a build would slow.
   *
   * @default - none
   */
  readonly awayFrom?: PodGroup[];
}

/**
 * The part of a pod that says where it runs. `own` are the labels of the workload's own pods, which are spread over nodes where
 * there is a choice.
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
