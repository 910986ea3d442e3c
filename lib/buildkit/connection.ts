import type { EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';

/** Path of `buildctl` in buildkitd's image, in all modes. */
const BUILDCTL = '/usr/bin/buildctl';

/** A set of facts that defines a connection. */
interface ConnectionFacts {
  readonly addresses: string[];
  readonly clientImage: string;
  readonly tlsFolder?: string;
  readonly tlsVolume?: Volume;
}

/**
 * A set of connection settings that a client of a buildkitd needs: the address, the mounts and the `buildctl` flags.
 *
 * @example
 *
 * const { address, globalFlags } = buildkitd.connection;
 */
export class BuilderConnection {
  /** @internal */
  static _of(facts: ConnectionFacts): BuilderConnection {
    return new BuilderConnection(facts);
  }

  /** Value of `BUILDKIT_HOST`. With several BuildKit daemons, this value is the first address. */
  readonly address: string;

  /**
   * Addresses that a build may be sent to. The list has more than one address only if the client selects the address
   * (`BuildkitTopology.stablePool`).
   */
  readonly addresses: string[];

  /** Image that contains `buildctl` of buildkitd's version, at `buildctlPath`. */
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

  private constructor(facts: ConnectionFacts) {
    this.addresses = [...facts.addresses];
    this.address = facts.addresses[0];
    this.clientImage = facts.clientImage;
    this.tlsFolder = facts.tlsFolder;
    this.globalFlags = ['--timeout', '120', '--wait', ...(facts.tlsFolder ? ['--tlsdir', facts.tlsFolder] : [])];
    this.tlsVolume = facts.tlsVolume;
  }

  /**
   * Environment variables that a step or container needs. None of the variables is secret.
   *
   * `buildctl` reads `BUILDKIT_HOST`. The build step of this library reads `BUILDCTL_FLAGS` and `BUILDKIT_HOSTS`.
   */
  get environment(): Record<string, string> {
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
    return this.tlsVolume ? [structuredClone(this.tlsVolume)] : [];
  }

  /** @internal */
  _volumeMounts(): VolumeMount[] {
    return this.tlsVolume ? [{ name: this.tlsVolume.name, mountPath: this.tlsFolder!, readOnly: true }] : [];
  }
}
