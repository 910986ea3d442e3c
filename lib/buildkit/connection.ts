import type { EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';

/** Where `buildctl` is in the image of the daemon, in all modes. */
const BUILDCTL = '/usr/bin/buildctl';

/** What a connection is made of. */
interface ConnectionFacts {
  readonly addresses: string[];
  readonly clientImage: string;
  readonly tlsFolder?: string;
  readonly tlsVolume?: Volume;
}

/**
 * How a client talks to a BuildKit daemon: where it is, what to mount, which flags to give to `buildctl`.
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

  /** What `BUILDKIT_HOST` must hold; with a choice of daemons, the first of them. */
  readonly address: string;

  /** Every address that a build may be sent to; more than one only if the client chooses (`BuildkitTopology.stablePool`). */
  readonly addresses: string[];

  /** The image that holds `buildctl` of the daemon's version, at `buildctlPath`. */
  readonly clientImage: string;

  /** Where `buildctl` is in that image. */
  readonly buildctlPath: string = BUILDCTL;

  /**
   * Flags of `buildctl` that come before its command. The timeout also bounds the waiting for a daemon that is starting, and its
   * default is five seconds.
   */
  readonly globalFlags: string[];

  /** Where the client finds its certificate; undefined without TLS. */
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
   * What a step or a container must have in its environment; none of it is secret.
   *
   * `BUILDKIT_HOST` is read by `buildctl`, `BUILDCTL_FLAGS` and `BUILDKIT_HOSTS` by the build step of this library.
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
   * Volumes that the client's pod needs; none without TLS. Not on the connection that no client was named for.
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
