import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { oncePerNamespace } from '../kube';
import { DNS_SUBDOMAIN, ForgeError, lazily, namespaceOf, quoted } from '../support';
import { EncryptedFile, readEncryptedFile } from './encrypted-file';
import { ExternalSecretProps, externalSecretSpec, missingExternalKeys } from './external-secret';
import { noteSecret, secretsNotedAt } from './inventory';
import { notePassThrough } from './pass-through';
import { checkSealed, SealedContent } from './sealed-secret';
import { SecretHome, SecretNeed, SecretRequirement } from './secret-need';
import { checkSops, secretKeysOf, SopsSecretProps } from './sops-secret';

/** A requirement for a Secret in a specific namespace. */
type PlacedNeed = SecretNeed & { readonly namespace: string };

/** An origin that defines how a kind of source provides its Secret. */
interface Origin {
  /** Description of the provider that creates the Secret. */
  readonly text: string;
  /** Emits the required objects into the namespace. */
  bring(construct: IConstruct, need: PlacedNeed): void;
  /** Sources by namespace, for a source that differs per namespace. */
  readonly namespaces?: Record<string, SecretSource>;
  /** Names of environment variables, for a source of environment variables. */
  readonly variables?: readonly string[];
}

/**
 * A source that describes where a secret value is stored. The source never contains the value.
 *
 * @example
 *
 * SecretSource.existing('registry-credentials');
 */
export class SecretSource {
  /**
   * Refers to an existing Secret in the namespace. You, Flux from another repository, or an operator creates the
   * Secret.
   *
   * The runbook lists the Secret with its type, keys and namespaces.
   *
   * @throws FORGE-SEC-001 if the name is not one that Kubernetes allows
   */
  static existing(secretName: string): SecretSource {
    return new SecretSource(checkedName(secretName), { text: 'created by hand', bring: () => undefined });
  }

  /**
   * Creates a source for a Secret that the External Secrets Operator fetches from a store. An ExternalSecret is emitted
   * into each namespace that needs the Secret.
   *
   * @param secretName name of the Secret, and of the ExternalSecret
   * @throws FORGE-SEC-001 if the name is not one that Kubernetes allows; FORGE-SEC-004, later, if a needed key is not in `props.keys`
   */
  static externalSecret(secretName: string, props: ExternalSecretProps): SecretSource {
    const own = { ...props, keys: { ...props.keys } };
    return new SecretSource(checkedName(secretName), {
      text: `ExternalSecret from ${props.store.kind} ${props.store.name}`,
      bring: (construct, need) => bringExternal(construct, need, { secretName, props: own }),
    });
  }

  /**
   * Creates a source from a file that `kubeseal` wrote. The file is checked, and emitted into the namespace that it was
   * sealed for. A file that was sealed for the whole cluster is emitted into each namespace that needs the Secret.
   *
   * @param file path of the file, relative to the current directory
   * @throws FORGE-SEC-002 if it is not a SealedSecret, FORGE-SEC-003 if it holds a value that is not sealed; FORGE-SEC-004 or 005,
   * later, if a needed key or the namespace does not fit
   */
  static sealedSecret(file: string): SecretSource {
    const read = readEncryptedFile(file, 'SealedSecret');
    const content = checkSealed(read);
    return new SecretSource(read.name, {
      text: `SealedSecret in ${file}`,
      bring: (construct, need) => bringSealed(construct, need, { read, content }),
    });
  }

  /**
   * Creates a source from a file that `sops` encrypted. The file is checked, and copied to the output byte for byte.
   * Flux decrypts the file.
   *
   * @param file path of the file, relative to the current directory
   * @throws FORGE-SEC-002 if it is not as `sops` writes it, FORGE-SEC-003 if it holds a value that is not encrypted; FORGE-SEC-004 or
   * 005, later, if a needed key or the namespace does not fit
   */
  static sops(file: string, props: SopsSecretProps = {}): SecretSource {
    const read = readEncryptedFile(file, 'Secret');
    checkSops(read, [...(props.recipients ?? [])]);
    return new SecretSource(read.name, {
      text: `decrypted by Flux from ${file}`,
      bring: (construct, need) => bringSops(construct, need, read),
    });
  }

  /**
   * Creates a source that differs per namespace. A file that SOPS or `kubeseal` encrypts belongs to one namespace, but
   * several namespaces use a registry.
   *
   * @param sources the source for each namespace
   * @throws FORGE-SEC-006 if there is none; FORGE-SEC-005, later, if a namespace needs it that has none
   */
  static perNamespace(sources: Record<string, SecretSource>): SecretSource {
    const own = { ...sources };
    const [first] = Object.values(own);
    if (first === undefined) {
      throw noSource(
        'no namespace is given',
        "give one source a namespace: SecretSource.perNamespace({ apps: SecretSource.sops('apps.yaml') })",
      );
    }
    return new SecretSource(first.secretName, { ...first.origin, namespaces: own });
  }

  /**
   * Creates a source from environment variables of the user who runs a command outside the cluster. Objects in the
   * cluster cannot use this source.
   *
   * @param names the variables, e.g. `REGISTRY_USER`, `REGISTRY_TOKEN`
   * @throws FORGE-SEC-006 if a name cannot be one; FORGE-SEC-007, later, if something in the cluster needs it
   */
  static environment(...names: string[]): SecretSource {
    const bad = names.filter((name) => !/^[A-Z_][A-Z0-9_]*$/.test(name));
    if (names.length === 0 || bad.length > 0) {
      throw noSource(
        `${bad.length > 0 ? bad.map(shown).join(', ') : 'nothing'} is not the name of an environment variable`,
        "give names such as 'REGISTRY_TOKEN', never values",
      );
    }
    const variables = [...names];
    return new SecretSource(variables.join(' '), {
      text: 'environment',
      variables,
      bring: (construct) => {
        throw notInCluster(construct, variables);
      },
    });
  }

