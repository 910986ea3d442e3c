import { Construct } from 'constructs';
import { IBuilder, Provenance } from '../../buildkit';
import { IRunsOn } from '../../forge';
import { RegistryRole, Zone } from '../../registry';
import { IRunner } from '../../runner';
import { oneOf, Problems, quoted } from '../../support';
import { CatalogueImage } from '../catalogue/image-options';
import { ImagePipelineProps } from '../pipeline-props';
import { checkAttestations, checkMirrors } from './registries';
import { checkNames, checkVersionings } from './twice';

/**
 * Checks that the parts of a pipeline fit, and returns its builder.
 *
 * @throws FORGE-PIPE-001, 002, 004, 008, 010, 011, 015 and 016, FORGE-REG-006 or 008, FORGE-BK-012
 * @jsii ignore
 */
export function checkedBuilder(
  pipeline: Construct,
  props: ImagePipelineProps,
  images: readonly CatalogueImage[],
): IBuilder {
  const problems = new Problems(pipeline.node.path);
  const { repository, runner, pullRequestRunner = runner } = props;
  const builder = props.builder ?? builderOf(runner);
  new Set([runner, pullRequestRunner]).forEach((one) => checkRunner(one, props, problems));
  checkForm(props, problems);
  checkFlags(props, images, problems);
  checkVersionings(props, images, problems);
  images.forEach((image) => checkNames(image, problems));
  if (builder === undefined) {
    problems.add({
      code: 'FORGE-PIPE-002',
      message: `${runner.description} has no builder, and none is set`,
      fix:
        runner.capabilities.dockerInJobs !== false
          ? 'set `builder`: Builder.buildx() or Builder.docker() build with the Docker daemon of the runner'
          : 'set `builder`, or give the runner a builder: Executor.host({ builder })',
      symptom: 'buildctl: command not found',
    });
  } else {
    new Set([runner, pullRequestRunner]).forEach((one) => checkClient(builder, one, problems));
    checkBuilder(builder, props, problems);
    images.forEach((image) => checkImage(builder, image, problems));
  }
  problems.collect(() => props.registry.assertAccess(pipeline, RegistryRole.PUSH, Zone.JOB));
  problems.collect(() => props.registry.assertAccess(pipeline, RegistryRole.PULL, Zone.NODE));
  const pushed = { registry: props.registry, images, builder };
  checkMirrors(pipeline, pushed, problems);
  checkAttestations(pushed, problems);
  images.forEach(({ cache }) => problems.collect(() => cache?.assertWorksAt(repository.forge)));
  problems.throwIfAny();
  return builder!;
}

/** Returns the builder of a runner; undefined if there is none, or if only labels of the runner are known. */
function builderOf(runner: IRunsOn): IBuilder | undefined {
  return (runner as IRunsOn & Partial<IRunner>).builder;
}

/** Returns whether the jobs of a runner are clients of a builder. Of labels, only capabilities are known. */
function isClient(runner: IRunsOn, builder: IBuilder): boolean {
  const own = builderOf(runner);
  return own === undefined ? runner.capabilities.builderInJobs !== false : own === builder;
}

function checkRunner(runner: IRunsOn, { repository }: ImagePipelineProps, problems: Problems): void {
  if (!runner.canRunJobsOf(repository, runner.jobLabels)) {
    problems.add({
      code: 'FORGE-PIPE-001',
      message: `${runner.description} takes no jobs of ${quoted(repository.fullName)} at ${repository.forge.url}`,
      fix: 'give the runner a scope that covers the repository, or pass a runner of that forge that has one',
      symptom: 'the job waits for ever: no matching online runner',
    });
  }
}

/** Rejects options of one image next to a catalogue, and options that need another option. */
function checkForm(props: ImagePipelineProps, problems: Problems): void {
  const { images, image, policyName, filePerImage, pullRequests, pullRequestRunner } = props;
  const single = Object.entries({ image, policyName }).find(([, value]) => value !== undefined)?.[0];
  if (images !== undefined && single !== undefined) {
    problems.add({
      code: 'FORGE-PIPE-008',
      message: `${single} names one image, and images lists ${images.length}`,
      fix: `remove ${single}, and set ${single === 'image' ? 'name' : single} at the images`,
    });
  }
  if (pullRequestRunner !== undefined && !pullRequests) {
    problems.add({
      code: 'FORGE-PIPE-008',
      message: 'pullRequestRunner is set, and pull requests are not built',
      fix: 'set pullRequests to true, or remove pullRequestRunner',
    });
  }
  // The tags of a branch begin with its name, and Flux would sort the tags of none.
  const unseen = 'no error: builds push tags of their own branch, and Flux finds no tag of this one';
  checkBranch(props.branch ?? 'main', unseen, problems);
  const derived = (images ?? []).find(({ baseImages }) => Object.keys(baseImages ?? {}).length > 0);
  if (filePerImage && derived) {
    problems.add({
      code: 'FORGE-PIPE-008',
      message: `image ${quoted(derived.name)} is built from another image of the catalogue, and each image has a workflow file of its own`,
      fix: 'remove filePerImage: a job cannot wait for a job of another workflow',
    });
  }
}

