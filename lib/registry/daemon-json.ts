import { ForgeError, Problem, Problems, quoted } from '../support';
import { Endpoint } from './endpoint';
import { HostSettings, hostSettings } from './host-settings';
import { Registry } from './registry';

/**
 * Settings of a Docker daemon.
 */
export interface DaemonJsonProps {
  /**
   * The registries that it pulls from and pushes to. Those with plain HTTP become `insecure-registries`: here and nowhere else, because
   * dockerd refuses to start when a flag and the file both say it.
   *
   * @default - none
   */
  readonly registries?: Registry[];

  /**
   * Mirrors of Docker Hub. The daemon knows mirrors of no other registry.
   *
   * @default - none
   */
  readonly dockerHubMirrors?: Endpoint[];

  /**
   * How many layers of one push are uploaded at a time.
   *
   * @default - Docker's own: 5
   */
  readonly maxConcurrentUploads?: number;

  /**
   * How many layers of one pull are downloaded at a time.
   *
   * @default - Docker's own: 3
   */
  readonly maxConcurrentDownloads?: number;

  /**
   * Whether images are kept by containerd's snapshotter rather than by a storage driver. Multi-platform images and zstd layers need it.
   *
   * @default - Docker's own, which differs by version
   */
  readonly containerdSnapshotter?: boolean;

  /**
   * The storage driver or, with `containerdSnapshotter`, the snapshotter.
   *
   * @default - what the daemon finds to work
   */
  readonly storageDriver?: string;

  /**
   * Addresses of DNS servers for containers.
   *
   * @default - those of the machine
   */
  readonly dns?: string[];

  /**
   * The largest packet of containers' networks in bytes. In a pod it must be no larger than the pod's own.
   *
   * @default - 1500
   */
  readonly mtu?: number;

  /**
   * Where it keeps its data.
   *
   * @default - Docker's own
   */
  readonly dataRoot?: string;
}

const DRIVERS = ['overlay2', 'fuse-overlayfs', 'btrfs', 'zfs', 'vfs'];
const SNAPSHOTTERS = ['overlayfs', 'fuse-overlayfs', 'native', 'btrfs', 'zfs'];

/** Where the daemon looks for the certificate of a registry's authority. */
const CERTS = 'certs.d';

/**
 * daemon.json of a Docker daemon.
 *
 * @see https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file
 *
 * @example
 *
 * new DaemonJson({ registries: [registry], maxConcurrentUploads: 10, containerdSnapshotter: true }).render();
 */
export class DaemonJson {
  private readonly hosts: HostSettings[];
  private readonly props: DaemonJsonProps;

  /**
   * @throws FORGE-REG-009 if the daemon would refuse a setting
   */
  constructor(props: DaemonJsonProps) {
    this.props = {
      ...props,
      registries: [...(props.registries ?? [])],
      dns: props.dns && [...props.dns],
      dockerHubMirrors: props.dockerHubMirrors && [...props.dockerHubMirrors],
    };
    this.hosts = hostSettings(this.props.registries ?? []);
    check(props);
  }

  /** The text of the file. */
  render(): string {
    return JSON.stringify(this._toJson(), null, 2) + '\n';
  }

  /** Where the certificates of each host's private authority must lie, below `/etc/docker` (rootless: `~/.config/docker`): `certs.d/<host>/ca.crt`. */
  get certificateFiles(): Record<string, string> {
    return Object.fromEntries(
      this.hosts.flatMap(({ host, caBundle }) => (caBundle ? [[host, `${CERTS}/${host}/ca.crt`]] : [])),
    );
  }

  /**
   * The file as an object, in the daemon's own keys.
   *
   * @internal
   */
  _toJson(): Record<string, unknown> {
    const {
      dockerHubMirrors,
      dns,
      maxConcurrentUploads,
      maxConcurrentDownloads,
      containerdSnapshotter,
      storageDriver,
      mtu,
      dataRoot,
    } = this.props;
    const insecure = this.hosts.filter((host) => host.plainHttp).map(({ host }) => host);
    return withoutUndefined({
      'data-root': dataRoot,
      features: containerdSnapshotter === undefined ? undefined : { 'containerd-snapshotter': containerdSnapshotter },
      'storage-driver': storageDriver,
      'insecure-registries': insecure.length > 0 ? insecure : undefined,
      'registry-mirrors': dockerHubMirrors?.length ? dockerHubMirrors.map((mirror) => mirror.url) : undefined,
      'max-concurrent-uploads': maxConcurrentUploads,
      'max-concurrent-downloads': maxConcurrentDownloads,
      dns: dns?.length ? dns : undefined,
      mtu: mtu,
      // `mtu` alone reaches the default bridge only; networks that jobs make for themselves take this one.
      'default-network-opts':
        mtu === undefined ? undefined : { bridge: { 'com.docker.network.driver.mtu': String(mtu) } },
    });
  }

