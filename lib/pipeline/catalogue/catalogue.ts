import { checkNames } from '../../buildkit';
import { Registry } from '../../registry';
import { ForgeError, oneOf, Problem, quoted } from '../../support';
import { CatalogueImage } from './image-options';

/**
 * A catalogue of the images that are built from one repository, in the order in which they are built.
 *
 * @example
 *
 * const images = ImageCatalogue.of(registry, [{ name: 'base' }, { name: 'web', context: 'web', baseImages: { BASE: 'base' } }]);
 */
export class ImageCatalogue {
  /**
   * Creates a catalogue.
   *
   * @throws FORGE-PIPE-003 for a path of a Dockerfile or context that is invalid, FORGE-PIPE-007 for no image, two images with one
   * name, or base images that are unknown or built from each other, FORGE-BK-019 for a build argument or stage that no Dockerfile has,
   * FORGE-REG-002 for a name that is none
   */
  static of(registry: Registry, images: CatalogueImage[]): ImageCatalogue {
    return new ImageCatalogue(registry, ordered(images));
  }

  private constructor(
    /** The registry of the images. */
    readonly registry: Registry,
    private readonly list: CatalogueImage[],
  ) {
    list.forEach(({ name }) => registry.pushName(name));
  }

  /** Images, each after the images that it is built from. */
  get images(): CatalogueImage[] {
    return [...this.list];
  }

  /** Names of the images, in the order in which they are built. */
  get names(): string[] {
    return this.list.map(({ name }) => name);
  }

  /**
   * Returns an image.
   *
   * @throws FORGE-PIPE-007 if there is none of that name
   */
  image(name: string): CatalogueImage {
    const found = this.list.find((image) => image.name === name);
    if (found) {
      return found;
    }
    throw ForgeError.of(unknown(name, this.names));
  }
}

/**
 * Returns the name of an image as a word of an identifier.
 *
 * @jsii ignore
 */
export function wordOf(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, '-');
}

/** Returns the images, each after the images that it is built from. The given order is kept otherwise. */
function ordered(images: CatalogueImage[]): CatalogueImage[] {
  const problems = images.length === 0 ? [empty()] : [...images.flatMap(problemsOf), ...twins(images)];
  const names = images.map(({ name }) => name);
  const bases = (image: CatalogueImage): string[] => Object.values(image.baseImages ?? {});
  images.flatMap(bases).forEach((base) => names.includes(base) || problems.push(unknown(base, names)));
  if (problems.length > 0) {
    throw new ForgeError(problems);
  }
  const done: CatalogueImage[] = [];
  for (let left = [...images]; left.length > 0;) {
    const next = left.find((image) => bases(image).every((base) => done.some(({ name }) => name === base)));
    if (next === undefined) {
      throw ForgeError.of(circle(left));
    }
    done.push(next);
    left = left.filter((image) => image !== next);
  }
  return done;
}

function problemsOf({ name, context = '.', dockerfile = 'Dockerfile', ...image }: CatalogueImage): Problem[] {
  const isPath = (text: string): boolean =>
    /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(text) && !text.split('/').includes('..');
  const isDirectory =
    /^[\p{L}\p{N}._@~ -]+(\/[\p{L}\p{N}._@~ -]+)*$/u.test(context) &&
    !/^-|^ | $/.test(context) &&
    !context.split('/').includes('..');
  const buildArgs = { ...image.buildArgs, ...image.baseImages };
  return [
    ...ForgeError.problemsIn(() => checkNames({ buildArgs, target: image.target })),
    ...(isPath(dockerfile)
      ? []
      : [
          {
            code: 'FORGE-PIPE-003',
            message: `${quoted(dockerfile)} is not the path of a Dockerfile`,
            allowed: 'a path below the context: letters, digits, ".", "_" and "-", with "/" between folders',
            fix: "write it relative to the context, e.g. 'docker/Dockerfile'",
          },
        ]),
    ...(isDirectory
      ? []
      : [
          {
            code: 'FORGE-PIPE-003',
            message: `${quoted(context)} as the context of image ${quoted(name)} is not a directory of the repository`,
            allowed:
              'a path without ".." and without "/" in front: letters, digits, blanks, ".", "_", "@", "~" and "-"',
            fix: "write it relative to the root of the repository, e.g. 'services/web'",
          },
        ]),
  ];
}

function twins(images: CatalogueImage[]): Problem[] {
  const words = images.map(({ name }) => wordOf(name).toLowerCase());
  return images
    .filter((_, i) => words.indexOf(words[i]) < i)
    .map(({ name }) => ({
      code: 'FORGE-PIPE-007',
      message: `two images of the catalogue have the name ${quoted(name)}, or names that differ in special characters only`,
      allowed: 'names that differ in letters or digits',
      fix: 'set another name for one of the images',
    }));
}

function empty(): Problem {
  return { code: 'FORGE-PIPE-007', message: 'the catalogue has no image', fix: 'add an image to images' };
}

function unknown(name: string, names: string[]): Problem {
  return {
    code: 'FORGE-PIPE-007',
    message: `the catalogue has no image ${quoted(name)}`,
    allowed: oneOf(names),
    fix: 'use the name of an image of the catalogue',
  };
}

function circle(images: CatalogueImage[]): Problem {
  return {
    code: 'FORGE-PIPE-007',
    message: `${images.map(({ name }) => quoted(name)).join(', ')} are built from each other`,
    fix: 'remove one of them from baseImages',
    symptom: 'no job without dependencies: the workflow never starts',
  };
}
