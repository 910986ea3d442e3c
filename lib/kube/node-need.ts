/** A setting of the kernel of a node, without which pods do not start. */
export enum NodeNeed {
  /** User namespaces, which the container runtime creates as root: `hostUsers: false` of a pod. */
  USER_NAMESPACES = 'user-namespaces',
  /** User namespaces that a program creates without root: rootless BuildKit and rootless Docker. */
  UNPRIVILEGED_USER_NAMESPACES = 'unprivileged-user-namespaces',
}
