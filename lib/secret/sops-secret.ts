import { ForgeError, quoted } from '../support';
import { checkClearText } from './clear-text';
import { badFile, EncryptedFile, isRecord } from './encrypted-file';

/** A set of options that configures the checks of a file that SOPS encrypted. */
export interface SopsSecretProps {
  /**
   * Recipients that must be able to decrypt the file: age public keys, PGP fingerprints, KMS resource names.
   *
   * @default - any
   */
  readonly recipients?: string[];

  /**
   * Keys of your own annotations that the file may have in clear text. Other annotations than those of known controllers
   * are rejected, because they could contain the secret value.
   *
   * @default - none
   */
  readonly annotations?: string[];
}

const ENCRYPTED =
  /^ENC\[AES256_GCM,data:[A-Za-z0-9+/]+={0,2},iv:[A-Za-z0-9+/]+={0,2},tag:[A-Za-z0-9+/]+={0,2},type:(str|int|float|bytes|bool)\]$/;

/** Keys of the `sops` stanza, with the field that names the recipient in each entry. */
const RECIPIENTS: Record<string, string> = {
  age: 'recipient',
  pgp: 'fp',
  kms: 'arn',
  gcp_kms: 'resource_id',
  azure_kv: 'vault_url',
  hc_vault: 'vault_address',
};

/** Keys of the `sops` stanza, from getsops/sops stores/stores.go. */
const STANZA = [
  ...['age', 'azure_kv', 'gcp_kms', 'hc_vault', 'hckms', 'key_groups', 'kms', 'lastmodified', 'mac', 'pgp', 'version'],
  ...['encrypted_regex', 'unencrypted_regex', 'encrypted_suffix', 'unencrypted_suffix', 'shamir_threshold'],
  ...['encrypted_comment_regex', 'unencrypted_comment_regex', 'mac_only_encrypted'],
];

/**
 * Checks that a Secret is encrypted and readable in the required fields, and that the required recipients can decrypt
 * it.
 *
 * @throws FORGE-SEC-002 if it is not as `sops` writes it, FORGE-SEC-003 if a value in it is not encrypted
 *
 * @jsii ignore
 */
export function checkSops(file: EncryptedFile, { recipients = [], annotations }: SopsSecretProps = {}): void {
  const { path, object } = file;
  for (const field of ['apiVersion', 'kind', 'type', 'immutable', 'metadata']) {
    if (holdsEncrypted(object[field])) {
      throw badFile(
        path,
        `its ${field} is encrypted, which Flux cannot read: encrypt with --encrypted-regex '^(data|stringData)$'`,
      );
    }
  }
  const stray = Object.keys(object).filter(
    (key) => !['apiVersion', 'kind', 'type', 'immutable', 'metadata', 'data', 'stringData', 'sops'].includes(key),
  );
  if (stray.length > 0) {
    throw badFile(path, `it has keys that a Secret has not: ${stray.map(quoted).join(', ')}`);
  }
  const values = valuesOf(file);
  if (values.length === 0) {
    throw badFile(path, 'it has neither data nor stringData');
  }
  const plain = values.filter(([, value]) => !isEncrypted(value)).map(([key]) => key);
  if (plain.length > 0) {
    throw plaintext(path, plain);
  }
  checkClearText(file, annotations);
  const known = recipientsOf(path, object.sops);
  const missing = recipients.filter((recipient) => !known.includes(recipient));
  if (missing.length > 0) {
    throw badFile(
      path,
      `it is not encrypted for ${missing.map(quoted).join(', ')}, only for ${known.map(quoted).join(', ')}`,
    );
  }
}

/**
 * Returns the data keys of a Secret, which stay readable.
 *
 * @jsii ignore
 */
export function secretKeysOf(file: EncryptedFile): string[] {
  return valuesOf(file).map(([key]) => key);
}

function valuesOf({ path, object }: EncryptedFile): [string, unknown][] {
  return ['data', 'stringData'].flatMap((field) => {
    const value = object[field];
    if (value === undefined || value === null) {
      return [];
    }
    if (!isRecord(value)) {
      throw badFile(path, `its ${field} is not a map`);
    }
    return Object.entries(value);
  });
}

function recipientsOf(path: string, stanza: unknown): string[] {
  if (!isRecord(stanza)) {
    throw badFile(path, 'it has no sops stanza');
  }
  const stray = Object.keys(stanza).filter((key) => !STANZA.includes(key));
  if (stray.length > 0) {
    throw badFile(path, `its sops stanza has keys that sops does not write: ${stray.map(quoted).join(', ')}`);
  }
  if (typeof stanza.mac !== 'string' || !ENCRYPTED.test(stanza.mac)) {
    throw badFile(path, 'its sops stanza has no mac');
  }
  if (typeof stanza.version !== 'string' || stanza.lastmodified === undefined) {
    throw badFile(path, 'its sops stanza has no version or no lastmodified');
  }
  const groups = [stanza, ...(Array.isArray(stanza.key_groups) ? stanza.key_groups : [])].filter(isRecord);
  const found = groups.flatMap((group) =>
    Object.entries(RECIPIENTS).flatMap(([kind, field]) => {
      const keys = group[kind];
      return Array.isArray(keys)
        ? keys
            .filter(isRecord)
            .map((key) => key[field])
            .filter((name): name is string => typeof name === 'string')
        : [];
    }),
  );
  if (found.length === 0) {
    throw badFile(path, 'its sops stanza names no recipient: nobody could decrypt it');
  }
  return found;
}

/** Returns whether SOPS encrypted a value. SOPS leaves an empty value empty. */
function isEncrypted(value: unknown): boolean {
  return value === '' || value === null || (typeof value === 'string' && ENCRYPTED.test(value));
}

function holdsEncrypted(value: unknown): boolean {
  if (typeof value === 'string') {
    return value.startsWith('ENC[');
  }
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsEncrypted);
}

function plaintext(path: string, keys: string[]): ForgeError {
  return ForgeError.of({
    code: 'FORGE-SEC-003',
    message: `${quoted(path)} holds values that are not encrypted: ${keys.map(quoted).join(', ')} (not shown)`,
    allowed: 'ENC[AES256_GCM,…] under every key of data and stringData',
    fix: "treat the values as compromised: replace them at their source, then encrypt the file: `sops encrypt --encrypted-regex '^(data|stringData)$' --in-place <file>`",
  });
}
