/**
 * How the daemon lays layers on top of each other. It is always stated: left to itself, the daemon falls back to full copies without
 * a word where overlayfs does not work.
 *
 * @example
 *
 * Snapshotter.OVERLAYFS;
 */
export class Snapshotter {
  /** The kernel's overlayfs: the fastest; needs a root directory that is not itself on overlayfs, and Linux 5.11 in user namespaces. */
  static readonly OVERLAYFS = new Snapshotter('overlayfs');
  /** A full copy for each layer: works on any file system, and fills the disk many times faster. */
  static readonly NATIVE = new Snapshotter('native');

  /**
   * Overlayfs as a program: for kernels before 5.11, in the rootless mode only. Needs `/dev/fuse`, which a device plugin must hand out.
   *
   * @param deviceResource name of the resource under which the plugin offers `/dev/fuse`, e.g. `smarter-devices/fuse`
   */
  static fuseOverlayfs(deviceResource: string): Snapshotter {
    return new Snapshotter('fuse-overlayfs', deviceResource);
  }

  private constructor(
    /** Its name in buildkitd.toml. */
    readonly name: string,
    /** The resource that hands out `/dev/fuse`; undefined if it is not needed. */
    readonly deviceResource?: string,
  ) {}
}
