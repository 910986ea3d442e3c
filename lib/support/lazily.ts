import { Lazy } from 'cdk8s';
import { throwing } from './waiting';

/**
 * Wraps `Lazy.any` and keeps the type of the value. cdk8s returns `any`, so an invalid structure would reach the
 * manifest.
 *
 * @jsii ignore
 */
export function lazily<T>(produce: () => T): T {
  return Lazy.any({ produce: () => throwing(produce) }) as T;
}
