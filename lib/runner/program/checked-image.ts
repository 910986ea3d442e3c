import { ForgeError, quoted } from '../../support';

/**
 * Returns the name of an image and its digest, if they are such.
 *
 * @throws FORGE-RUN-005 if they are not
 *
 * @jsii ignore
 */
export function checkedImage(image: string | undefined, digest: string | undefined): void {
  if (image !== undefined && !/^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(image)) {
    throw badImage(
      `image ${quoted(image)} is not the name of an image`,
      'remove tag, digest and scheme from image: version is the tag',
    );
  }
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw badImage(
      `imageDigest ${quoted(digest)} is not a digest`,
      'set imageDigest to sha256: and 64 hexadecimal digits, as `docker buildx imagetools inspect` prints it',
    );
  }
}

function badImage(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RUN-005', message, fix });
}
