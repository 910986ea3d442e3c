import { Problems, quoted } from '../../support';
import { CatalogueImage } from '../catalogue/image-options';
import { ImagePipelineProps } from '../pipeline-props';
import { Tags } from '../tags/tags';

/**
 * Rejects names of a build that two options give a value: one of them would have no effect.
 *
 * @jsii ignore
 */
export function checkNames(
  { name, buildArgs = {}, baseImages = {}, secrets = [] }: CatalogueImage,
  problems: Problems,
): void {
  const argument = Object.keys(baseImages).find((one) => Object.hasOwn(buildArgs, one));
  const ids = secrets.map(({ id }) => id);
  const secret = ids.find((id, i) => ids.indexOf(id) < i);
  if (argument !== undefined) {
    problems.add({
      code: 'FORGE-PIPE-008',
      message: `image ${quoted(name)} has the build argument ${quoted(argument)} in buildArgs and in baseImages`,
      fix: 'remove it from one of them',
    });
  }
  if (secret !== undefined) {
    problems.add({
      code: 'FORGE-PIPE-008',
      message: `image ${quoted(name)} has two secrets with the id ${quoted(secret)}`,
      fix: "set another id: BuildSecret.actions('NAME', { id: '…' })",
    });
  }
}

/**
 * Rejects versions that a workflow cannot have: a run has one version, and a Git tag is of one workflow.
 *
 * @jsii ignore
 */
export function checkVersionings(
  { filePerImage }: ImagePipelineProps,
  images: readonly CatalogueImage[],
  problems: Problems,
): void {
  const versioned = images.flatMap(({ name, tags }) => (tags?._versioning ? [{ name, tags }] : []));
  const key = ({ tags }: { tags: Tags }): string =>
    filePerImage ? tags._versioning!.tagPrefix : tags._versioning!._key;
  const [first] = versioned;
  if (!filePerImage) {
    const plain = images.find(({ tags }) => !tags?._versioning);
    const given = versioned.find(({ tags }) => !tags._versioning!._isComputed);
    if (plain && given) {
      problems.add({
        code: 'FORGE-PIPE-015',
        message: `images ${quoted(given.name)} and ${quoted(plain.name)} are built in one workflow, and only the first waits for a version that is given`,
        allowed: 'a version that is computed, or versions for all images of a workflow',
        fix: 'set tags at the pipeline, or set filePerImage to true',
        symptom: 'a push without a version fails, and no image is built',
      });
    }
    const other = versioned.find((one) => key(one) !== key(first));
    if (other !== undefined) {
      problems.add({
        code: 'FORGE-PIPE-015',
        message: `images ${quoted(first.name)} and ${quoted(other.name)} are built in one workflow, and have different versions`,
        allowed: 'one versioning for all images of a workflow',
        fix: 'set tags at the pipeline, or set filePerImage to true',
        symptom: 'no error: all images get the version of the first',
      });
    }
    return;
  }
  const computed = versioned.filter(({ tags }) => tags._versioning!._isComputed);
  const twin = computed.find((one, i) => computed.findIndex((other) => key(other) === key(one)) < i);
  if (twin !== undefined) {
    problems.add({
      code: 'FORGE-PIPE-015',
      message: `two workflow files tag their versions with ${quoted(key(twin))}, one of them for image ${quoted(twin.name)}`,
      allowed: 'a tag prefix for each file',
      fix: `set tags of the images: Tags.semver(Versioning.fromCommits({ tagPrefix: '${twin.name}/v' })); or remove filePerImage`,
      symptom: 'no error: the file that is slower finds the commit released, and builds nothing',
    });
  }
}
