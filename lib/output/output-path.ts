import { Lazy } from 'cdk8s';

/** Returns whether a path stays below its base directory and every part of the path is a plain name. */
export function isPlainPath(path: string): boolean {
  return path.split('/').every((part) => /^[A-Za-z0-9._-]+$/.test(part) && part !== '.' && part !== '..');
}

/**
 * Returns whether a path leads into a Git directory. A file system that ignores case takes `.GIT` for one too.
 *
 * @jsii ignore
 */
export function isInGit(path: string): boolean {
  return path.split('/').some((part) => part.toLowerCase() === '.git');
}

/** Returns a text, or the current result of a lazy value. */
export function producedText(source: unknown): string {
  return String(source instanceof Lazy ? source.produce() : source);
}
