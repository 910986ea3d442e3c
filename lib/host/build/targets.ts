import { ImageCatalogue } from '../../pipeline';
import { ForgeError, Problem, quoted } from '../../support';

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

/**
 * Returns the value of a build argument, as a machine has it.
 *
 * @throws FORGE-HOST-009 for an expression of a workflow
 */
export function fixedValue(image: string, argument: string, value: string): string {
  if (/\$\{\{/.test(value)) {
    throw ForgeError.of({
      code: 'FORGE-HOST-009',
      message: `build argument ${quoted(argument)} of image ${quoted(image)} is an expression of a workflow`,
      allowed: 'a fixed value',
      fix: 'set a fixed value, or build the image in a pipeline only',
    });
  }
  return value;
}
