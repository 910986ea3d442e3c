/** The place in which a Docker daemon runs that is started inside a container. */
const NESTED = ['docker', 'docker-rootless'];

/** A combination that does not work. */
export interface BrokenWay {
  /** The verbatim symptoms. */
  readonly symptoms: readonly string[];
  /** The reason. */
  readonly reason: string;
  /** The choices that work there instead. */
  readonly works: string;
}

/** The facts about a kind of machine. */
export interface ProfileFacts {
  /** The name of the profile. */
  readonly name: string;
  /** The machine, in a few words. */
  readonly machine: string;
  /** The program that runs services; undefined if there is none. */
  readonly services?: 'systemd' | 'launchd';
  /** Reports whether a container finds the machine under `host.docker.internal` without a setting. */
  readonly namesHost: boolean;
  /** The engine of the machine, unless it is the Docker of the system. */
  readonly engine?: 'docker-desktop' | 'podman';
  /** The executors that do not work, with their symptoms. */
  readonly executors: Readonly<Record<string, BrokenWay>>;
  /** The Docker daemon of the machine itself, if it does not work. */
  readonly daemon?: BrokenWay;
}

function eachNested(broken: BrokenWay): Record<string, BrokenWay> {
  return Object.fromEntries(NESTED.map((name) => [name, broken]));
}

const PODMAN_NESTED: BrokenWay = {
  symptoms: [
    'failed to register layer: exit status 1: unpigz: skipping: <stdin>: corrupted -- incomplete deflate data',
    'failed to register layer: lgetxattr security.capability',
    'error initializing graphdriver: error changing permissions on file for metacopy check: network dropped connection on reset: overlay2',
    'failed to create container: mount callback failed on /tmp/containerd-mount',
  ],
  reason:
    'the layers of a Docker daemon inside a Podman container are on virtiofs, which has neither overlay mounts nor all extended attributes; in memory (tmpfs) they take the memory of all other containers',
  works:
    'HostBuild, which builds directly on the machine; or Executor.host(), whose jobs use a BuildKit daemon elsewhere',
};

const NESTED_OVERLAY: BrokenWay = {
  symptoms: [
    'mount source: "overlay", target: "/var/lib/docker/buildkit/containerd-overlayfs", fstype: overlay, err: invalid argument',
  ],
  reason:
    'the root file system of the pod is an overlay, and the kernel does not mount an overlay on an overlay; fuse-overlayfs needs /dev/fuse and settings of the daemon, and vfs copies every layer',
  works:
    'a Buildkitd in the cluster (Executor.host({ builder: buildkitd }), or BuildxDriver.remote(buildkitd)), whose layers are on a volume; or a HostedRunner of GitHub',
};

const IN_A_POD: BrokenWay = {
  symptoms: ["System has not been booted with systemd as init system (PID 1). Can't operate."],
  reason: 'a pod has no service manager that starts a runner again',
  works: 'Runner, which deploys the runner as a workload of the cluster',
};

const POD: Omit<ProfileFacts, 'name' | 'machine'> = {
  namesHost: false,
  executors: { ...eachNested(NESTED_OVERLAY), host: IN_A_POD, 'external-docker': IN_A_POD },
  daemon: NESTED_OVERLAY,
};

/** All profiles, as the only table of what works where. A row is a fact that an operator measured. */
export const PROFILES = {
  linux: { name: 'linux', machine: 'Linux with Docker', services: 'systemd', namesHost: false, executors: {} },
  dockerDesktop: {
    name: 'docker-desktop',
    machine: 'macOS with Docker Desktop',
    services: 'launchd',
    engine: 'docker-desktop',
    namesHost: true,
    executors: {},
  },
  podmanMacos: {
    name: 'podman-macos',
    machine: 'macOS with Podman',
    services: 'launchd',
    engine: 'podman',
    namesHost: true,
    executors: eachNested(PODMAN_NESTED),
  },
  lxc: { name: 'lxc', machine: 'an LXC container with nesting', services: 'systemd', namesHost: false, executors: {} },
  k3sPod: { name: 'k3s-pod', machine: 'a pod on k3s', ...POD },
  devpod: { name: 'devpod', machine: 'a development environment in a pod', ...POD },
} satisfies Record<string, ProfileFacts>;
