/**
 * The network of RUN steps.
 *
 * CNI configurations of your own are not offered: the image has no CNI plugins that one could name.
 *
 * @example
 *
 * BuildkitNetwork.bridge();
 */
export class BuildkitNetwork {
  /**
   * That of the pod: steps reach what the pod reaches, also the daemon's own port at `127.0.0.1`. Only `BuildkitTls` keeps them out of it.
   */
  static pod(): BuildkitNetwork {
    return new BuildkitNetwork('host');
  }

  /**
   * A bridge inside the pod: each step has a network of its own. Not in the rootless mode.
   *
   * @param subnet the bridge's addresses in CIDR notation; 10.10.0.0/16 if left out
   */
  static bridge(subnet?: string): BuildkitNetwork {
    return new BuildkitNetwork('bridge', subnet);
  }

  private constructor(
    /** The mode's name in buildkitd.toml. */
    readonly mode: string,
    /** The bridge's addresses, if they were given. */
    readonly subnet?: string,
  ) {}
}
