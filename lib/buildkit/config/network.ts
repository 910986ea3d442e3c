/**
 * A network mode that applies to RUN steps.
 *
 * Custom CNI configurations are not supported, because the image contains no CNI plugins.
 *
 * @example
 *
 * BuildkitNetwork.bridge();
 */
export class BuildkitNetwork {
  /**
   * Creates the pod network mode. Steps reach everything that the pod reaches, including buildkitd's own port at
   * `127.0.0.1`. Only `BuildkitTls` prevents steps from using that port.
   */
  static pod(): BuildkitNetwork {
    return new BuildkitNetwork('host');
  }

  /**
   * Creates a bridge inside the pod, with a separate network for each step. The rootless mode does not support a
   * bridge.
   *
   * @param subnet the bridge's addresses in CIDR notation; 10.10.0.0/16 if left out
   */
  static bridge(subnet?: string): BuildkitNetwork {
    return new BuildkitNetwork('bridge', subnet);
  }

  private constructor(
    /** Name of the mode in buildkitd.toml. */
    readonly mode: string,
    /** Addresses of the bridge, if set. */
    readonly subnet?: string,
  ) {}
}
