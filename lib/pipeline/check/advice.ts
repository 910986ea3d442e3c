import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { IBuilder } from '../../buildkit';
import { quantity } from '../../kube';
import { RegistryKind } from '../../registry';
import { Advice, ByHand } from '../../support';
import { CatalogueImage } from '../catalogue/image-options';
import { buildArgumentWarnings } from './build-arguments';
import { sizeSettings } from '../catalogue/image-size';
import { ImagePipelineProps } from '../pipeline-props';

/** The parts of a pipeline that its advice depends on. */
interface AdvisedPipeline {
  readonly builder: IBuilder;
  readonly images: readonly CatalogueImage[];
  readonly props: ImagePipelineProps;
}

/**
 * Returns the warnings and the manual steps of a pipeline.
 *
 * @jsii ignore
 */
export function pipelineAdvice(pipeline: Construct, { builder, images, props }: AdvisedPipeline): Advice {
  return {
    byHand: visibility(images, props),
    warnings: [
      ...buildArgumentWarnings(images),
      ...spaceWarnings(builder, images),
      ...derivedWarnings(pipeline, images, props),
    ],
  };
}

/** Says what makes a package of GitHub readable without a token: nothing in a workflow can. */
function visibility(images: readonly CatalogueImage[], { registry }: ImagePipelineProps): ByHand[] {
  if (registry.kind !== RegistryKind.GHCR || registry.credentials !== undefined) {
    return [];
  }
  const pages = images.map(({ name }) => `[\`${name}\`](${registry.packageUrl(name)})`);
  return [
    {
      title: `Visibility of the packages at \`${registry.pull.host}\``,
      text: `A new package is private. After the first build, open ${pages.join(', ')}, and change the visibility to public in "Package settings". Flux and the nodes read the package without a token then. If the package must stay private, set \`credentials\` of the registry instead.`,
    },
  ];
}

/** Warns about a volume that a huge image and its cache fill. */
function spaceWarnings(builder: IBuilder, images: readonly CatalogueImage[]): string[] {
  const { stateSize } = builder;
  return images.flatMap(({ name, size }) => {
    const { space } = sizeSettings(size);
    return stateSize === undefined || space === undefined || bytes(stateSize) >= bytes(space)
      ? []
      : [
          `Image \`${name}\` is huge, and builder \`${builder.path}\` has a volume of ${quantity(stateSize)}: a build can end with \`no space left on device\`, and the cache is deleted after each build. Set \`storage\` to at least ${quantity(space)}.`,
        ];
  });
}

/** Warns about images that no pull request builds. */
function derivedWarnings(pipeline: Construct, images: readonly CatalogueImage[], props: ImagePipelineProps): string[] {
  const derived = images.filter(({ baseImages }) => Object.keys(baseImages ?? {}).length > 0);
  return props.pullRequests && derived.length > 0
    ? [
        `Pull requests do not build ${derived.map(({ name }) => `\`${name}\``).join(', ')} of \`${pipeline.node.path}\`: the base images of a pull request are not pushed.`,
      ]
    : [];
}

function bytes(size: Size): number {
  return size.toKibibytes();
}
