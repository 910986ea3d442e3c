import { Size } from 'cdk8s';
import type { ResourceRequirements } from 'kubernetes-types/core/v1';
import { quantity } from './storage';

/**
 * What a container asks for, and what it may use at most. CPU is counted in thousandths of a core.
 */
export interface Resources {
  /**
   * CPU that is set aside, in thousandths of a core.
   *
   * @default - what the construct states
   */
  readonly cpuRequestMillis?: number;

  /**
   * CPU that it may use at most, in thousandths of a core.
   *
   * @default - no limit: idle CPU is free to use
   */
  readonly cpuLimitMillis?: number;

  /**
   * Memory that is set aside.
   *
   * @default - what the construct states
   */
  readonly memoryRequest?: Size;

  /**
   * Memory that it may use at most; it is killed when it needs more.
   *
   * @default - what the construct states
   */
  readonly memoryLimit?: Size;

  /**
   * Space on the node's disk that is set aside: logs, and emptyDirs on disk.
   *
   * @default - what the construct states
   */
  readonly ephemeralStorageRequest?: Size;

  /**
   * Space on the node's disk that it may use at most; the pod is evicted when it needs more.
   *
   * @default - what the construct states
   */
  readonly ephemeralStorageLimit?: Size;
}

/**
 * The `resources` of a container: what the user gave, over what the construct states.
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