/**
 * Rejects a pattern as the branch: a filter reads the name as a pattern.
 *
 * @param symptom the effect at run time
 */
export function checkBranch(branch: string, symptom: string, problems: Problems): void {
  if (!/[*?[\]!+]/.test(branch)) {
    return;
  }
  problems.add({
    code: 'FORGE-PIPE-016',
    message: `branch ${quoted(branch)} is a pattern, or has a character that a filter reads as one`,
    allowed: 'the name of one branch',
    fix: 'set branch to the name of one branch; other branches need a construct each',
    symptom,
  });
}

/** Rejects a flag that leaves an image without its base image, which would skip both. */
function checkFlags({ skip = [] }: ImagePipelineProps, images: readonly CatalogueImage[], problems: Problems): void {
  for (const { text, images: only } of skip) {
    const left = images.filter(({ name }) => only.includes(name));
    const missing = left
      .flatMap(({ baseImages }) => Object.values(baseImages ?? {}))
      .find((base) => !only.includes(base));
    if (missing !== undefined) {
      problems.add({
        code: 'FORGE-PIPE-009',
        message: `skip flag ${quoted(text)} leaves out ${quoted(missing)}, which another image is built from`,
        fix: `add ${quoted(missing)} to the images of the flag`,
        symptom: 'no error: the job of the image is skipped together with the job of its base image',
      });
    }
  }
}

/** Rejects a runner whose jobs cannot use the builder. */
function checkClient(builder: IBuilder, runner: IRunsOn, problems: Problems): void {
  if (builder.isForClientsOnly && !isClient(runner, builder)) {
    problems.add({
      code: 'FORGE-PIPE-002',
      message: `the jobs of ${runner.description} do not know builder ${quoted(builder.path)}`,
      fix: runner.capabilities.containerJobs
        ? 'use a runner with the host executor, Executor.host({ builder }): the jobs of this runner are in containers, which are no clients of the builder'
        : 'pass the builder to the executor of the runner, Executor.host({ builder }), and remove `builder` here',
      symptom: 'buildctl: command not found',
    });
  }
  if (builder.tools.includes('docker') && runner.capabilities.dockerInJobs === false) {
    problems.add({
      code: 'FORGE-PIPE-010',
      message: `builder ${quoted(builder.name)} needs Docker in the job, and the jobs of ${runner.description} have none`,
      fix: 'use a Buildkitd with Executor.host({ builder }), or a runner with Executor.docker() or Executor.dockerRootless()',
      symptom: 'docker: command not found, or Cannot connect to the Docker daemon',
    });
  }
}

function checkBuilder(builder: IBuilder, { registry }: ImagePipelineProps, problems: Problems): void {
  if (!builder.canUse(registry)) {
    problems.add({
      code: 'FORGE-PIPE-004',
      message: `builder ${quoted(builder.path)} does not know registry ${quoted(registry.push.host)}`,
      fix: builder.isForClientsOnly
        ? 'pass the registry to the builder: new Buildkitd(chart, id, { registries: [registry], … })'
        : 'read a private CA with CaBundle.fromFile, or add the registry to registries of the driver, or use a Buildkitd',
      symptom: 'http: server gave HTTP response to HTTPS client, or x509: certificate signed by unknown authority',
    });
  }
}

/** Rejects an image that the builder cannot build. */
function checkImage(builder: IBuilder, image: CatalogueImage, problems: Problems): void {
  const { name, platforms = [], cache } = image;
  const known = builder.platforms;
  const foreign = known && platforms.map((platform) => platform.name).filter((one) => !known.includes(one));
  if (foreign && foreign.length > 0) {
    problems.add({
      code: 'FORGE-PIPE-011',
      message: `builder ${quoted(builder.path)} does not build image ${quoted(name)} for ${foreign.map(quoted).join(', ')}`,
      allowed: known.length > 0 ? oneOf(known) : 'the platform of the daemon: no platforms set',
      fix: 'use BuildkitPlatforms with an architecture for each platform, or a builder with emulation (emulation: Emulation.bundled()), or remove the platform',
      symptom: 'exec format error',
    });
  }
  if (cache && !builder.cacheKinds.includes(cache.kind)) {
    problems.add({
      code: 'FORGE-PIPE-011',
      message: `builder ${quoted(builder.path)} cannot use the ${cache.kind} cache of image ${quoted(name)}`,
      allowed: builder.cacheKinds.join(', '),
      fix: 'use BuildCache.registry() with a Buildkitd or Builder.buildx(), or BuildCache.inline(…)',
      symptom: 'Cache export is not supported for the docker driver',
    });
  }
  if (builder.canAttest === false && ((image.provenance ?? Provenance.NONE) !== Provenance.NONE || image.sbom)) {
    problems.add({
      code: 'FORGE-PIPE-011',
      message: `builder ${quoted(builder.path)} cannot attach attestations to image ${quoted(name)}`,
      fix: 'use a Buildkitd or Builder.buildx(), or remove provenance and sbom',
      symptom: 'Attestation is not supported for the docker driver',
    });
  }
}
