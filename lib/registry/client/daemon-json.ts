import * as net from 'node:net';
import { checkConstruction, ForgeError, Problem, Problems, quoted } from '../../support';
import { assertNoMirrors, Endpoint } from '../endpoint';
import { distinct, HostSettings } from './host-settings';
import { mirrorUrl } from './hub-mirrors';
import { Registry } from '../registry';
import { Zone } from '../access/zone';

/** A set of options that configures a Docker daemon (dockerd). */
export interface DaemonJsonProps {
  /**
   * Registries that dockerd pulls from and pushes to. Registries with plain HTTP become `insecure-registries` in this
   * file only: dockerd does not start if a flag and the file both set them.
   *
   * @default - none
   */
  readonly registries?: Registry[];

  /**
   * Mirrors of Docker Hub, in addition to the mirrors of a registry at `docker.io`. dockerd supports mirrors of no other
   * registry.
   *
   * @default - none
   */
  readonly dockerHubMirrors?: Endpoint[];

  /**
   * Number of layers of one push that dockerd uploads at the same time.
   *
   * @default - Docker's own: 5
   */
  readonly maxConcurrentUploads?: number;

  /**
   * Number of layers of one pull that dockerd downloads at the same time.
   *
   * @default - Docker's own: 3
   */
  readonly maxConcurrentDownloads?: number;

  /**
   * Whether to store images in containerd's snapshotter instead of a storage driver. Multi-platform images and zstd
   * layers need the snapshotter.
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
   * IP addresses of DNS servers for containers.
   *
   * @default - those of the machine
   */
  readonly dns?: string[];

  /**
   * Maximum packet size (MTU) of container networks, in bytes. In a pod, the value must not be larger than the pod's
   * own MTU.
   *
   * @default - 1500
   */
  readonly mtu?: number;

  /**
   * Directory of dockerd's data.
   *
   * @default - Docker's own
   */
  readonly dataRoot?: string;
}

const DRIVERS = ['overlay2', 'fuse-overlayfs', 'btrfs', 'zfs', 'vfs'];
const SNAPSHOTTERS = ['overlayfs', 'fuse-overlayfs', 'native', 'btrfs', 'zfs'];

/** Directory in which dockerd looks for the certificate of a registry's CA. */
const CERTS = 'certs.d';

/**
 * A daemon.json file that configures a Docker daemon.
 *
 * @see https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file
 *
 * @example
 *
 * new DaemonJson({ registries: [registry], maxConcurrentUploads: 10, containerdSnapshotter: true }).render();
 */
export class DaemonJson {
  private readonly all: HostSettings[];
  private readonly ofHub: readonly Endpoint[];
  private readonly props: DaemonJsonProps;

  /**
   * @throws FORGE-REG-009 if the daemon would refuse a setting
   */
  constructor(props: DaemonJsonProps) {
    checkConstruction(DaemonJson, new.target, arguments);
    this.props = {
      ...props,
      registries: [...(props.registries ?? [])],
      dns: props.dns && [...props.dns],
      dockerHubMirrors: props.dockerHubMirrors && [...props.dockerHubMirrors],
    };
    check(props);
    assertNoMirrors(this.props.dockerHubMirrors ?? []);
    const registries = this.props.registries ?? [];
    this.all = distinct([
      ...registries.flatMap((registry) => [...registry.endpoints, ...registry._tokenEndpoints]),
      ...(this.props.dockerHubMirrors ?? []),
    ]);
    this.ofHub = this.all.find(({ host }) => host === 'docker.io')?.mirrors ?? [];
    this._mirrors().forEach(mirrorUrl);
  }

  /** Returns the text of the file. */
  render(): string {
    return JSON.stringify(this._toJson(), null, 2) + '\n';
  }

  /**
   * Certificate paths for the private CA of each host, below `/etc/docker` (rootless: `~/.config/docker`). The path is
   * `certs.d/<host>/ca.crt`.
   */
  get certificateFiles(): Record<string, string> {
    return Object.fromEntries(
      this.hostsAt().flatMap(({ host, caBundle }) => (caBundle ? [[host, `${CERTS}/${host}/ca.crt`]] : [])),
    );
  }

  /**
   * Returns the file as an object with the keys of daemon.json.
   *
   * @param zone where the daemon is; mirrors that it does not reach from there are left out
   * @internal
   */
  _toJson(zone?: Zone): Record<string, unknown> {
    const { dns, maxConcurrentUploads, maxConcurrentDownloads, containerdSnapshotter, storageDriver, mtu, dataRoot } =
      this.props;
    const insecure = this.hostsAt(zone)
      .filter((host) => host.plainHttp)
      .map(({ host }) => host);
    const mirrors = [...new Set(this._mirrors(zone).map(mirrorUrl))];
    return withoutUndefined({
      'data-root': dataRoot,
      features: containerdSnapshotter === undefined ? undefined : { 'containerd-snapshotter': containerdSnapshotter },
      'storage-driver': storageDriver,
      'insecure-registries': insecure.length > 0 ? insecure : undefined,
      'registry-mirrors': mirrors.length > 0 ? mirrors : undefined,
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
   * Hosts that dockerd is configured for.
   *
   * @internal
   */
  get _hosts(): HostSettings[] {
    return this.hostsAt();
  }

  /**
   * Returns the mirrors of Docker Hub that a daemon reaches. A daemon runs on no node, and a mirror may have another address
   * for nodes.
   *
   * @internal
   */
  _mirrors(zone?: Zone): Endpoint[] {
    const isReached = (mirror: Endpoint) =>
      zone === undefined ? mirror.zones.some((one) => one !== Zone.NODE) : mirror.isReachableFrom(zone);
    return [...(this.props.dockerHubMirrors ?? []), ...this.ofHub.filter(isReached)];
  }

  private hostsAt(zone?: Zone): HostSettings[] {
    const own = (this.props.registries ?? []).flatMap((registry) => [
      ...registry.endpoints,
      ...registry._tokenEndpoints,
    ]);
    const reached = [...own, ...this._mirrors(zone)].map(({ host }) => host);
    const others = this.ofHub.map(({ host }) => host).filter((host) => !reached.includes(host));
    return this.all.filter(({ host }) => !others.includes(host));
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
    .filter((address) => net.isIP(address) === 0 || address.includes('%'))
    .forEach((address) =>
      bad({
        message: `${quoted(address)} is not an IP address`,
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
 * Rejects a flag that is also set in the file.
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
