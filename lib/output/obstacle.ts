import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Returns what keeps a file from being written at a path below a root, in words, or undefined if nothing does. A
 * regular file at the path itself is no obstacle, and neither is a directory that is empty when the run has removed its files.
 *
 * @param isRemoved returns whether the run removes a file, as a path relative to the root; undefined if the run removes nothing
 * @jsii ignore
 */
export function obstacleAt(root: string, file: string, isRemoved?: (file: string) => boolean): string | undefined {
  const real = realPath(root);
  const parts = file.split('/');
  for (let i = 1; i <= parts.length; i++) {
    const part = parts.slice(0, i).join('/');
    const target = path.join(root, part);
    const stat = fs.lstatSync(target, { throwIfNoEntry: false });
    if (stat === undefined) {
      return undefined;
    }
    if (stat.isSymbolicLink() && !isBelow(realPath(target), real)) {
      return `"${part}" is a symbolic link that leads out of the directory`;
    }
    const isFolder = leadsToFolder(target);
    if (i < parts.length && !isFolder) {
      return isRemoved?.(part) ? undefined : `"${part}" is a file, not a directory`;
    }
    if (i === parts.length && isFolder && (stat.isSymbolicLink() || !everythingIn(target, part, isRemoved))) {
      return `"${part}" is a directory`;
    }
  }
  return undefined;
}

function leadsToFolder(target: string): boolean {
  return fs.statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Returns whether a directory is empty when the run has removed its files. A run that removes nothing keeps directories. */
function everythingIn(folder: string, prefix: string, isRemoved?: (file: string) => boolean): boolean {
  if (isRemoved === undefined) {
    return false;
  }
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !fs.lstatSync(path.join(folder, name)).isDirectory())
    .every((name) => isRemoved(`${prefix}/${name.split(path.sep).join('/')}`));
}

/**
 * Removes a directory without files, and fails for a directory with files. Git has no empty directories, so nobody misses them.
 *
 * @jsii ignore
 */
export function removeEmptyFolder(folder: string): void {
  fs.readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .forEach(({ name }) => removeEmptyFolder(path.join(folder, name)));
  fs.rmdirSync(folder);
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}

function isBelow(file: string, root: string): boolean {
  return file === root || file.startsWith(root + path.sep);
}
