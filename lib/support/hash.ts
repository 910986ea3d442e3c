import { createHash } from 'node:crypto';

/**
 * A short, stable fingerprint of what a workload is configured with, for an annotation that rolls its pods.
 *
 * Managed image values are placeholders at this point, so a tag that Flux moves does not change it.
 *
 * @jsii ignore
 */
export function fingerprint(...texts: string[]): string {
  const hash = createHash('sha256');
  texts.forEach((text) => hash.update(`${text.length}:`).update(text));
  return hash.digest('hex').slice(0, 16);
}
