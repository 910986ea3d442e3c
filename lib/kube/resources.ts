import { Size } from 'cdk8s';
import type { ResourceRequirements } from 'kubernetes-types/core/v1';
import { quantity } from './storage';

/** A set of resource requests and limits that apply to a container. CPU is measured in thousandths of a core. */
export interface Resources {
  /**
   * The CPU request, in thousandths of a core.
   *
   * @default - what the construct states
   */
  readonly cpuRequestMillis?: number;

  /**
   * The CPU limit, in thousandths of a core.
   *
   * @default - no limit: idle CPU is free to use
   */
  readonly cpuLimitMillis?: number;

  /**
   * The memory request.
   *
   * @default - what the construct states
   */
  readonly memoryRequest?: Size;

  /**
   * The memory limit. If the container needs more, the container is killed.
   *
   * @default - what the construct states
   */
  readonly memoryLimit?: Size;

  /**
   * The request for space on the node's disk, for logs and emptyDirs on disk.
   *
   * @default - what the construct states
   */
  readonly ephemeralStorageRequest?: Size;

  /**
   * The limit for space on the node's disk. If the pod needs more, the pod is evicted.
   *
   * @default - what the construct states
   */
  readonly ephemeralStorageLimit?: Size;
}

/**
 * Returns the `resources` of a container. Values that the user sets override the values of the construct.
 *
 * @jsii ignore
 */
export function resourceRequirements(given: Resources | undefined, defaults: Resources): ResourceRequirements {
  const chosen = { ...defaults, ...stated(given ?? {}) };
  const requests = present({
    cpu: millis(chosen.cpuRequestMillis),
    memory: bytes(chosen.memoryRequest),
    'ephemeral-storage': bytes(chosen.ephemeralStorageRequest),
  });
  const limits = present({
    cpu: millis(chosen.cpuLimitMillis),
    memory: bytes(chosen.memoryLimit),
    'ephemeral-storage': bytes(chosen.ephemeralStorageLimit),
  });
  return {
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}

function stated<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function present(values: Record<string, string | undefined>): Record<string, string> {
  return stated(values) as Record<string, string>;
}

function millis(value: number | undefined): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  return value % 1000 === 0 ? String(value / 1000) : `${value}m`;
}

function bytes(size: Size | undefined): string | undefined {
  return size === undefined ? undefined : quantity(size);
}
