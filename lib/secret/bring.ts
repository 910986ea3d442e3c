import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { oncePerNamespace } from '../kube';
import { lazily, quoted } from '../support';
import { EncryptedFile, isRecord } from './encrypted-file';
import { ExternalSecretProps, externalSecretSpec, missingExternalKeys } from './external-secret';
import { notePassThrough } from './pass-through';
import { SealedContent } from './sealed-secret';
import { missingKeys, wrongNamespace, wrongType } from './secret-errors';
import { SecretNeed } from './secret-need';
import { secretKeysOf } from './sops-secret';

/** A requirement for a Secret in a specific namespace. */
export type PlacedNeed = SecretNeed & { readonly namespace: string };

/** The label or annotation that keeps Flux from substituting variables in an object. */
const SUBSTITUTE = 'kustomize.toolkit.fluxcd.io/substitute';

/** Emits an ExternalSecret into the namespace, once, with the keys and hosts of all who need it. */
export function bringExternal(
  construct: IConstruct,
  need: PlacedNeed,
  { secretName, props }: { secretName: string; props: ExternalSecretProps },
): void {
  const missing = missingExternalKeys(props, need.keys);
  if (missing.length > 0) {
    throw missingKeys(construct, secretName, { missing, present: Object.keys(props.keys) });
  }
  const { namespace } = need;
  const wanted = oncePerNamespace(construct, { namespace, key: `ExternalSecret/${secretName}` }, () => {
    const asked = { type: need.type, keys: new Set<string>(), hosts: new Set<string>() };
    new ApiObject(Chart.of(construct), `ExternalSecret-${namespace}-${secretName}`, {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: secretName, namespace },
      spec: lazily(() =>
        externalSecretSpec(secretName, props, {
          type: asked.type,
          keys: [...asked.keys],
          hosts: [...asked.hosts].sort(),
        }),
      ),
    });
    return asked;
  });
  if (wanted.type === 'Opaque') {
    wanted.type = need.type;
  }
  need.keys.forEach((key) => wanted.keys.add(key));
  need.registryHosts?.forEach((host) => wanted.hosts.add(host));
}

/** Emits the SealedSecret of a file into the namespace, once. */
export function bringSealed(
  construct: IConstruct,
  need: PlacedNeed,
  { read, content }: { read: EncryptedFile; content: SealedContent },
): void {
  const { namespace } = need;
  checkKeys(construct, need, { file: read, keys: content.keys });
  if (!content.anyNamespace && read.namespace !== namespace) {
    throw wrongNamespace(
      construct,
      `${quoted(read.path)} is sealed for namespace ${quoted(read.namespace ?? 'default')}, not for ${quoted(namespace)}`,
    );
  }
  if (need.type !== 'Opaque' && content.type !== need.type) {
    throw wrongType(construct, read.name, [content.type, need.type]);
  }
  oncePerNamespace(construct, { namespace, key: `SealedSecret/${read.name}` }, () => {
    const { metadata, ...rest } = read.object as { metadata: object };
    return new ApiObject(Chart.of(construct), `SealedSecret-${namespace}-${read.name}`, {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      ...rest,
      metadata: { ...metadata, namespace },
    });
  });
}

/** Copies a file that SOPS encrypted to the output, once. */
export function bringSops(construct: IConstruct, need: PlacedNeed, read: EncryptedFile): void {
  const { namespace } = need;
  checkKeys(construct, need, { file: read, keys: secretKeysOf(read) });
  if (read.namespace !== namespace) {
    throw wrongNamespace(
      construct,
      `${quoted(read.path)} ${read.namespace ? `is for namespace ${quoted(read.namespace)}` : 'says no metadata.namespace'}, and ${quoted(namespace)} needs it`,
    );
  }
  const declared = typeof read.object.type === 'string' ? read.object.type : 'Opaque';
  if (need.type !== 'Opaque' && declared !== need.type) {
    throw wrongType(construct, read.name, [declared, need.type]);
  }
  oncePerNamespace(construct, { namespace, key: `sops/${read.name}` }, () => {
    notePassThrough(construct, {
      fileName: `${namespace}-${read.name}.sops`,
      text: read.text,
      namespace,
      secretName: read.name,
      path: read.path,
      isSubstituted: isSubstituted(read),
    });
    return read;
  });
}

function checkKeys(
  construct: IConstruct,
  need: SecretNeed,
  { file, keys }: { file: EncryptedFile; keys: string[] },
): void {
  const missing = need.keys.filter((key) => !keys.includes(key));
  if (missing.length > 0) {
    throw missingKeys(construct, file.path, { missing, present: keys });
  }
}

/** Checks that a Secret has only one type. `Opaque` requires no specific type. */
export function checkType(construct: IConstruct, need: PlacedNeed, secretName: string): void {
  const known = oncePerNamespace(construct, { namespace: need.namespace, key: `SecretType/${secretName}` }, () => ({
    type: need.type,
  }));
  if (known.type === 'Opaque') {
    known.type = need.type;
  }
  if (need.type !== 'Opaque' && need.type !== known.type) {
    throw wrongType(construct, secretName, [known.type, need.type]);
  }
}

/** Returns whether Flux substitutes variables in the decrypted Secret, if the cluster has a substitution. */
function isSubstituted({ object }: EncryptedFile): boolean {
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  return ![metadata.labels, metadata.annotations].some((texts) => isRecord(texts) && texts[SUBSTITUTE] === 'disabled');
}
