import { Repository } from '../forge';
import { ConstructKind } from '../support';

/**
 * A construct with a file for the repository of an application, below `repositories/<owner>/<name>/` of the output.
 *
 * @jsii ignore
 */
export interface RepositoryFile {
  readonly repository: Repository;
  /** The path of the file in the repository. */
  readonly path: string;
}

/**
 * The constructs with files for other repositories. Register your own, so that `cdk8s-forge deliver` knows where the
 * repository is.
 *
 * @jsii ignore
 */
export const REPOSITORY_FILES = new ConstructKind<RepositoryFile>('RepositoryFile');
