import { ForgeError, quoted } from '../support';
import { checkClearText, checkMetadata } from './clear-text';
import { badFile, EncryptedFile, isRecord } from './encrypted-file';

/** The scopes of a SealedSecret, which define the namespaces and names in which it can be unsealed. */
enum SealedScope {
  STRICT = 'strict',
  NAMESPACE_WIDE = 'namespace-wide',
  CLUSTER_WIDE = 'cluster-wide',
}

/** A set of options that configures the checks of a file that `kubeseal` wrote. */
export interface SealedSecretProps {
  /**
   * Keys of your own annotations that the file may have in clear text. Other annotations than those of known controllers
   * are rejected, because they could contain the secret value.
   *
   * @default - none
   */
  readonly annotations?: string[];
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
export function checkSealed(file: EncryptedFile, { annotations }: SealedSecretProps = {}): SealedContent {
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
  checkShape(file, spec, template);
  checkClearText(file, annotations);
  checkMetadata(file, { metadata: template.metadata, at: 'spec.template.metadata', clear: annotations });
  return {
    anyNamespace: scopeOf(object) === SealedScope.CLUSTER_WIDE,
    keys,
    type: typeof template.type === 'string' ? template.type : 'Opaque',
  };
}

/** Checks that a SealedSecret has no fields beside those that `kubeseal` writes, which could contain a value. */
function checkShape(
  { path, object }: EncryptedFile,
  spec: Record<string, unknown>,
  template: Record<string, unknown>,
): void {
  const strayOf = (value: Record<string, unknown>, known: string[]) =>
    Object.keys(value).filter((key) => !known.includes(key));
  const stray = [
    ...strayOf(object, ['apiVersion', 'kind', 'metadata', 'spec', 'status']),
    ...strayOf(spec, ['encryptedData', 'template']).map((key) => `spec.${key}`),
    ...strayOf(template, ['metadata', 'type', 'immutable']).map((key) => `spec.template.${key}`),
    ...(isRecord(object.status) && Object.keys(object.status).length > 0 ? ['status'] : []),
  ];
  if (stray.length > 0) {
    throw badFile(path, `it has fields that a SealedSecret does not need: ${stray.map(quoted).join(', ')}`);
  }
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
