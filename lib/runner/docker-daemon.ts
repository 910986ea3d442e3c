import { Size } from 'cdk8s';
import { Storage } from '../kube';
import { Registry } from '../registry';
import { Problems, quoted } from '../support';

/**
 * Settings of the Docker daemon that runs the jobs' containers.
 */
export interface DockerDaemonProps {
  /**
   * The registries that jobs pull from and push to; the daemon is told which of them speak plain HTTP.
   *
   * @default - none but public ones
   */
  readonly registries?: Registry[];

  /**
   * How many layers of an image are pushed at the same time.
   *
   * @default 5
   */
  readonly maxConcurrentUploads?: number;

  /**
   * How many layers of an image are pulled at the same time.
   *
   * @default 3
   */
  readonly maxConcurrentDownloads?: number;

  /**
   * Keep images in containerd's store. Multi-platform images and zstd layers need it.
   *
   * Some kernels refuse its overlay mounts inside a container (`EINVAL`, seen on Talos): switch it off there.
   *
   * @default true
   */
  readonly containerdSnapshotter?: boolean;

  /**
   * Mirrors of Docker Hub, as URLs.
   *
   * @default - none
   */
  readonly registryMirrors?: string[];

  /**
   * The largest packet of the cluster's pod network, if that is less than 1500: jobs' networks get the same. Downloads in jobs that
   * start and then stall are the sign that it is too large.
   *
   * @default - 1500, Docker's default
   */
  readonly mtu?: number;
}

/**
 * Settings of the executor with a Docker daemon beside the runner.
 */
export interface DockerExecutorProps {
  /**
   * Where the runner's identity is kept.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * The daemon's data root: images, layers, the jobs' volumes. It must be a local file system such as ext4 or xfs: overlay mounts
   * work neither on NFS, nor on another overlay, nor on a ZFS dataset.
   *
   * @default - a claim of 20 GiB of the cluster's default class
   */
  readonly layers?: Storage;

  /**
   * Settings of the daemon.
   *
   * @default - the daemon's defaults
   */
  readonly daemon?: DockerDaemonProps;

  /**
   * Whether jobs find the daemon's socket, so that `docker build` works in them. Whoever has the socket owns the daemon.
   *
   * @default true
   */
  readonly dockerInJobs?: boolean;

  /**
   * The daemon's image, with a version as tag.
   *
   * @default 'docker:29.7.1-dind'
   */
  readonly daemonImage?: string;
}

/**
 * Settings of the executor with a rootless Docker daemon.
 */
export interface RootlessDockerExecutorProps {
  /**
   * Where the runner's identity is kept.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;

  /**
   * The daemon's data root, `/home/rootless/.local/share/docker`: images, layers, the jobs' volumes. It must be a local file system
   * such as ext4 or xfs, not NFS.
   *
   * @default - a claim of 20 GiB of the cluster's default class
   */
  readonly layers?: Storage;

  /**
   * Settings of the daemon.
   *
   * @default - the daemon's defaults
   */
  readonly daemon?: DockerDaemonProps;

  /**
   * Whether jobs find the daemon's socket, so that `docker build` works in them.
   *
   * @default true
   */
  readonly dockerInJobs?: boolean;
}

/** What layers are kept on if nothing is said. */
export const DEFAULT_LAYERS = Storage.persistent(Size.gibibytes(20));

/**
 * daemon.json. Its keys are stated here and never as flags as well: the daemon refuses a setting that it finds in both places.
 */
export function daemonJson(daemon: DockerDaemonProps = {}): string {
  const snapshotter = daemon.containerdSnapshotter ?? true;
  const insecure = insecureHosts(daemon.registries ?? []);
  const settings = {
    features: { 'containerd-snapshotter': snapshotter },
    // The driver has another name in containerd's store; with the wrong one the daemon does not start.
    'storage-driver': snapshotter ? 'overlayfs' : 'overlay2',
    ...(insecure.length > 0 ? { 'insecure-registries': insecure } : {}),
    ...(daemon.registryMirrors?.length ? { 'registry-mirrors': [...daemon.registryMirrors] } : {}),
    ...(daemon.maxConcurrentUploads === undefined ? {} : { 'max-concurrent-uploads': daemon.maxConcurrentUploads }),
    ...(daemon.maxConcurrentDownloads === undefined ? {} : { 'max-concurrent-downloads': daemon.maxConcurrentDownloads }),
    // The first is for Docker's default network, the second for those that the runner makes, one for each job.
    ...(daemon.mtu === undefined ? {} : {
      mtu: daemon.mtu,
      'default-network-opts': { bridge: { 'com.docker.network.driver.mtu': String(daemon.mtu) } },
    }),
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}

/** Notes what the daemon would not take. */
export function checkDaemon(daemon: DockerDaemonProps = {}, problems: Problems): void {
  const refuse = (message: string, allowed: string) => problems.add({ code: 'FORGE-RUN-018', message, allowed, fix: 'change the value in daemon' });
  for (const [name, value] of Object.entries({ maxConcurrentUploads: daemon.maxConcurrentUploads, maxConcurrentDownloads: daemon.maxConcurrentDownloads })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= 1000)) { refuse(`daemon.${name} is ${quoted(value)}`, 'a whole number from 1 to 1000'); }
  }
  if (daemon.mtu !== undefined && !(Number.isInteger(daemon.mtu) && daemon.mtu >= 1280 && daemon.mtu <= 9000)) {
    refuse(`daemon.mtu is ${quoted(daemon.mtu)}`, 'a whole number from 1280 to 9000');
  }
  for (const mirror of daemon.registryMirrors ?? []) {
    if (!/^https?:\/\/[a-z0-9.-]+(:[0-9]+)?\/?$/.test(mirror)) { refuse(`daemon.registryMirrors holds ${quoted(mirror)}`, 'http:// or https://, a host, perhaps a port; no path'); }
  }
}

/** Notes a data root that overlay mounts do not work on. */
export function checkLayers(layers: Storage, problems: Problems): void {
  if (!layers.isNfs) { return; }
  problems.add({
    code: 'FORGE-RUN-012',
    message: `the layers are on storage class ${quoted(layers.storageClassName)}, a network file system by its name`,
    allowed: 'a class with a local or block file system: local-path, longhorn, ceph-rbd, a cloud disk',
    fix: 'give layers another class; the small state may stay where it is',
    symptom: 'failed to mount overlay: invalid argument; or: operation not supported',
  });
}

function insecureHosts(registries: readonly Registry[]): string[] {
  const hosts = registries.flatMap((registry) => registry.endpoints).filter((endpoint) => endpoint.isPlainHttp).map(({ host }) => host);
  return [...new Set(hosts)];
}
