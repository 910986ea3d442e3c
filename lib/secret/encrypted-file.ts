import * as fs from 'node:fs';
import { isMap, parseAllDocuments } from 'yaml';
import { DNS_LABEL, DNS_SUBDOMAIN, ForgeError, quoted } from '../support';

/** A file that contains one Kubernetes object. */
export interface EncryptedFile {
  /** Path of the file, as passed. */
  readonly path: string;
  /** Unmodified text of the file. */
  readonly text: string;
  /** Parsed content of the file. */
  readonly object: Record<string, unknown>;
  /** Name of the object. */
  readonly name: string;
  /** Namespace of the object, if the file sets a namespace. */
  readonly namespace?: string;
}

/** Reads a file that contains one Kubernetes object of the given kind. */
export function readEncryptedFile(path: string, kind: string): EncryptedFile {
  let text: string;
  try {
    text = fs.readFileSync(path, 'utf8');
  } catch (e) {
    throw badFile(path, `it cannot be read: ${(e as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  return encryptedObject({ path, text, kind });
}

/** Parses the text of a file that was already read. The text must contain one Kubernetes object of the given kind. */
export function encryptedObject({ path, text, kind }: { path: string; text: string; kind: string }): EncryptedFile {
  const object = onlyDocument(path, text);
  if (object.kind !== kind) {
    throw badFile(path, `its kind is ${quoted(object.kind)}, not ${kind}`);
  }
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  const { name, namespace } = metadata;
  if (typeof name !== 'string' || !DNS_SUBDOMAIN.test(name)) {
    throw badFile(path, 'its metadata.name is missing, encrypted or not a name');
  }
  if (namespace !== undefined && (typeof namespace !== 'string' || !DNS_LABEL.test(namespace))) {
    throw badFile(path, 'its metadata.namespace is encrypted or not a name');
  }
  return { path, text, object, name, namespace };
}

/** Returns the error for a file that is not valid for its use. */
export function badFile(path: string, why: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-SEC-002',
    message: `${quoted(path)} is not an encrypted Secret: ${why}`,
    allowed: 'one SealedSecret as `kubeseal` writes it, or one Secret as `sops --encrypt` writes it',
    fix: 'encrypt the Secret again, one object a file; the path is relative to the folder that the synth runs in',
  });
}

/** Returns whether a value is a plain map. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function onlyDocument(path: string, text: string): Record<string, unknown> {
  let documents;
  try {
    documents = parseAllDocuments(text);
    if (!Array.isArray(documents) || documents.length !== 1) {
      throw badFile(path, 'it does not hold exactly one YAML document');
    }
    const [document] = documents;
    // An error's text may quote the line it is in, and that line may hold a value: it is not shown.
    if (document.errors.length > 0 || document.warnings.length > 0 || !isMap(document.contents)) {
      throw badFile(path, 'it is not a YAML map');
    }
    return document.toJS({ maxAliasCount: 0 }) as Record<string, unknown>;
  } catch (e) {
    if (e instanceof ForgeError) {
      throw e;
    }
    throw badFile(path, 'it is not YAML without aliases');
  }
}
