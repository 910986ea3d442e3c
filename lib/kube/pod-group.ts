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
