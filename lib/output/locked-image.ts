/** The pattern of the tags that an OCI registry accepts. */
export const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * A locked version that the image lock (`images.yaml`) contains for an image.
 *
 * @jsii ignore
 */
export interface LockedImage {
  /** The tag in use. */
  readonly tag: string;
  /**
   * The digest in use. The digest is empty until Flux writes a value, and undefined if the policy does not reflect
   * digests.
   */
  readonly digest?: string;
  /**
   * The directory of the repository for which the entry was written, for example `dist/clusters/home`. An image lock of
   * format 1 does not contain it.
   */
  readonly output?: string;
}
