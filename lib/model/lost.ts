import { ApiObject } from 'cdk8s';
import { ForgeError, quoted } from '../support';

/** The private parts of an object that this module reads. */
interface Inside {
  readonly props: { readonly spec?: { readonly values?: unknown } };
  readonly patches: readonly { _toJson(): { readonly op: string; readonly path: string } }[];
}

/** A value of a manifest that contains no other values, by its normalized path. */
type Leaves = Map<string, { readonly path: string; readonly text: string }>;

function inside(object: ApiObject): Inside {
  return object as unknown as Inside;
}

/**
 * Returns the manifest of a HelmRelease with the `null` values of the program. In Helm, `null` removes a default of the
 * chart, and cdk8s leaves each `null` out. A manifest that JSON patches change is returned unchanged where they change it.
 */
export function withHelmNulls<T extends { apiVersion?: unknown; kind?: unknown }>(object: ApiObject, manifest: T): T {
  const raw = inside(object).props.spec?.values;
  const { spec } = manifest as { spec?: { values?: unknown } };
  if (manifest.kind !== 'HelmRelease' || raw === undefined || spec?.values === undefined) {
    return manifest;
  }
  const patched = inside(object).patches.map((patch) => patch._toJson().path);
  const values = withNulls(spec.values, raw, { path: '/spec/values', patched });
  return { ...manifest, spec: { ...spec, values } };
}

function withNulls(value: unknown, raw: unknown, at: { path: string; patched: readonly string[] }): unknown {
  const inner = (key: string | number) => ({ ...at, path: `${at.path}/${pointer(String(key))}` });
  if (at.patched.includes(at.path)) {
    return value;
  }
  if (raw === null) {
    return value ?? null;
  }
  if (Array.isArray(raw) && Array.isArray(value) && raw.length === value.length) {
    return value.map((item, i) => withNulls(item, raw[i], inner(i)));
  }
  if (!isMapping(raw) || !isMapping(value)) {
    return value;
  }
  const missing = Object.keys(raw).filter((key) => raw[key] === null && !Object.hasOwn(value, key));
  const added = missing.filter((key) => !at.patched.includes(inner(key).path)).map((key) => [key, null]);
  return Object.fromEntries([
    ...Object.entries(value).map(([key, item]) => [key, withNulls(item, raw[key], inner(key))]),
    ...added,
  ]);
}

/**
 * Rejects JSON patches that the class of the object loses. A class that cdk8s generated writes only the fields that it
 * knows, by the names of its own properties.
 *
 * @throws FORGE-APP-017
 */
export function assertPatchesKept(object: ApiObject, manifest: object): void {
  const { patches } = inside(object);
  if (patches.length === 0 || object.toJson === ApiObject.prototype.toJson) {
    return;
  }
  const paths = patches.map((patch) => normalized(patch._toJson().path.replace(/\/-$/, '')));
  const kept = leavesOf(manifest);
  const lost = [...leavesOf(ApiObject.prototype.toJson.call(object))]
    .filter(([key, { text }]) => kept.get(key)?.text !== text && paths.some((path) => `${key}/`.startsWith(`${path}/`)))
    .map(([, { path }]) => path);
  if (lost.length > 0) {
    throw ForgeError.at(object, {
      code: 'FORGE-APP-017',
      message: `the JSON patch of ${quoted(lost[0])} is lost: the class of this ${object.kind} does not know the field`,
      allowed: 'fields that the class knows, by the names of its properties',
      fix: 'use a version of the class that knows the field, or create the object with `new ApiObject(…)`',
      symptom: 'no error: the field is not in the output',
    });
  }
}

function leavesOf(value: unknown, path = '', leaves: Leaves = new Map()): Leaves {
  const entries = value !== null && typeof value === 'object' ? Object.entries(value) : [];
  if (entries.length === 0 && value !== undefined) {
    leaves.set(normalized(path), { path, text: JSON.stringify(value) });
  }
  entries.forEach(([key, item]) => leavesOf(item, `${path}/${pointer(key)}`, leaves));
  return leaves;
}

/** Returns a path without the difference between `clusterIP` in a manifest and `clusterIp` in a class. */
function normalized(path: string): string {
  return path.toLowerCase();
}

function pointer(key: string): string {
  return key.replace(/~/g, '~0').replace(/\//g, '~1');
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
