import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { ignoredPart } from '../../output';
import { SecretSource } from '../../secret';
import { ForgeError, quoted } from '../../support';
import { IFluxObject } from '../base/flux-object';
import { SourceKind, SourceReference } from '../source/existing-source';
import { GitRepository } from '../source/git-repository';
import { ClusterProps } from './props';

/** The sources of a cluster. */
export interface ClusterSources {
  /** The repository that Flux commits to, and reads unless another source exists. */
  readonly repository: GitRepository;
  /** The source that Flux reads. */
  readonly applied: IFluxObject;
}

/**
 * Creates the sources of a cluster, or refers to one that exists.
 *
 * @throws FORGE-FLUX-052 for settings that a source which exists does not take
 */
export function clusterSources(chart: Chart, id: string, props: ClusterProps): ClusterSources {
  const { existingSource: existing, source, branch, url, verify } = props;
  const isGit = existing?.kind === SourceKind.GIT_REPOSITORY;
  if (isGit) {
    assertUnset(chart, { url, credentials: props.credentials });
  }
  const repository = new GitRepository(chart, id, {
    repository: source,
    branch,
    url,
    verify,
    credentials: props.credentials ?? SecretSource.existing('flux-system'),
    ...(isGit ? { existing: { name: existing.name, namespace: existing.namespace ?? chart.namespace } } : {}),
  });
  const applied =
    existing === undefined || isGit ? repository : new SourceReference(chart, 'applied', { source: existing });
  return { repository, applied };
}

function assertUnset(chart: IConstruct, values: Record<string, unknown>): void {
  const set = Object.keys(values).find((name) => values[name] !== undefined);
  if (set !== undefined) {
    throw ForgeError.at(chart, {
      code: 'FORGE-FLUX-052',
      message: `${quoted(set)} is set, but the GitRepository exists, and this app does not change it`,
      fix: `remove ${set}, or remove existingSource`,
      symptom: 'no error: the GitRepository keeps its own',
    });
  }
}

/**
 * Rejects an output directory that Flux leaves out of the source.
 *
 * @throws FORGE-FLUX-055
 */
function assertSeen(cluster: IConstruct, outputPath: string): void {
  const part = ignoredPart(`${outputPath}/`);
  if (part !== undefined) {
    throw ForgeError.at(cluster, {
      code: 'FORGE-FLUX-055',
      message: `the output directory is ${quoted(outputPath)}, and Flux leaves out what has the name ${quoted(part)}`,
      allowed: 'a directory that the default rules of Flux for sources do not exclude',
      fix: "set outdir of the app to a directory such as 'dist'",
      symptom: 'kustomization path not found',
    });
  }
}

/**
 * Rejects an output directory that Flux leaves out, and a directory of updates that does not contain the image lock and the output.
 *
 * @throws FORGE-FLUX-052, 055
 */
export function assertPlaces(cluster: IConstruct, path: string | undefined, outputPath: string): void {
  assertSeen(cluster, outputPath);
  const clean = (text: string) => text.replace(/^\.?\//, '').replace(/\/+$/, '');
  const directory = clean(path ?? '');
  const parent = outputPath.includes('/') ? outputPath.slice(0, outputPath.lastIndexOf('/')) : '';
  if (directory === '' || directory === '.' || `${parent}/`.startsWith(`${directory}/`)) {
    return;
  }
  throw ForgeError.at(cluster, {
    code: 'FORGE-FLUX-052',
    message: `imageUpdates.path ${quoted(path!)} does not contain images.yaml and ${quoted(outputPath)}`,
    allowed: parent === '' ? './' : `./ or ./${parent}`,
    fix: 'remove path; to update other files only, use an ImageUpdateAutomation of your own',
    symptom: 'no error: Flux commits no new version, or the next synth reverts it',
  });
}
