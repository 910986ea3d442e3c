import * as fs from 'node:fs';
import * as path from 'node:path';
import { stringify } from 'yaml';
import { temporaryFolder } from '../support/workspace';

/** What SOPS leaves in place of a value; made up, and decryptable by nobody. */
export const ENC = 'ENC[AES256_GCM,data:AAAA,iv:AAAAAAAAAAAAAAAA,tag:AAAAAAAAAAAAAAAA,type:str]';

/** A Secret as `sops` writes it. */
export function sopsObject(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'runner-token', namespace: 'ci' },
    type: 'Opaque',
    stringData: { token: ENC },
    sops: {
      age: [
        {
          recipient: 'age1example',
          enc: '-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n-----END AGE ENCRYPTED FILE-----\n',
        },
      ],
      lastmodified: '2026-11-20T00:00:00Z',
      mac: ENC,
      encrypted_regex: '^(data|stringData)$',
      version: '3.11.0',
    },
    ...changes,
  };
}

/** A SealedSecret as `kubeseal` writes it. */
export function sealedObject(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'runner-token', namespace: 'ci' },
    spec: {
      encryptedData: { token: 'Ag'.repeat(200) },
      template: { metadata: { name: 'runner-token', namespace: 'ci' }, type: 'Opaque' },
    },
    ...changes,
  };
}

/** Writes an object or a text to a file and returns its path. */
export function fileOf(content: Record<string, unknown> | string): string {
  const file = path.join(temporaryFolder(), 'secret.yaml');
  fs.writeFileSync(file, typeof content === 'string' ? content : stringify(content));
  return file;
}
