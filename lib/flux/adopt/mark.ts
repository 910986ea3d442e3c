/** A comment that is a marker and nothing else. Flux ignores further number signs. */
const MARKER = /^#+\s*\{\s*"\$imagepolicy"\s*:\s*"([^"]*)"\s*\}\s*$/;

/** A Flux marker: a policy, and the part of the image that Flux writes beside it. */
export interface Mark {
  /** The complete text, for example `flux-system:api:tag`. */
  readonly setter: string;
  readonly namespace: string;
  /** The part; undefined for a complete reference. */
  readonly part: string | undefined;
}

/** Returns the marker in a comment that begins with `#`, or undefined if the comment is no marker. */
export function markIn(comment: string | undefined): Mark | undefined {
  const setter = MARKER.exec(comment ?? '')?.[1];
  if (setter === undefined) {
    return undefined;
  }
  const [namespace, , part] = setter.split(':');
  return { setter, namespace, part };
}
