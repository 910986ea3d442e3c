import { isSecretShaped, oneLine, quoted } from '../../support';
import { CatalogueImage } from '../catalogue/image-options';

/**
 * Returns a warning for each build argument that looks like a secret. Files of Git and the history of the image have its value.
 *
 * @jsii ignore
 */
export function buildArgumentWarnings(images: readonly CatalogueImage[]): string[] {
  return images.flatMap(({ name, buildArgs = {} }) =>
    Object.entries(buildArgs)
      .filter(([argument, value]) => isSecretShaped(argument, value))
      .map(([argument]) =>
        oneLine({
          code: 'FORGE-PIPE-018',
          message: `buildArgs.${argument} of image ${quoted(name)} looks like a secret (not shown): it is in Git in clear text and in the history of the image`,
          fix: 'remove it, treat the value as compromised if it is a secret, and set secrets of the image: BuildSecret.actions(…)',
        }),
      ),
  );
}
