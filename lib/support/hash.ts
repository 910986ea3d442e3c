import { createHash } from 'node:crypto';

/**
 * Returns a short, stable fingerprint of a workload's configuration, for an annotation that triggers a rollout of its
 * pods.
 *
 * Managed image values are still placeholders here, so the fingerprint does not change when Flux moves a tag.
 *
 * @jsii ignore
 */
export function fingerprint(...texts: string[]): string {
  const hash = createHash('sha256');
  texts.forEach((text) => hash.update(`${text.length}:`).update(text));
  return hash.digest('hex').slice(0, 16);
}
