/**
 * A snapshotter that stacks image layers for buildkitd. The snapshotter is always set explicitly. Without this setting,
 * buildkitd silently falls back to full copies if overlayfs does not work.
 *
 * @example
 *
 * Snapshotter.OVERLAYFS;
 */
export class Snapshotter {
  /**
   * The kernel's overlayfs, which is the fastest snapshotter. Requires a root directory that is not itself on
   * overlayfs, and Linux 5.11 in user namespaces.
   */
  static readonly OVERLAYFS = new Snapshotter('overlayfs');
  /** A full copy for each layer. This snapshotter works on any file system, but fills the disk many times faster. */
  static readonly NATIVE = new Snapshotter('native');

  /**
   * Creates an overlayfs snapshotter that runs as a user-space program, for kernels before 5.11 in the rootless mode
   * only. Requires `/dev/fuse`, which a device plugin must provide.
   *
   * @param deviceResource name of the resource under which the plugin offers `/dev/fuse`, e.g. `smarter-devices/fuse`
   */
  static fuseOverlayfs(deviceResource: string): Snapshotter {
    return new Snapshotter('fuse-overlayfs', deviceResource);
  }

  private constructor(
    /** Name of the snapshotter in buildkitd.toml. */
    readonly name: string,
    /** Resource that provides `/dev/fuse`; undefined if `/dev/fuse` is not needed. */
    readonly deviceResource?: string,
  ) {}
}
