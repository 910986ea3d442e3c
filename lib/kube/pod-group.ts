/**
 * Pods, told by their labels.
 */
export interface PodGroup {
  /** Labels that all of them bear. */
  readonly labels: Record<string, string>;

  /**
   * The namespace that they are in.
   *
   * @default - the namespace of what refers to them
   */
  readonly namespace?: string;
}

/**
 * What `kubectl --selector` takes: pods that bear all of these labels.
 *
 * @jsii ignore
 */
export function labelSelector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
