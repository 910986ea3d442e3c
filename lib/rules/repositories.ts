import { byPath, Model } from '../model';
import { RootFile } from '../output';
import { quoted, SaidWarning } from '../support';

/**
 * Warns of repositories that do not fit together: clusters that follow several repositories, although the output is in one, and
 * workflows in this repository that name a repository which no cluster follows.
 *
 * @jsii ignore
 */
export function repositoryWarnings(model: Model): SaidWarning[] {
  const [first, ...others] = byPath(model.clusters);
  if (first === undefined) {
    return [];
  }
  const followed = [first, ...others].map(({ source }) => source.repository);
  const apart = others.filter(({ source }) => !source.repository.isSameAs(followed[0]));
  const strangers = byPath(model.workflows).filter(
    ({ node, repository }) =>
      node.children.some((child) => RootFile.isRootFile(child)) && !followed.some((one) => one.isSameAs(repository)),
  );
  return [
    ...apart.map(({ node, name, source }) => ({
      path: node.path,
      text: `cluster ${quoted(name)} follows ${quoted(source.repository.fullName)}, and cluster ${quoted(first.name)} follows ${quoted(followed[0].fullName)}: the output of this app must be in both. Push it to both, or use one app for each repository`,
    })),
    ...strangers.map(({ node, repository }) => ({
      path: node.path,
      text: `the workflow is a file of this repository, and its repository is ${quoted(repository.fullName)}, which no cluster of this app follows. Check the name, or remove inThisRepository`,
    })),
  ];
}
