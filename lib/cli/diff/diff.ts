import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { ForgeError, quoted } from '../../support';
import { changesOf } from './changes';
import { clustersOf, ClusterState } from './platform';
import { Difference } from './report';
import { State, stateOf } from './simulation';
import { CommittedTree, rootOf, WorkingTree } from './tree';

/**
 * The options of a comparison.
 *
 * @jsii ignore
 */
export interface DiffRun {
  /** The output directory. */
  readonly outdir: string;
  /** The commit to compare with, or a name of it. Changes of the other branch since the branches parted do not count. */
  readonly commit: string;
  /** The name of the only cluster to compare. @default - all */
  readonly cluster?: string;
  /** Returns what Flux has applied in a cluster, instead of the commit's content. @default - the commit's content */
  readonly live?: (committed: State) => Promise<State>;
}

/**
 * Compares the output directory with a commit, and returns what Flux does when the output is committed.
 *
 * @throws FORGE-CLI-020 without such a commit, FORGE-CLI-026 without such a cluster, FORGE-CLI-025 for several live clusters, FORGE-CLI-021 for a file that is not YAML, FORGE-CLI-022 for a directory
 * that kustomize builds
 * @jsii ignore
 */
export async function difference({ outdir, commit, cluster, live }: DiffRun): Promise<Difference> {
  const root = rootOf(path.dirname(path.resolve(outdir)));
  const output = path.relative(root, path.resolve(outdir)).split(path.sep).join('/');
  const isWanted = ({ name }: ClusterState): boolean => cluster === undefined || name === cluster;
  const committed = clustersOf(new CommittedTree(root, baseOf(root, commit)), output);
  const before = new Map(committed.filter(isWanted).map((one) => [one.name, one]));
  const written = clustersOf(new WorkingTree(root), output);
  const after = written.filter(isWanted);
  if (cluster !== undefined && before.size + after.length === 0) {
    throw ForgeError.of({
      code: 'FORGE-CLI-026',
      message: `the output has no cluster ${quoted(cluster)}`,
      allowed: written.map(({ name }) => name).join(', ') || 'none: the program has no cluster',
      fix: 'set --cluster to the name of a Cluster of the program',
    });
  }
  if (live && after.length > 1) {
    throw ForgeError.of({
      code: 'FORGE-CLI-025',
      message: `--live compares one cluster, and the output has ${after.length}`,
      allowed: after.map(({ name }) => name).join(', '),
      fix: "set --cluster to the cluster of kubectl's current context",
    });
  }
  const clusters = [];
  for (const next of after.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const old = before.get(next.name);
    const state: State = old === undefined ? new Map() : stateOf(old);
    clusters.push({ name: next.name, ...changesOf(live ? await live(state) : state, next) });
  }
  const gone = [...before.keys()].filter((name) => !after.some((next) => next.name === name)).sort();
  return { since: commit, clusters, gone };
}

/** Returns the commit at which the branches parted, or the commit itself if that is not known, as in a shallow clone. */
export function baseOf(root: string, commit: string): string {
  const { status, stdout } = spawnSync('git', ['merge-base', '--', commit, 'HEAD'], { cwd: root });
  return status === 0 ? stdout.toString().trim() : commit;
}
