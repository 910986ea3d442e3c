import { Lazy } from 'cdk8s';

/** Whether a path stays below the folder that it is relative to, and every part of it is a plain name. */
export function isPlainPath(path: string): boolean {
  return path.split('/').every((part) => /^[A-Za-z0-9._-]+$/.test(part) && part !== '.' && part !== '..');
}

/** A text, or what a lazy value makes of it now. */
export function producedText(source: unknown): string {
  return String(source instanceof Lazy ? source.produce() : source);
}
