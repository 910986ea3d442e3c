import { canonicalHost, servingPath } from '../access/docker-hub';

/**
 * Returns the images of a list that another image before them is too, under whatever name of Docker Hub.
 *
 * @jsii ignore
 */
export function repeatedImages(images: readonly string[]): string[] {
  const full = images.map(fullName);
  return images.filter((_, i) => full.indexOf(full[i]) < i);
}

/** Returns the name with the host that every client uses; a text that is no name stays as it is, with its error. */
function fullName(text: string): string {
  const slash = text.indexOf('/');
  const host = text.slice(0, slash);
  return slash === -1 ? text : `${canonicalHost(host)}/${servingPath(host, text.slice(slash + 1))}`;
}
