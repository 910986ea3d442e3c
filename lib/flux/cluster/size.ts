import { createHash } from 'node:crypto';
import { ApiObject } from 'cdk8s';
import { Problem, quoted } from '../../support';

/**
 * The number of objects of one Kustomization above which the runbook and `cdk8s-forge doctor` have a warning.
 *
 * @jsii ignore
 */
export const MANY_OBJECTS = 500;

/**
 * The maximum number of objects in one Kustomization. With more objects, the kustomize build takes longer than Flux
 * waits: the build time grows with the square of the number of objects.
 */
const MOST_OBJECTS = 1000;

/** The maximum of `parts`. */
export const MOST_PARTS = 256;

/** The maximum of `expected`. */
export const MOST_EXPECTED = 25_000;

/**
 * The images per part of a layer. A chart is never divided, so that the sizes of parts differ: with two objects for each
 * image and ten images a chart, parts of 200 objects on average stay below 500.
 */
const IMAGES_PER_PART = 100;

/** The images per part of the image objects, which are divided one by one: 400 objects on average, two for each image. */
const IMAGES_PER_IMAGE_PART = 200;

/**
 * The numbers of Kustomizations of a cluster.
 *
 * @jsii ignore
 */
export interface ClusterSize {
  /** For each layer. */
  readonly parts: number;
  /** For the objects that follow images; 0 if the Kustomization of the entry applies them. */
  readonly imageParts: number;
}

/**
 * Returns the numbers of Kustomizations of a cluster. They are powers of two, so that a larger number divides each part
 * into halves.
 *
 * @jsii ignore
 */
export function clusterSize({ parts, expected = 1 }: { parts?: number; expected?: number }): ClusterSize {
  const images = powerOfTwo(expected / IMAGES_PER_IMAGE_PART);
  return {
    parts: parts ?? Math.min(powerOfTwo(expected / IMAGES_PER_PART), MOST_PARTS),
    imageParts: images === 1 ? 0 : images,
  };
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)));
}

/**
 * Returns the directory of an object that follows an image. Only the name of the object decides, so that an object never
 * moves while the number of parts stays the same.
 *
 * @jsii ignore
 */
export function imagePartOf(object: ApiObject, imageParts: number): string {
  // An ImageRepository and its ImagePolicy have one name.
  const hash = createHash('sha256').update(object.name).digest().readUInt32BE();
  return imagePartName(hash % imageParts);
}

/**
 * Returns the name of a directory of objects that follow images.
 *
 * @jsii ignore
 */
export function imagePartName(index: number): string {
  return `images-${index}`;
}

/** A directory with the number of its objects. */
export interface Sized {
  readonly name: string;
  readonly size: number;
  /** The layer; undefined for the objects of the entry and those that follow images. */
  readonly layer?: string;
}

/**
 * Returns the problems of Kustomizations that are too large.
 *
 * @jsii ignore
 */
export function problemsWithSize(folders: readonly Sized[]): Problem[] {
  return folders
    .filter(({ size }) => size > MOST_OBJECTS)
    .map((folder): Problem => ({
      code: 'FORGE-FLUX-027',
      message: `the Kustomization of ${quoted(folder.name)} has ${folder.size} objects`,
      allowed: `at most ${MOST_OBJECTS}: the time that Flux needs grows with their square`,
      fix: `${remedy(folder, folders)}. If Flux applies the cluster already, commit what \`npx cdk8s-forge diff --migrate\` writes first`,
      symptom: 'context deadline exceeded',
    }));
}

/**
 * Returns warnings about Kustomizations that Flux takes seconds to build.
 *
 * @jsii ignore
 */
export function warningsOfSize(folders: readonly Sized[]): string[] {
  return folders
    .filter(({ size }) => size > MANY_OBJECTS && size <= MOST_OBJECTS)
    .map(
      (folder) =>
        `The Kustomization of \`${folder.name}\` has ${folder.size} objects, and the time that Flux needs grows with their square: ${remedy(folder, folders)}.`,
    );
}

/** Returns the property to set. A layer has parts; objects that follow images are divided by the expected number of images. */
function remedy({ layer }: Sized, folders: readonly Sized[]): string {
  const total = folders.filter((one) => one.layer === layer).reduce((sum, { size }) => sum + size, 0);
  return layer === undefined
    ? `state the number of images that the cluster is to have: \`expected: ${Math.ceil(total / 200) * 100}\``
    : `divide the layers: \`parts: ${powerOfTwo(total / 200)}\``;
}
