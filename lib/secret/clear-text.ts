import { Lexer } from 'yaml';
import { ForgeError, quoted } from '../support';
import { badFile, EncryptedFile, isRecord } from './encrypted-file';

/** Fields of `metadata` that a file may have in clear text. */
const METADATA = ['name', 'namespace', 'labels', 'annotations', 'creationTimestamp', 'finalizers'];

/** Domains of annotations that controllers read and that contain no secret value. */
const HARMLESS =
  /^(([a-z0-9-]+\.)*(fluxcd\.io|sealedsecrets\.bitnami\.com|kubernetes\.io|argoproj\.io|helm\.sh|emberstack\.com|mittwald\.de|tekton\.dev|external-secrets\.io|stakater\.com|jenkins\.io|k8s\.io))\//;

/** The annotation in which `kubectl apply` keeps the whole object, with the values of a Secret. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Comments of SOPS itself, which are encrypted too. */
const ENCRYPTED_COMMENT = /^#\s*ENC\[AES256_GCM,.*type:comment\]$/;

/** The longest text that a harmless annotation can have. */
const LONGEST = 253;

/**
 * Checks that `metadata` and the comments of a file contain no text that could be the secret value.
 *
 * @param clear what this file may have in clear text beside the usual
 * @throws FORGE-SEC-002 for a field that an encrypted file does not have, FORGE-SEC-003 for clear text
 */
export function checkClearText(file: EncryptedFile, clear: readonly string[] = []): void {
  checkComments(file);
  checkMetadata(file, { metadata: file.object.metadata, at: 'metadata', clear });
}

/** Checks the labels and annotations of one `metadata`. */
export function checkMetadata(
  { path }: EncryptedFile,
  { metadata, at, clear = [] }: { metadata: unknown; at: string; clear?: readonly string[] },
): void {
  if (metadata === undefined || metadata === null) {
    return;
  }
  if (!isRecord(metadata)) {
    throw badFile(path, `its ${at} is not a map`);
  }
  const stray = Object.keys(metadata).filter((key) => !METADATA.includes(key) && metadata[key] !== null);
  if (stray.length > 0) {
    throw clearText(
      path,
      stray.map((key) => `${at}.${key}`),
    );
  }
  const labels = entriesOf(metadata.labels).filter(([, value]) => !isHarmless(value, 63));
  const annotations = entriesOf(metadata.annotations).filter(
    ([key, value]) =>
      !clear.includes(key) && (key === LAST_APPLIED || !HARMLESS.test(key) || !isHarmless(value, LONGEST)),
  );
  const found = [...labels.map(([key]) => `label ${key}`), ...annotations.map(([key]) => `annotation ${key}`)];
  if (found.length > 0) {
    throw clearText(path, found);
  }
}

/** Checks that a file has no comment, except those that SOPS encrypted. */
function checkComments({ path, text }: EncryptedFile): void {
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (!isScalar && lexeme.startsWith('#') && !ENCRYPTED_COMMENT.test(lexeme.trim())) {
      throw clearText(path, ['a comment']);
    }
    isScalar = lexeme === '\u001f';
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

/** Returns whether a text is short and does not look like a token: letters and digits in one long word. */
function isHarmless(value: unknown, longest: number): boolean {
  if (typeof value !== 'string') {
    return value === null || typeof value === 'boolean' || typeof value === 'number';
  }
  const words = value.split(/[^A-Za-z0-9_+=]+/);
  return (
    value.length <= longest &&
    !/[\r\n]/.test(value) &&
    !words.some((word) => word.length >= 20 && /[0-9]/.test(word) && /[A-Za-z]/.test(word))
  );
}

function clearText(path: string, where: string[]): ForgeError {
  return ForgeError.of({
    code: 'FORGE-SEC-003',
    message: `${quoted(path)} has text that is not encrypted: ${where.map(quoted).join(', ')} (not shown)`,
    allowed: 'no comments; labels, and annotations of known controllers, with short values',
    fix: 'remove the text, and encrypt the file again. If the text contains the secret value, treat the value as compromised: replace it at its source. For an annotation of your own, add its key to `annotations`',
  });
}
