import { CatalogueImage, ImageCatalogue, wordOf } from '../../pipeline';
import { fixedValue } from './targets';

/** A target of a bake file, with the keys of the file. */
type Target = Record<string, unknown>;

/** The group of bake that a run without names builds. Bake builds the group if a target has the same name. */
const ALL = 'default';

/** Returns the name of the target that builds an image. */
export function targetOf(image: string): string {
  const word = wordOf(image);
  // No other image has a target with an underscore.
  return word === ALL ? `${word}_image` : word;
}

/** Returns the text of `docker-bake.json` for the images of a catalogue, whose names begin with a host and an owner. */
export function bakeFile(images: ImageCatalogue, nameOf: (image: string) => string): string {
  const file = {
    variable: {
      TAG: { default: 'dev', description: 'tag of the images' },
    },
    group: { [ALL]: { targets: images.names.map(targetOf) } },
    target: Object.fromEntries(images.images.map((image) => [targetOf(image.name), target(image, nameOf)])),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function target(image: CatalogueImage, nameOf: (image: string) => string): Target {
  const { name, context = '.', dockerfile = 'Dockerfile', platforms = [], baseImages = {} } = image;
  const tagged = (other: string) => `${nameOf(other)}:\${TAG}`;
  const bases = Object.entries(baseImages);
  const args = {
    ...Object.fromEntries(
      Object.entries(image.buildArgs ?? {}).map(([key, value]) => [key, literal(name, key, value)]),
    ),
    ...Object.fromEntries(bases.map(([argument, base]) => [argument, tagged(base)])),
  };
  return {
    context,
    dockerfile,
    ...(image.target ? { target: image.target } : {}),
    ...(Object.keys(args).length > 0 ? { args } : {}),
    // The base image is the one that the same run builds, not that of the registry.
    ...(bases.length > 0
      ? { contexts: Object.fromEntries(bases.map(([, base]) => [tagged(base), `target:${targetOf(base)}`])) }
      : {}),
    ...(platforms.length > 0 ? { platforms: platforms.map((platform) => platform.name) } : {}),
    ...(image.pull ? { pull: true } : {}),
    tags: [tagged(name)],
    output: ['type=docker'],
  };
}

/** Returns a value in which bake replaces nothing. */
function literal(image: string, argument: string, value: string): string {
  return fixedValue(image, argument, value).replace(/([$%])\{/g, '$1$1{');
}
