/** A field that differs, with its values. A side that does not have the field is undefined. */
export interface FieldChange {
  /** The path, for example `spec.template.spec.containers[0].image`. */
  readonly path: string;
  readonly old?: unknown;
  readonly next?: unknown;
}

/** Returns the fields in which two values differ, at the deepest level at which both are mappings or lists. */
export function fieldChanges(old: unknown, next: unknown, path = ''): FieldChange[] {
  if (isEqual(old, next)) {
    return [];
  }
  if (isMapping(old) && isMapping(next)) {
    return [...new Set([...Object.keys(old), ...Object.keys(next)])].flatMap((key) =>
      fieldChanges(old[key], next[key], join(path, key)),
    );
  }
  if (Array.isArray(old) && Array.isArray(next)) {
    return Array.from({ length: Math.max(old.length, next.length) }).flatMap((_, i) =>
      fieldChanges(old[i], next[i], `${path}[${i}]`),
    );
  }
  return [{ path, old, next }];
}

/** Returns whether two values of JSON are equal. The order of keys has no meaning. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  if (isMapping(a) && isMapping(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
    );
  }
  return a === b;
}

/** Returns the value at a path of keys, or undefined. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isMapping(inner) ? inner[key] : undefined), value);
}

/** Returns whether a value is a mapping. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  const isPlain = /^[A-Za-z_][\w-]*$/.test(key);
  return isPlain ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`;
}
