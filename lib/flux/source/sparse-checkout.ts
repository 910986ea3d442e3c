import * as path from 'node:path';
import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../../support';

/**
 * Returns the directories of a sparse checkout without `./` and trailing slashes.
 *
 * @throws FORGE-FLUX-048 for a text that is no directory below the root
 * @jsii ignore
 */
export function checkedDirectories(construct: IConstruct, directories: readonly string[]): string[] {
  return directories.map((directory) => {
    const normal = path.posix.normalize(directory).replace(/\/$/, '');
    if (!/^[/\s]|[\\*?[\]!\n]/.test(directory) && normal !== '.' && normal.split('/')[0] !== '..') {
      return normal;
    }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-048',
      message: `sparseCheckout ${quoted(directory)} is no directory of the repository`,
      allowed: 'paths from the root of the repository, without patterns, for example dist/clusters/home',
      fix: 'write the path as `git ls-tree -rd --name-only HEAD` prints it',
    });
  });
}

/**
 * Returns whether a sparse checkout contains a path. Without directories, it contains everything.
 *
 * @jsii ignore
 */
export function isCheckedOut(directories: readonly string[], file: string): boolean {
  const normal = path.posix.normalize(file).replace(/\/$/, '');
  return (
    directories.length === 0 ||
    directories.some((directory) => normal === directory || normal.startsWith(`${directory}/`))
  );
}
