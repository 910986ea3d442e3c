import type { PodSpec, SecurityContext } from 'kubernetes-types/core/v1';

/** What differs between the modes; all of it moves together. */
interface ModeFacts {
  readonly name: string;
  readonly imageSuffix: string;
  readonly configFolder: string;
  readonly rootDirectory: string;
  readonly socket: string;
  readonly minimumVersion: string;
  readonly isRootlessWorker: boolean;
  readonly pod: Partial<PodSpec>;
  readonly container: SecurityContext;
}

/** Paths of a daemon that believes to be root. */
const ROOTFUL = {
  imageSuffix: '',
  configFolder: '/etc/buildkit',
  rootDirectory: '/var/lib/buildkit',
  socket: 'unix:///run/buildkit/buildkitd.sock',
};

/**
 * How much of the node a BuildKit daemon is given. One choice moves image, paths, user and security context.
 *
 * All three need a namespace that enforces the Pod Security level `privileged`: what the lower levels forbid (an unconfined seccomp
 * profile, `privileged: true`) is what building images takes. The mode decides what a build that breaks out finds.
 *
 * @example
 *
 * BuildkitMode.rootless();
 */
export class BuildkitMode {
  /**
   * As user 1000, in a user namespace that the daemon makes itself; seccomp and AppArmor unconfined, nothing privileged.
   *
   * A build that breaks out is an ordinary user of the node. Needs of the node: Linux 5.11 for overlayfs, unprivileged user
   * namespaces (`user.max_user_namespaces` > 0; Ubuntu 24.04 and newer: `kernel.apparmor_restrict_unprivileged_userns=0`), and a
   * file system for the layers that is not overlayfs. Builds share the pod's network and see each other's processes.
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
   * As root of a user namespace that Kubernetes makes (`hostUsers: false`); `privileged: true` holds inside it only.
   *
   * A build that breaks out is nobody on the node. Needs: Kubernetes 1.33, Linux 6.3, containerd 2.0 with runc 1.2 (or crun 1.9), and
   * file systems with id-mapped mounts under every volume. Containerd 1.6 and older ignore `hostUsers: false` without a word: the
   * pod is then truly privileged.
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
      pod: { hostUsers: false },
      container: { privileged: true },
    });
  }

  /**
   * As root of the node: the fastest, and on any kernel. A build that breaks out owns the node: give it nodes of its own, and only
   * Dockerfiles that you would run as root.
   */
  static privileged(): BuildkitMode {
    return new BuildkitMode({
      ...ROOTFUL,
      name: 'privileged',
      minimumVersion: '0.28',
      isRootlessWorker: false,
      pod: {},
      container: { privileged: true },
    });
  }

  /** `rootless`, `userNamespace` or `privileged`. */
  readonly name: string;
  /** What is appended to the image's tag. */
  readonly imageSuffix: string;
  /** Where buildkitd.toml is. */
  readonly configFolder: string;
  /** Where layers, caches and the daemon's databases are. */
  readonly rootDirectory: string;
  /** The socket that probes use. */
  readonly socket: string;
  /** The first release in which the mode can be relied upon, `major.minor`. */
  readonly minimumVersion: string;

  private constructor(private readonly facts: ModeFacts) {
    this.name = facts.name;
    this.imageSuffix = facts.imageSuffix;
    this.configFolder = facts.configFolder;
    this.rootDirectory = facts.rootDirectory;
    this.socket = facts.socket;
    this.minimumVersion = facts.minimumVersion;
  }

  /** Whether the daemon runs without root on the node by its own means. */
  get isRootless(): boolean {
    return this.name === 'rootless';
  }

  /** Whether the daemon's worker runs in a user namespace. */
  get isRootlessWorker(): boolean {
    return this.facts.isRootlessWorker;
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
