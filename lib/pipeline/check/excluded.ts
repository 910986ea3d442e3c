import { Construct } from 'constructs';
import { AdoptedManifest, Cluster } from '../../flux';
import { Repository } from '../../forge';
import { engineOf } from '../../support';

/**
 * Returns whether the sources of a pipeline are in the repository that Flux deploys from, and commits to.
 *
 * @jsii ignore
 */
export function isGitOpsRepository(cluster: Cluster, repository: Repository): boolean {
  return cluster.source.repository.isSameAs(repository);
}

/**
 * Returns the paths of the GitOps repository that Flux and synth commit to: the output, the image lock and the adopted files.
 * A build that such a commit starts would make a commit, and so on without end.
 *
 * @jsii ignore
 */
export function committedPaths(pipeline: Construct, cluster: Cluster): string[] {
  const engine = engineOf(pipeline.node.root);
  const adopted = pipeline.node.root.node.findAll().filter(AdoptedManifest.isAdoptedManifest);
  const files = adopted.map(({ file }) => file);
  const [output] = cluster.entryPath.split('/clusters/');
  return [`${output}/**`, engine?.lockPath ?? 'images.yaml', ...new Set(files)];
}
