import { Lazy } from 'cdk8s';

/**
 * `Lazy.any` that keeps its type: cdk8s returns `any`, which lets a wrong shape through to the manifest.
 *
 * @jsii ignore
 */
export function lazily<T>(produce: () => T): T {
  return Lazy.any({ produce }) as T;
}
