import { Architecture } from '../../kube';
import { pinnedImage, PINS } from '../../support';

const BINFMT_IMAGE = pinnedImage(PINS.images.binfmt);

/**
 * A method that runs steps for an architecture other than the node's architecture.
 *
 * Emulated steps take several times longer than native steps. Some programs crash under QEMU (`exec format error`, exit
 * code 139). If nodes of both architectures exist, `BuildkitPlatforms` builds on each architecture without emulation.
 *
 * @example
 *
 * Emulation.bundled();
 */
export class Emulation {
  /**
   * Creates emulation with the QEMU in buildkitd's image. This method has no node requirements. The build fails if a
   * step starts programs of mixed architectures.
   *
   * @see https://github.com/moby/buildkit/blob/v0.32.2/docs/multi-platform.md
   */
  static bundled(): Emulation {
    return new Emulation();
  }

  /**
   * Creates emulation with QEMU registered in the kernel of the node by a privileged init container. More programs run
   * with this method. The registration applies to every container of the node until the node restarts.
   *
   * @param architectures what to emulate
   * @param image the image that registers it; a pinned one of the project's own if left out
   */
  static privilegedBinfmt(architectures: Architecture[], image: string = BINFMT_IMAGE): Emulation {
    return new Emulation([...architectures], image);
  }

  private constructor(
    /** Architectures to register in the kernel; empty if none are registered. */
    readonly architectures: Architecture[] = [],
    /** Image that registers the architectures; undefined if none are registered. */
    readonly image?: string,
  ) {}
}
