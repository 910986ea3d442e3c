import { ForgeError, hasControlCharacter, quoted } from '../../support';

/**
 * A text in a commit message that leaves images out of a build. The forge itself reads `[skip ci]`.
 *
 * The message is compared with fixed text, and no part of the message becomes code.
 *
 * @example
 *
 * const skip = [SkipFlag.all('[skip images]'), SkipFlag.only('[web only]', ['web'])];
 */
export class SkipFlag {
  /**
   * Creates a flag that leaves all images out.
   *
   * @param text the text in the commit message, for example `[skip images]`
   * @throws FORGE-PIPE-009 for an empty text, or text of several lines
   */
  static all(text: string): SkipFlag {
    return new SkipFlag(text, []);
  }

  /**
   * Creates a flag that leaves all images out, except for the listed images.
   *
   * @param text the text in the commit message, for example `[web only]`
   * @param images names of the images that are still built
   * @throws FORGE-PIPE-009 for an empty text, or text of several lines
   */
  static only(text: string, images: string[]): SkipFlag {
    return new SkipFlag(text, [...images]);
  }

  private constructor(
    /** The text in the commit message. */
    readonly text: string,
    /** Names of the images that are still built. */
    readonly images: string[],
  ) {
    if (typeof text === 'string' && text.trim() !== '' && !hasControlCharacter(text) && !text.includes('${{')) {
      return;
    }
    throw ForgeError.of({
      code: 'FORGE-PIPE-009',
      message: `${quoted(text)} cannot be a skip flag`,
      allowed: 'text on one line, without expressions',
      fix: "set a text such as '[skip images]'",
    });
  }
}
