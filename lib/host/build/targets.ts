import { ImageCatalogue } from '../../pipeline';
import { Problem, quoted } from '../../support';

/** Returns what a build on a machine cannot have: the values of build secrets are in the forge. */
export function secretProblems({ images }: ImageCatalogue): Problem[] {
  return images
    .filter(({ secrets }) => secrets !== undefined && secrets.length > 0)
    .map(({ name }) => ({
      code: 'FORGE-HOST-009',
      message: `image ${quoted(name)} has build secrets, which are Actions secrets of the forge`,
      fix: 'build the image in a pipeline only, or remove secrets',
    }));
}