  /**
   * The hosts that the daemon is configured for.
   *
   * @internal
   */
  get _hosts(): HostSettings[] {
    return [...this.hosts];
  }
}

function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

type Report = (problem: Omit<Problem, 'code'>) => void;

function check(props: DaemonJsonProps): void {
  const problems = new Problems();
  const bad: Report = (problem) => problems.add({ code: 'FORGE-REG-009', ...problem });
  checkNumber(bad, {
    name: 'maxConcurrentUploads',
    value: props.maxConcurrentUploads,
    from: 1,
    to: 1000,
    fix: 'try 5; 1 for a registry that gets stuck',
  });
  checkNumber(bad, {
    name: 'maxConcurrentDownloads',
    value: props.maxConcurrentDownloads,
    from: 1,
    to: 1000,
    fix: 'try 3',
  });
  checkNumber(bad, {
    name: 'mtu',
    value: props.mtu,
    from: 576,
    to: 65535,
    fix: "take the pod's own: cat /sys/class/net/eth0/mtu",
  });
  (props.dns ?? [])
    .filter((address) => !isIpv4(address))
    .forEach((address) =>
      bad({
        message: `${quoted(address)} is not an IPv4 address`,
        fix: 'give the address of a DNS server, not its name',
      }),
    );
  if (props.dataRoot !== undefined && !/^(\/[A-Za-z0-9._-]+)+$/.test(props.dataRoot)) {
    bad({ message: `dataRoot ${quoted(props.dataRoot)} is not an absolute path`, fix: "write e.g. '/var/lib/docker'" });
  }
  checkDriver(props, bad);
  problems.throwIfAny();
}

function checkNumber(
  bad: Report,
  { name, value, from, to, fix }: { name: string; value: number | undefined; from: number; to: number; fix: string },
): void {
  if (value === undefined || (Number.isInteger(value) && value >= from && value <= to)) {
    return;
  }
  bad({ message: `${name} is ${value}`, allowed: `a whole number from ${from} to ${to}`, fix });
}

function isIpv4(address: string): boolean {
  return /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && address.split('.').every((part) => Number(part) <= 255);
}

function checkDriver({ storageDriver, containerdSnapshotter }: DaemonJsonProps, bad: Report): void {
  if (storageDriver === undefined) {
    return;
  }
  const known = containerdSnapshotter ? SNAPSHOTTERS : DRIVERS;
  if (known.includes(storageDriver)) {
    return;
  }
  bad({
    message: `${quoted(storageDriver)} is no ${containerdSnapshotter ? 'snapshotter of containerd' : 'storage driver'}`,
    allowed: known.join(', '),
    fix:
      storageDriver === 'overlay2' && containerdSnapshotter
        ? "write 'overlayfs': with containerdSnapshotter it is containerd's name that counts"
        : 'leave it out, and the daemon takes what works',
    symptom: 'failed to start daemon: configured driver not available',
  });
}

/**
 * Refuses a flag that says what the file says too.
 *
 * @throws FORGE-REG-010
 *
 * @jsii ignore
 */
export function refuseFlagsThatTheFileSays(flags: readonly string[], daemon: DaemonJson): void {
  const said = Object.keys(daemon._toJson());
  const twice = flags
    .map((flag) => /^--([a-z-]+)/.exec(flag)?.[1] ?? '')
    .filter((name) => said.some((key) => key === name || key === `${name}s` || key.replace(/ies$/, 'y') === name));
  if (twice.length === 0) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-REG-010',
    message: `the Docker daemon is told ${twice.map((name) => quoted(`--${name}`)).join(', ')} by a flag, and the same by daemon.json`,
    fix: 'leave out the flag: daemon.json says it',
    symptom:
      'unable to configure the Docker daemon with file /etc/docker/daemon.json: the following directives are specified both as a flag and in the configuration file',
  });
}
