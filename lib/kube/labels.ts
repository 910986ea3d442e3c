const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Returns whether Kubernetes accepts a text as the key of a label or an annotation. */
function isKey(key: string): boolean {
  const parts = key.split('/');
  const name = parts.pop()!;
  return NAME.test(name) && (parts.length === 0 || (parts.length === 1 && PREFIX.test(parts[0])));
}

/**
 * Returns the labels that Kubernetes does not accept, each as `key: value`.
 *
 * @jsii ignore
 */
export function badLabels(labels: Record<string, string> = {}): string[] {
  return Object.entries(labels)
    .filter(([key, value]) => !isKey(key) || !(value === '' || NAME.test(value)))
    .map(([key, value]) => `${key}: ${value}`);
}

/**
 * Returns the keys of annotations that Kubernetes does not accept.
 *
 * @jsii ignore
 */
export function badAnnotations(annotations: Record<string, string> = {}): string[] {
  return Object.keys(annotations).filter((key) => !isKey(key.toLowerCase()));
}
