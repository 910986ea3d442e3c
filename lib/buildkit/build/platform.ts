import { ForgeError, quoted } from '../../support';

/**
 * An operating system and processor architecture that an image is built for.
 *
 * @example
 *
 * const platforms = [Platform.LINUX_AMD64, Platform.of('linux/riscv64')];
 */
export class Platform {
  /** Linux on 64-bit x86. */
  static readonly LINUX_AMD64 = Platform.of('linux/amd64');
  /** Linux on 64-bit ARM, for example a Raspberry Pi 4 with a 64-bit system. */
  static readonly LINUX_ARM64 = Platform.of('linux/arm64');
  /** Linux on 32-bit ARM, version 7. */
  static readonly LINUX_ARM_V7 = Platform.of('linux/arm/v7');

  /**
   * Creates any platform.
   *
   * @param name operating system, architecture and optional variant, for example `linux/arm/v6`
   * @throws FORGE-BK-019 for text that is no platform
   */
  static of(name: string): Platform {
    if (typeof name === 'string' && /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/.test(name)) {
      return new Platform(name);
    }
    throw ForgeError.of({
      code: 'FORGE-BK-019',
      message: `platform is ${quoted(name)}`,
      allowed: "os/architecture, e.g. 'linux/arm64' or 'linux/arm/v7'",
      fix: 'use Platform.LINUX_ARM64, or Platform.of with such a name',
    });
  }

  private constructor(
    /** Name of the platform, for example `linux/arm64`. */
    readonly name: string,
  ) {}
}
