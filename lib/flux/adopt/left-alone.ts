import { isMap, isScalar, YAMLMap } from 'yaml';

/** A comment that leaves the value before it alone, with an optional reason: `# cdk8s-forge:ignore until 2.0 works`. */
const IGNORE = /^#+\s*cdk8s-forge:ignore(?:\s|$)/;

/** Returns whether a comment, which begins with `#`, says that the value before it is no place of the image. */
export function isLeftAlone(comment: string | undefined): boolean {
  return IGNORE.test(comment ?? '');
}

/** Keys below `global` with which charts replace the registry of every image. */
const GLOBAL_KEYS = ['imageRegistry', 'registry'];

/**
 * Returns the registries that `global` of the values around a mapping sets for every image, as charts of Bitnami read it.
 *
 * @param path the nodes around the mapping, outermost first
 */
export function globalRegistries(path: readonly unknown[]): string[] {
  return path
    .flatMap((node) => (isMap(node) ? [node.get('global', true) as unknown] : []))
    .flatMap((values) => (isMap(values) ? GLOBAL_KEYS.map((key) => textIn(values, key)) : []))
    .filter((text) => text !== '');
}

function textIn(map: YAMLMap, key: string): string {
  const node = map.get(key, true);
  return isScalar(node) && typeof node.value === 'string' ? node.value : '';
}
