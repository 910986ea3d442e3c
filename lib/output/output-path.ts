import { Lazy } from 'cdk8s';

/** Returns whether a path stays below its base directory and every part of the path is a plain name. */
export function isPlainPath(path: string): boolean {
  return path.split('/').every((part) => /^[A-Za-z0-9._-]+$/.test(part) && part !== '.' && part !== '..');
}

/** Returns a text, or the current result of a lazy value. */
export function producedText(source: unknown): string {
  return String(source instanceof Lazy ? source.produce() : source);
}
