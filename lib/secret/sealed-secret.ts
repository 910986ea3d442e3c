import { ForgeError, quoted } from '../support';
import { badFile, EncryptedFile, isRecord } from './encrypted-file';

/** The scopes of a SealedSecret, which define the namespaces and names in which it can be unsealed. */
enum SealedScope {
  STRICT = 'strict',
  NAMESPACE_WIDE = 'namespace-wide',
  CLUSTER_WIDE = 'cluster-wide',
}

/**
 * A set of facts that a checked SealedSecret contains.
 *
 * @jsii ignore
 */
export interface SealedContent {
  /** Permission to unseal the Secret in any namespace. */
  readonly anyNamespace: boolean;
  /** Data keys of the Secret. */
  readonly keys: string[];
  /** Type of the Secret. */
  readonly type: string;
}

/**
 * Checks that a SealedSecret contains only sealed values, and returns its scope, keys and type.
 *
 * @see https://github.com/bitnami-labs/sealed-secrets#scopes
 *
 * @throws FORGE-SEC-002 if it is not as `kubeseal` writes it, FORGE-SEC-003 if its template holds a value
 *
 * @jsii ignore
 */
export function checkSealed(file: EncryptedFile): SealedContent {
  const { path, object } = file;
  if (object.apiVersion !== 'bitnami.com/v1alpha1') {
    throw badFile(path, `its apiVersion is ${quoted(object.apiVersion)}, not bitnami.com/v1alpha1`);
  }
  const spec = isRecord(object.spec) ? object.spec : {};
  const sealed = isRecord(spec.encryptedData) ? spec.encryptedData : {};
  const keys = Object.keys(sealed);
  if (keys.length === 0) {
    throw badFile(path, 'it has no spec.encryptedData');
  }
  const bad = keys.filter((key) => !isSealedValue(sealed[key]));
  if (bad.length > 0) {
    throw badFile(path, `${bad.map(quoted).join(', ')} of its spec.encryptedData is not a sealed value (not shown)`);
  }
  const template = isRecord(spec.template) ? spec.template : {};
  if (['data', 'stringData'].some((field) => template[field] !== undefined) || spec.data !== undefined) {
    throw ForgeError.of({
      code: 'FORGE-SEC-003',
      message: `${quoted(path)} holds values that are not sealed, in its template`,
      allowed: 'spec.encryptedData alone',
      fix: 'seal them too; a value that was committed in plain text must be replaced at its source',
    });
  }
  return {
    anyNamespace: scopeOf(object) === SealedScope.CLUSTER_WIDE,
    keys,
    type: typeof template.type === 'string' ? template.type : 'Opaque',
  };
}

// A session key encrypted for at least a 2048-bit RSA key, before the value itself: less is not a sealed value.
function isSealedValue(value: unknown): boolean {
  return (
    typeof value === 'string' && value.length >= 344 && /^[A-Za-z0-9+/]+={0,2}$/.test(value) && value.length % 4 === 0
  );
}

function scopeOf(object: Record<string, unknown>): SealedScope {
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  const annotations = isRecord(metadata.annotations) ? metadata.annotations : {};
  if (annotations['sealedsecrets.bitnami.com/cluster-wide'] === 'true') {
    return SealedScope.CLUSTER_WIDE;
  }
  return annotations['sealedsecrets.bitnami.com/namespace-wide'] === 'true'
    ? SealedScope.NAMESPACE_WIDE
    : SealedScope.STRICT;
}
