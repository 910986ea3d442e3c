import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { IPodSecret, PodSecretNeed } from '../kube';
import { DNS_SUBDOMAIN, ForgeError, isOutside, namespaceOf, ownOf, quoted } from '../support';
import { bringExternal, bringSealed, bringSops, checkType, PlacedNeed } from './bring';
import { readEncryptedFile } from './encrypted-file';
import { ExternalSecretProps } from './external-secret';
import { noteSecret, secretsNotedAt } from './inventory';
import { checkSealed, SealedSecretProps } from './sealed-secret';
import { checkVariables } from './shell-names';
import { fixedKeys, noSource, notInCluster, shown, wrongNamespace } from './secret-errors';
import { CREATED_BY_APP, CREATED_MANUALLY, SecretHome, SecretNeed, SecretRequirement } from './secret-need';
import { assertReaches, secretIn } from './secret-object';
import { ExistingSecretProps, SecretKeys } from './secret-keys';
import { checkSops, SopsSecretProps } from './sops-secret';

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
  /** Keys of the Secret, if they differ from the names under which constructs need the values. */
  readonly keys?: SecretKeys;
}

/**
 * A source that describes where a secret value is stored. The source never contains the value.
 *
 * @example
 *
 * SecretSource.existing('registry-credentials');
 */
export class SecretSource implements IPodSecret {
  /**
   * Refers to an existing Secret in the namespace. You, Flux from another repository, or an operator creates the
   * Secret.
   *
   * The runbook lists the Secret with its type, keys and namespaces.
   *
   * @throws FORGE-SEC-001 if the name is not one that Kubernetes allows, FORGE-SEC-010 for a key that is not one
   */
  static existing(secretName: string, props: ExistingSecretProps = {}): SecretSource {
    return new SecretSource(checkedName(secretName), {
      text: CREATED_MANUALLY,
      bring: () => undefined,
      ...(props.keys ? { keys: SecretKeys.of(props.keys) } : {}),
    });
  }

  /**
   * Refers to a Secret that this cdk8s app creates or imports as a construct, for example a `Secret` of cdk8s-plus.
   *
   * @param secret the construct: a Secret, or a construct that contains one
   * @throws FORGE-SEC-009 if the construct has no Secret; FORGE-SEC-005, later, if a construct of another namespace or cluster needs it
   */
  static fromSecret(secret: IConstruct, props: ExistingSecretProps = {}): SecretSource {
    const found = secretIn(secret);
    return new SecretSource(checkedName(found.name), {
      text: found.isCreated ? `${CREATED_BY_APP}: ${secret.node.path}` : CREATED_MANUALLY,
      bring: (construct, { namespace }) => found.isCreated && assertReaches(found.object!, construct, namespace),
      ...(props.keys ? { keys: SecretKeys.of(props.keys) } : {}),
    });
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
  static sealedSecret(file: string, props: SealedSecretProps = {}): SecretSource {
    const read = readEncryptedFile(file, 'SealedSecret');
    const content = checkSealed(read, props);
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
    checkSops(read, props);
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
   * @throws FORGE-SEC-006 if a name cannot be one, or is one of the shell or of the loader; FORGE-SEC-007, later, if something in the cluster needs it
   */
  static environment(...names: string[]): SecretSource {
    checkVariables(names);
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
   * Returns the key of the Secret that has a value.
   *
   * @param needed name under which a construct needs the value, for example `token`
   */
  keyOf(needed: string): string {
    return this.origin.keys?.keyOf(needed) ?? needed;
  }

  /**
   * Notes that a construct needs this secret, emits the required objects, and returns the name of the Secret. For a
   * construct outside the cluster, returns the names of the environment variables, separated by spaces.
   *
   * @param construct the construct that will refer to the Secret
   * @param need what must be in it
   * @throws FORGE-SEC-004 if the source does not hold a needed key, FORGE-SEC-005 if it does not reach the namespace, FORGE-SEC-007 for
   * a source outside the cluster, FORGE-SEC-008 if the namespace needs it as two types, FORGE-SEC-010 if the construct reads fixed keys
   * and the source has others
   */
  provide(construct: IConstruct, need: SecretNeed): string {
    if (isOutside(construct)) {
      return this._provideOutside(construct, need).join(' ');
    }
    const namespace =
      need.namespace ?? (Chart.isChart(construct) ? construct.namespace : undefined) ?? namespaceOf(construct);
    if (this.origin.namespaces) {
      return this.inNamespace(construct, namespace).provide(construct, need);
    }
    const renamed = need.keys.filter((key) => this.keyOf(key) !== key);
    if (renamed.length > 0 && !need.readsAnyKey) {
      throw fixedKeys(construct, this.secretName, renamed);
    }
    const placed = { ...need, keys: need.keys.map((key) => this.keyOf(key)), namespace };
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
   * Notes that the pods of a construct need this secret, and returns the name of the Secret. Pods read every key.
   *
   * @param construct the construct with the pods
   * @param need what must be in it
   * @throws FORGE-SEC-004, 005, 007, 008 as for `provide`
   */
  provideTo(construct: IConstruct, need: PodSecretNeed): string {
    const isImagePull = need.type === 'kubernetes.io/dockerconfigjson';
    return this.provide(construct, { ...need, readsAnyKey: !isImagePull });
  }

  /**
   * Notes that a command outside the cluster needs this secret, and returns the names of the environment variables.
   *
   * @throws FORGE-SEC-006 if the source is in the cluster, or has another number of values
   * @internal
   */
  _provideOutside(construct: IConstruct, need: SecretNeed): string[] {
    const names = this.environmentNames;
    if (names.length > 0 && names.length !== need.keys.length) {
      throw noSource(
        `${quoted(construct.node.path)} needs ${need.keys.length} values (${need.keys.join(', ')}), and the source has ${names.length}: ${names.join(', ')}`,
        `set one variable for each value, in this order: ${need.keys.join(', ')}`,
      );
    }
    if (names.length === 0) {
      throw noSource(
        `the Secret ${quoted(this.secretName)} is in the cluster, where ${quoted(construct.node.path)} cannot read it`,
        "use SecretSource.environment('…')",
      );
    }
    for (const name of names) {
      noteSecret(construct, {
        ...need,
        rotation: undefined,
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
    const source = ownOf(this.origin.namespaces, namespace);
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

function checkedName(secretName: string): string {
  if (typeof secretName === 'string' && DNS_SUBDOMAIN.test(secretName)) {
    return secretName;
  }
  throw ForgeError.of({
    code: 'FORGE-SEC-001',
    message: `${shown(secretName)} is not the name of a Secret`,
    allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit, at most 253 characters',
    fix: 'set the name of the Secret, never its value',
  });
}
