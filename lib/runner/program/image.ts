import { checkConstruction } from '../../support';

/** The image of a runner, from which the program makes its flavors. */
export class ImageReference {
  /**
   * @param name the image's name, without tag
   * @param version the tag
   * @param digest the digest, if one is pinned
   */
  constructor(
    private readonly name: string,
    private readonly version: string,
    private readonly digest?: string,
  ) {
    checkConstruction(ImageReference, new.target, arguments);
  }

  /**
   * Returns the reference of a flavor of the image.
   *
   * @param suffix the suffix of the tag, for example `-dind-rootless`; empty for the plain image
   */
  flavor(suffix: string): string {
    return `${this.name}:${this.version}${suffix}${this.digest ? `@${this.digest}` : ''}`;
  }
}
