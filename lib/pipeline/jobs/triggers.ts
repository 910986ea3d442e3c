import * as path from 'node:path';
import { PushTriggerProps, Trigger } from '../../workflow';
import { CatalogueImage } from '../catalogue/image-options';
import { Tags } from '../tags/tags';
import { ImagePipelineProps } from '../pipeline-props';

/**
 * Returns the triggers of a workflow.
 *
 * @param excluded paths that Flux and synth commit to the repository; a change of them alone starts nothing
 * @jsii ignore
 */
export function triggersOf(
  props: ImagePipelineProps,
  workflow: { images: readonly CatalogueImage[]; tags: readonly Tags[]; path: string },
  excluded: readonly string[],
): Trigger[] {
  const paths = pathsOf(workflow.images, [...(props.sharedPaths ?? []), workflow.path], excluded);
  const filter = paths.length > 0 ? { paths } : {};
  const push = pushFilter(props, workflow.tags);
  return [
    ...(push ? [Trigger.push({ ...push, ...(push.branches ? filter : {}) })] : []),
    ...(props.pullRequests ? [Trigger.pullRequest({ branches: [props.branch ?? 'main'], ...filter })] : []),
    ...(props.dispatch ? [Trigger.dispatch(props.dispatch)] : []),
    ...(props.schedule ? [Trigger.schedule(props.schedule)] : []),
  ];
}

/** Returns the branches and Git tags whose pushes start a build; undefined if no push does. */
function pushFilter({ branch = 'main' }: ImagePipelineProps, tags: readonly Tags[]): PushTriggerProps | undefined {
  const versionings = tags.flatMap((one) => one._versioning ?? []);
  const prefixes = [
    ...versionings.filter((one) => one._isFromTag).map(({ tagPrefix }) => tagPrefix),
    ...(tags.some((one) => one._readsGitTags) ? ['v'] : []),
  ];
  const isForBranch = tags.some((one) => one._versioning === undefined || one._versioning._isComputed);
  if (prefixes.length === 0 && !isForBranch) {
    return undefined;
  }
  return {
    ...(isForBranch ? { branches: [branch] } : {}),
    ...(prefixes.length > 0 ? { tags: [...new Set(prefixes)].map((prefix) => `${prefix}*`) } : {}),
  };
}

/** Returns the path filter; empty if every path counts. */
function pathsOf(images: readonly CatalogueImage[], shared: string[], excluded: readonly string[]): string[] {
  // A path filter knows no `./`.
  const below = (context: string): string => (context === '.' ? '**' : `${context}/**`);
  const own = images.map(({ paths, context = '.' }) => paths ?? [below(path.posix.normalize(context))]);
  const isEverything = own.some((paths) => paths.includes('**'));
  if (isEverything && excluded.length === 0) {
    return [];
  }
  const wanted = isEverything ? ['**'] : [...new Set([...own.flat(), ...shared])];
  return [...wanted, ...excluded.map((path) => `!${path}`)];
}
