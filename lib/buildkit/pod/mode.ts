import type { PodSpec, SecurityContext } from 'kubernetes-types/core/v1';
import { NodeNeed } from '../../kube';

/** A set of facts that differ between the modes and always change together. */
interface ModeFacts {
  readonly name: string;
  readonly imageSuffix: string;
  readonly configFolder: string;
  readonly rootDirectory: string;
  readonly socket: string;
  readonly minimumVersion: string;
  readonly isRootlessWorker: boolean;
  readonly nodeNeeds: NodeNeed[];
  readonly pod: Partial<PodSpec>;
  readonly container: SecurityContext;
}

/** Paths of a buildkitd that runs as root, on the node or in a user namespace. */
const ROOTFUL = {
  imageSuffix: '',
  configFolder: '/etc/buildkit',
  rootDirectory: '/var/lib/buildkit',
  socket: 'unix:///run/buildkit/buildkitd.sock',
};

/**
 * A mode that defines the privileges of a buildkitd on the node. The mode determines the image, paths, user and
 * security context.
 *
 * All three modes need a namespace that enforces the Pod Security level `privileged`. The lower levels forbid settings
 * that image builds require (an unconfined seccomp profile, `privileged: true`). The mode determines the privileges of
 * a build that escapes its container.
 *
 * @example
 *
 * BuildkitMode.rootless();
 */
export class BuildkitMode {
  /**
   * Creates a mode that runs as user 1000, in a user namespace that buildkitd creates itself. seccomp and AppArmor are
   * unconfined, and nothing is privileged.
   *
   * A build that escapes is an ordinary user of the node. Node requirements: Linux 5.11 for overlayfs, unprivileged
   * user namespaces (`user.max_user_namespaces` > 0; Ubuntu 24.04 and newer:
   * `kernel.apparmor_restrict_unprivileged_userns=0`), and a file system for the layers that is not overlayfs. Builds
   * share the pod's network and can see each other's processes.
   *
   * @see https://github.com/moby/buildkit/blob/v0.32.2/docs/rootless.md
   */
  static rootless(): BuildkitMode {
    return new BuildkitMode({
      name: 'rootless',
      imageSuffix: '-rootless',
      configFolder: '/home/user/.config/buildkit',
      rootDirectory: '/home/user/.local/share/buildkit',
      socket: 'unix:///run/user/1000/buildkit/buildkitd.sock',
      minimumVersion: '0.17',
      isRootlessWorker: true,
      nodeNeeds: [NodeNeed.UNPRIVILEGED_USER_NAMESPACES],
      pod: {
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          runAsGroup: 1000,
          fsGroup: 1000,
          fsGroupChangePolicy: 'OnRootMismatch',
        },
      },
      // allowPrivilegeEscalation stays unset, that is true: newuidmap is a setuid program.
      container: { seccompProfile: { type: 'Unconfined' }, appArmorProfile: { type: 'Unconfined' } },
    });
  }

  /**
   * Creates a mode that runs as root of a user namespace that Kubernetes creates (`hostUsers: false`). `privileged:
   * true` applies only inside that namespace.
   *
   * A build that escapes is an unprivileged user on the node. Requirements: Kubernetes 1.33, Linux 6.3, containerd 2.0
   * with runc 1.2 (or crun 1.9), and file systems with id-mapped mounts under every volume. containerd 1.6 and older
   * silently ignore `hostUsers: false`: the pod is then fully privileged.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
   */
  static userNamespace(): BuildkitMode {
    return new BuildkitMode({
      ...ROOTFUL,
      name: 'userNamespace',
      minimumVersion: '0.21',
      // What the daemon finds out for itself inside a user namespace, stated.
      isRootlessWorker: true,
      nodeNeeds: [NodeNeed.USER_NAMESPACES],
      pod: { hostUsers: false },
      container: { privileged: true },
    });
  }

  /**
   * Creates a mode that runs as root of the node. This mode is the fastest, and runs on any kernel. A build that
   * escapes controls the node. Use dedicated nodes, and build only Dockerfiles that you would run as root.
   */
  static privileged(): BuildkitMode {
    return new BuildkitMode({
      ...ROOTFUL,
      name: 'privileged',
      minimumVersion: '0.28',
      isRootlessWorker: false,
      nodeNeeds: [],
      pod: {},
      container: { privileged: true },
    });
  }

  /** Name of the mode: `rootless`, `userNamespace` or `privileged`. */
  readonly name: string;
  /** Suffix of the image's tag. */
  readonly imageSuffix: string;
  /** Directory of buildkitd.toml. */
  readonly configFolder: string;
  /** Directory of layers, caches and buildkitd's databases. */
  readonly rootDirectory: string;
  /** Unix socket that probes use. */
  readonly socket: string;
  /** First release that reliably supports the mode, `major.minor`. */
  readonly minimumVersion: string;

  private constructor(private readonly facts: ModeFacts) {
    this.name = facts.name;
    this.imageSuffix = facts.imageSuffix;
    this.configFolder = facts.configFolder;
    this.rootDirectory = facts.rootDirectory;
    this.socket = facts.socket;
    this.minimumVersion = facts.minimumVersion;
  }

  /** Reports whether buildkitd itself runs without root on the node. */
  get isRootless(): boolean {
    return this.name === 'rootless';
  }

  /** Reports whether buildkitd's worker runs in a user namespace. */
  get isRootlessWorker(): boolean {
    return this.facts.isRootlessWorker;
  }

  /** Settings of the kernel that buildkitd needs on its node. */
  get nodeNeeds(): NodeNeed[] {
    return [...this.facts.nodeNeeds];
  }

  /** @internal */
  _pod(): Partial<PodSpec> {
    return structuredClone(this.facts.pod);
  }

  /** @internal */
  _securityContext(): SecurityContext {
    return structuredClone(this.facts.container);
  }
}