  /**
   * Creates a source for a Secret that an object of this cdk8s app fills at run time.
   *
   * @param secretName name of the Secret
   * @param text who puts the value there
   * @internal
   */
  static _made(secretName: string, text: string): SecretSource {
    return new SecretSource(secretName, { text, bring: () => undefined });
  }

  /**
   * Returns all secret requirements noted at a construct, including Actions secrets, in the order in which they were
   * noted.
   */
  static requirementsAt(construct: IConstruct): SecretRequirement[] {
    return secretsNotedAt(construct);
  }

  private constructor(
    /** Name of the Kubernetes Secret; for environment variables, the names of the variables. */
    readonly secretName: string,
    private readonly origin: Origin,
  ) {}

  /** Environment variables that contain the value on a machine outside the cluster; empty for other kinds. */
  get environmentNames(): string[] {
    return [...(this.origin.variables ?? [])];
  }

  /**
   * Notes that a construct needs this secret, emits the required objects, and returns the name of the Secret.
   *
   * @param construct the construct that will refer to the Secret
   * @param need what must be in it
   * @throws FORGE-SEC-004 if the source does not hold a needed key, FORGE-SEC-005 if it does not reach the namespace, FORGE-SEC-007 for
   * a source outside the cluster, FORGE-SEC-008 if the namespace needs it as two types
   */
  provide(construct: IConstruct, need: SecretNeed): string {
    const namespace =
      need.namespace ?? (Chart.isChart(construct) ? construct.namespace : undefined) ?? namespaceOf(construct);
    if (this.origin.namespaces) {
      return this.inNamespace(construct, namespace).provide(construct, need);
    }
    const placed = { ...need, keys: [...need.keys], namespace };
    checkType(construct, placed, this.secretName);
    this.origin.bring(construct, placed);
    noteSecret(construct, {
      ...placed,
      secretName: this.secretName,
      home: SecretHome.KUBERNETES,
      origin: this.origin.text,
    });
    return this.secretName;
  }

  /**
   * Notes that a command outside the cluster needs this secret, and returns the names of the environment variables.
   *
   * @throws FORGE-SEC-006 if the source is in the cluster
   * @internal
   */
  _provideOutside(construct: IConstruct, need: SecretNeed): string[] {
    const names = this.environmentNames;
    if (names.length === 0) {
      throw noSource(
        `the Secret ${quoted(this.secretName)} is in the cluster, where ${quoted(construct.node.path)} cannot read it`,
        "use SecretSource.environment('…')",
      );
    }
    for (const name of names) {
      noteSecret(construct, {
        ...need,
        type: 'environment variable',
        keys: [name],
        secretName: name,
        home: SecretHome.ENVIRONMENT,
        origin: 'environment of whoever runs it',
      });
    }
    return names;
  }

  private inNamespace(construct: IConstruct, namespace: string): SecretSource {
    const source = this.origin.namespaces?.[namespace];
    if (source) {
      return source;
    }
    throw wrongNamespace(
      construct,
      `there is no source for namespace ${quoted(namespace)}, only for ${Object.keys(this.origin.namespaces ?? {})
        .map(quoted)
        .join(', ')}`,
    );
  }
}

function bringExternal(
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

function bringSealed(
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

function bringSops(construct: IConstruct, need: PlacedNeed, read: EncryptedFile): void {
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
function checkType(construct: IConstruct, need: PlacedNeed, secretName: string): void {
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

function checkedName(secretName: string): string {
  if (DNS_SUBDOMAIN.test(secretName)) {
    return secretName;
  }
  throw ForgeError.of({
    code: 'FORGE-SEC-001',
    message: `${shown(secretName)} is not the name of a Secret`,
    allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit, at most 253 characters',
    fix: 'give the name of the Secret, never its value',
  });
}

/**
 * Returns a name in quotes, or a placeholder if the name may be a secret value. A value that is passed instead of a
 * name must not appear in a log.
 */
function shown(name: string): string {
  return name.length > 30 || /[^A-Za-z0-9 .-]/.test(name) ? 'what was given (not shown)' : quoted(name);
}

function missingKeys(
  construct: IConstruct,
  secret: string,
  { missing, present }: { missing: string[]; present: string[] },
): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-SEC-004',
    message: `${quoted(secret)} has no key ${missing.map(quoted).join(', ')}; it has ${present.map(quoted).join(', ')}`,
    fix: 'add the key to the source, under the name that is asked for',
    symptom: "CreateContainerConfigError: couldn't find key in Secret",
  });
}

function wrongNamespace(construct: IConstruct, message: string): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-SEC-005',
    message,
    fix: 'encrypt it once for each namespace, and join them: SecretSource.perNamespace({ apps: …, ci: … })',
    symptom: 'secret not found, or: no key could decrypt secret',
  });
}

function wrongType(construct: IConstruct, secret: string, [is, needed]: [string, string]): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-SEC-008',
    message: `${quoted(secret)} is of type ${quoted(is)}, and is needed as ${quoted(needed)}`,
    fix: 'use two Secrets: a Secret has one type, for ever',
  });
}

function noSource(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-SEC-006', message, fix });
}

function notInCluster(construct: IConstruct, names: string[]): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-SEC-007',
    message: `the environment variables ${names.map(quoted).join(', ')} are no Secret of the cluster`,
    fix: "use SecretSource.existing('…') or another source that makes a Secret; environment() is for machines outside the cluster",
  });
}
