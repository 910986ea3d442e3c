import { isCollection, Node } from 'yaml';
import { PositionedScalar } from './nodes';

/** The reason why Flux cannot update a place, and the fix. */
export type Obstacle = readonly [message: string, fix: string];

export const DIGEST_IN_TAG: Obstacle = [
  'a digest stands in the field of the tag, and Flux writes only the tag there',
  'move the digest to a field of its own, `digest`, or remove the digest',
];

export const MISPLACED: Obstacle = [
  'the marker makes Flux write something else than this value here',
  'remove the comment with the marker: synthesis writes the marker beside the tag',
];

const PINNED: Obstacle = [
  'a digest stands beside the tag and takes precedence, and the policy does not reflect digests',
  'set digest: DigestReflection.IF_NOT_PRESENT at the ImagePolicy, or remove the digest from the file',
];

const UNTAGGED: Obstacle = [
  'the image has a digest and no tag, so the deployed version is unknown',
  'write the tag before the digest: <name>:<tag>@sha256:…',
];

const ON_ITS_OWN = 'write it on a line of its own, `image: …`, without a YAML tag';

/**
 * Returns why the digest of a version cannot stay.
 *
 * @param version what follows the name, for example `:1.0@sha256:…`
 * @param isKept whether Flux writes digests here
 */
export function pinOf(version: string, { isKept }: { isKept: boolean }): Obstacle | undefined {
  if (version.startsWith('@')) {
    return UNTAGGED;
  }
  return version.includes('@') && !isKept ? PINNED : undefined;
}

/** Returns why Flux cannot update a scalar, whatever the scalar contains. */
export function obstacleAt(node: PositionedScalar, path: readonly Node[]): Obstacle | undefined {
  if (path.some((ancestor) => isCollection(ancestor) && ancestor.flow)) {
    return ['the image is inside [ ] or { }, and Flux rewrites the layout there', ON_ITS_OWN];
  }
  return node.tag !== undefined && !['tag:yaml.org,2002:str', '!'].includes(node.tag)
    ? [`the value has the YAML tag ${node.tag}, which does not fit every version`, ON_ITS_OWN]
    : undefined;
}
