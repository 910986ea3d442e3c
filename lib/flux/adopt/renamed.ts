import { ManagedImage } from '../../output';

/**
 * Returns whether a text has a complete reference that is marked for the policy but has another name.
 *
 * After an image is renamed under the same policy, Flux writes the old name back until it has applied and scanned the
 * new ImageRepository. Then Flux writes the new name. Until then, the text is correct as it is.
 */
export function keptAfterRename(text: string, { policy, name }: ManagedImage): boolean {
  const marked = /^[^#\n]*?[\s"']([^\s"'#]+)["']?[ \t]+#+\s*\{\s*"\$imagepolicy"\s*:\s*"([^"]*)"\s*\}[ \t]*\r?$/gm;
  return [...text.matchAll(marked)].some(
    ([, reference, setter]) =>
      (setter === policy && reference.replace(/(:[^:/]+)?(@.*)?$/, '') !== name) ||
      (setter === `${policy}:name` && reference !== name),
  );
}
