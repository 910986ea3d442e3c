/** A group of pods that is selected by labels. */
export interface PodGroup {
  /** The labels that all pods of the group have. */
  readonly labels: Record<string, string>;

  /**
   * The namespace of the pods.
   *
   * @default - the namespace of what refers to them
   */
  readonly namespace?: string;
}

/**
 * Returns the value of `kubectl --selector` for pods that have all of these labels.
 *
 * @jsii ignore
 */
export function labelSelector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
