/** The profile of a kernel confinement: seccomp or AppArmor. */
export class SecurityProfile {
  /** The profile of the container runtime. */
  static readonly RUNTIME_DEFAULT = new SecurityProfile('RuntimeDefault');

  /** No confinement. The pod needs the Pod Security level `privileged`. */
  static readonly UNCONFINED = new SecurityProfile('Unconfined');

  /**
   * Returns a profile that is on the node.
   *
   * @param name the name of the AppArmor profile, or the path of the seccomp profile below `/var/lib/kubelet/seccomp`
   */
  static localhost(name: string): SecurityProfile {
    return new SecurityProfile('Localhost', name);
  }

  private constructor(
    private readonly type: string,
    private readonly localhostProfile?: string,
  ) {}

  /** @internal */
  _render(): { type: string; localhostProfile?: string } {
    const { type, localhostProfile } = this;
    return { type, ...(localhostProfile === undefined ? {} : { localhostProfile }) };
  }
}

/** Labels of SELinux. */
export interface SeLinuxProps {
  /** The user. @default - that of the runtime */
  readonly user?: string;

  /** The role. @default - that of the runtime */
  readonly role?: string;

  /** The type, for example `container_t`. @default - that of the runtime */
  readonly type?: string;

  /** The level, for example `s0:c123,c456`. @default - that of the runtime */
  readonly level?: string;
}

/**
 * Overrides of the security context of a container. They count for the Pod Security level that the namespace must
 * enforce: `ManagedNamespace` and `PodSecurity.enforcedIn` compare it.
 */
export interface ContainerSecurityOptions {
  /**
   * The ID of the user. With 0, the container may run as root.
   *
   * @default - chosen by the workload
   */
  readonly runAsUser?: number;

  /**
   * The ID of the group.
   *
   * @default - chosen by the workload
   */
  readonly runAsGroup?: number;

  /**
   * Whether to give the container full access to the node.
   *
   * @default - chosen by the workload
   */
  readonly privileged?: boolean;

  /**
   * Whether to let programs get more rights than the container has, for example by `sudo`.
   *
   * @default - chosen by the workload
   */
  readonly allowPrivilegeEscalation?: boolean;

  /**
   * Whether to make the root file system read-only.
   *
   * @default - chosen by the workload
   */
  readonly readOnlyRootFilesystem?: boolean;

  /**
   * Capabilities that the container gets, for example `NET_ADMIN`, without the prefix `CAP_`.
   *
   * @default - none
   */
  readonly addCapabilities?: string[];

  /**
   * The seccomp profile.
   *
   * @default - chosen by the workload
   */
  readonly seccomp?: SecurityProfile;

  /**
   * The AppArmor profile. Kubernetes 1.30 or newer.
   *
   * @default - chosen by the workload
   */
  readonly appArmor?: SecurityProfile;
}

/** Overrides of the security context of a pod and of its main container. */
export interface PodSecurityOptions extends ContainerSecurityOptions {
  /**
   * The group that owns the volumes.
   *
   * @default - chosen by the workload
   */
  readonly fsGroup?: number;

  /**
   * Further groups of all processes.
   *
   * @default - none
   */
  readonly supplementalGroups?: number[];

  /**
   * Labels of SELinux.
   *
   * @default - those of the runtime
   */
  readonly seLinux?: SeLinuxProps;

  /**
   * Kernel parameters of the pod, for example `{ 'net.ipv4.ip_unprivileged_port_start': '0' }`.
   *
   * @default - none
   */
  readonly sysctls?: Record<string, string>;
}
