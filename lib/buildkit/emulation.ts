import { Architecture } from '../kube';

const BINFMT_IMAGE = 'tonistiigi/binfmt:qemu-v7.0.0-28';

/**
 * How a daemon runs steps for an architecture that its node is not of.
 *
 * Emulated steps take several times longer than native ones, and some programs crash under QEMU (`exec format error`, exit code 139).
 * Where nodes of both architectures exist, `BuildkitPlatforms` builds on each without emulation.
 *
 * @example
 *
 * Emulation.bundled();
 */
export class Emulation {
  /**
   * With the QEMU inside the image of the daemon: needs nothing of the node. Fails where a step starts programs of mixed architectures.
   *
   * @see https://github.com/moby/buildkit/blob/v0.32.2/docs/multi-platform.md
   */
  static bundled(): Emulation {
    return new Emulation();
  }

  /**
   * With QEMU registered in the kernel of the node, by a privileged init container: more programs run, and they do so in every
   * container of the node until it restarts.
   *
   * @param architectures what to emulate
   * @param image the image that registers it; a pinned one of the project's own if left out
   */
  static privilegedBinfmt(architectures: Architecture[], image: string = BINFMT_IMAGE): Emulation {
    return new Emulation([...architectures], image);
  }

  private constructor(
    /** What is registered in the kernel; empty if nothing is. */
    readonly architectures: Architecture[] = [],
    /** The image that registers it; undefined if nothing is registered. */
    readonly image?: string,
  ) {}
}
