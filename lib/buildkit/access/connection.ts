import type { EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { ForgeError, frozenList, quoted } from '../../support';
import { TlsKeyNames } from './tls';
import { tlsVolume } from './tls-volume';

/** Path of `buildctl` in buildkitd's image, in all modes. */
const BUILDCTL = '/usr/bin/buildctl';

/** A client certificate in a Secret, and its place in the client's pod. */
export interface ClientCertificate {
  /** Directory in which the client finds `ca.pem`, `cert.pem` and `key.pem`. */
  readonly folder: string;

  /**
   * Name of the Secret in the client's namespace.
   *
   * @default - none: the client's pod mounts the certificate itself
   */
  readonly secretName?: string;

  /**
   * Key names of the TLS parts in the Secret.
   *
   * @default - as cert-manager names them
   */
  readonly keys?: TlsKeyNames;

  /**
   * Name of the pod's volume.
   *
   * @default 'buildkit-tls'
   */
  readonly volumeName?: string;
}

/** A set of options that defines a connection to a builder. */
export interface BuilderConnectionProps {
  /** Addresses that a build may be sent to, for example `tcp://buildkitd.ci.svc.cluster.local:1234`. */
  readonly addresses: string[];

  /** Image that contains `buildctl` at `/usr/bin/buildctl`. */
  readonly clientImage: string;

  /**
   * Certificate that the client shows.
   *
   * @default - none: the connection has no TLS
   */
  readonly certificate?: ClientCertificate;
}

/**
 * A set of connection settings that a client of a buildkitd needs: the address, the mounts and the `buildctl` flags.
 *
 * @example
 *
 * const { address, globalFlags } = buildkitd.connection;
 */
export class BuilderConnection {
  /**
   * Creates the connection to a builder of your own.
   *
   * @param props the addresses, and the certificate
   * @throws FORGE-BK-020 if there is no address, or one that buildctl cannot connect to
   */
  static of(props: BuilderConnectionProps): BuilderConnection {
    const bad = props.addresses.find((address) => !/^(tcp|unix):\/\/[^\s\x00-\x1f]+$/.test(address));
    if (props.addresses.length === 0 || bad !== undefined) {
      throw ForgeError.of({
        code: 'FORGE-BK-020',
        message:
          bad === undefined
            ? 'a connection to a builder has no address'
            : `${quoted(bad)} is not an address of a builder`,
        allowed: 'tcp:// with host and port, or unix:// with a path',
        fix: "set addresses: ['tcp://buildkitd.ci.svc.cluster.local:1234']",
      });
    }
    return new BuilderConnection(props);
  }

  /**
   * Creates the connection to a builder that its clients need no settings for, because jobs bring it themselves. It has
   * no address, no image, no environment variables and no volumes.
   */
  static none(): BuilderConnection {
    return new BuilderConnection({ addresses: [], clientImage: '' });
  }

  /**
   * Creates the connection to several builders, each with its own certificate. The flags and `BUILDKIT_HOST` are those of the
   * first builder.
   *
   * @internal
   */
  static _joined([first, ...others]: BuilderConnection[]): BuilderConnection {
    return new BuilderConnection({ addresses: [first.address], clientImage: first.clientImage }, [first, ...others]);
  }

  /**
   * Value of `BUILDKIT_HOST`. With several BuildKit daemons, this value is the first address. Empty if the connection
   * has no address.
   */
  readonly address: string;

  /**
   * Addresses that a build may be sent to. The list has more than one address only if the client selects the address
   * (`BuildkitTopology.stablePool`).
   */
  readonly addresses: string[];

  /** Image that contains `buildctl` of buildkitd's version, at `buildctlPath`. Empty if the connection has no address. */
  readonly clientImage: string;

  /** Path of `buildctl` in the client image. */
  readonly buildctlPath: string = BUILDCTL;

  /**
   * Flags of `buildctl` that precede its command. The timeout also limits the wait for a buildkitd that is starting.
   * The default timeout is five seconds.
   */
  readonly globalFlags: string[];

  /** Directory of the client's certificate; undefined without TLS. */
  readonly tlsFolder?: string;

  private readonly tlsVolume?: Volume;
  private readonly parts: readonly BuilderConnection[];

  private constructor(
    { addresses, clientImage, certificate }: BuilderConnectionProps,
    parts: readonly BuilderConnection[] = [],
  ) {
    this.parts = [...parts];
    this.addresses = frozenList(addresses);
    this.address = addresses[0] ?? '';
    this.clientImage = clientImage;
    this.tlsFolder = certificate?.folder ?? parts[0]?.tlsFolder;
    this.globalFlags = frozenList([
      '--timeout',
      '120',
      '--wait',
      ...(this.tlsFolder ? ['--tlsdir', this.tlsFolder] : []),
    ]);
    const { secretName, keys, volumeName: name = 'buildkit-tls' } = certificate ?? {};
    this.tlsVolume = secretName === undefined ? undefined : tlsVolume({ name, secretName, keys, mode: 0o444 });
  }

  /**
   * Environment variables that a step or container needs. None of the variables is secret.
   *
   * `buildctl` reads `BUILDKIT_HOST`. The build step of this library reads `BUILDCTL_FLAGS` and `BUILDKIT_HOSTS`.
   */
  get environment(): Record<string, string> {
    if (this.addresses.length === 0) {
      return {};
    }
    return {
      BUILDKIT_HOST: this.address,
      BUILDCTL_FLAGS: this.globalFlags.join(' '),
      ...(this.addresses.length > 1 ? { BUILDKIT_HOSTS: this.addresses.join(' ') } : {}),
    };
  }

  /** @internal */
  _env(): EnvVar[] {
    return Object.entries(this.environment).map(([name, value]) => ({ name, value }));
  }

  /**
   * Returns the volumes that the client's pod needs; empty without TLS. A connection without a named client has no
   * volumes.
   *
   * @internal
   */
  _volumes(): Volume[] {
    return [
      ...(this.tlsVolume ? [structuredClone(this.tlsVolume)] : []),
      ...this.parts.flatMap((part) => part._volumes()),
    ];
  }

  /** @internal */
  _volumeMounts(): VolumeMount[] {
    return [
      ...(this.tlsVolume ? [{ name: this.tlsVolume.name, mountPath: this.tlsFolder!, readOnly: true }] : []),
      ...this.parts.flatMap((part) => part._volumeMounts()),
    ];
  }
}
