import { Duration } from 'cdk8s';
import { DNS_SUBDOMAIN, ForgeError, quoted } from '../support';

/**
 * A store that the External Secrets Operator reads.
 *
 * @example
 *
 * SecretStore.cluster('vault');
 */
export class SecretStore {
  /** Creates a reference to a ClusterSecretStore, which serves all namespaces. */
  static cluster(name: string): SecretStore {
    return new SecretStore('ClusterSecretStore', checkedStore(name));
  }

  /** Creates a reference to a SecretStore that exists in every namespace where a secret from the store is needed. */
  static namespaced(name: string): SecretStore {
    return new SecretStore('SecretStore', checkedStore(name));
  }

  private constructor(
    /** Kind of the store: `ClusterSecretStore` or `SecretStore`. */
    readonly kind: string,
    /** Name of the issuer. */
    readonly name: string,
  ) {}
}

/** A reference that locates one value in a store. */
export interface RemoteSecretKey {
  /** Key or path of the entry in the store, for example `ci/registry`. */
  readonly key: string;

  /**
   * Field of the entry, for stores whose entries have fields.
   *
   * @default - the whole entry
   */
  readonly property?: string;

  /**
   * Version of the entry.
   *
   * @default - the newest
   */
  readonly version?: string;
}

/** A set of options that describes a secret that the External Secrets Operator fetches. */
export interface ExternalSecretProps {
  /** Store that contains the secret. */
  readonly store: SecretStore;

  /**
   * Location in the store of each key of the Secret.
   *
   * For registry credentials, set `username` and `password`. The cluster creates the Docker configuration from them,
   * with one entry per host.
   */
  readonly keys: Record<string, RemoteSecretKey>;

  /**
   * Interval at which the operator checks the store for a newer value.
   *
   * @default Duration.hours(1)
   */
  readonly refresh?: Duration;
}

const DOCKER_CONFIG = '.dockerconfigjson';

/**
 * Returns the spec of an ExternalSecret that creates a Secret with the required keys.
 *
 * @see https://external-secrets.io/latest/api/externalsecret/
 *
 * @jsii ignore
 */
export function externalSecretSpec(
  name: string,
  props: ExternalSecretProps,
  need: { type: string; keys: readonly string[]; hosts: readonly string[] },
): Record<string, unknown> {
  const composed = isComposed(props, need.keys);
  const used = composed ? ['username', 'password'] : Object.keys(props.keys);
  const template = composed ? { data: { [DOCKER_CONFIG]: dockerConfigTemplate(need.hosts) } } : {};
  return {
    refreshInterval: `${(props.refresh ?? Duration.hours(1)).toSeconds({ integral: false })}s`,
    secretStoreRef: { kind: props.store.kind, name: props.store.name },
    target: { name, creationPolicy: 'Owner', template: { engineVersion: 'v2', type: need.type, ...template } },
    data: used.map((key) => ({ secretKey: key, remoteRef: { ...props.keys[key] } })),
  };
}

/**
 * Returns the required keys that an ExternalSecret does not have; empty if all keys are present.
 *
 * @jsii ignore
 */
export function missingExternalKeys(props: ExternalSecretProps, keys: readonly string[]): string[] {
  return isComposed(props, keys) ? [] : keys.filter((key) => !Object.hasOwn(props.keys, key));
}

function isComposed(props: ExternalSecretProps, keys: readonly string[]): boolean {
  return (
    keys.includes(DOCKER_CONFIG) &&
    !(DOCKER_CONFIG in props.keys) &&
    'username' in props.keys &&
    'password' in props.keys
  );
}

/**
 * Returns a template of the Docker configuration in the operator's template language. `toJson` quotes all characters in
 * the value.
 */
function dockerConfigTemplate(hosts: readonly string[]): string {
  const auth = '{{ printf "%s:%s" .username .password | b64enc }}';
  const entry = `{"username":{{ .username | toJson }},"password":{{ .password | toJson }},"auth":"${auth}"}`;
  return `{"auths":{${hosts.map((host) => `${JSON.stringify(host)}:${entry}`).join(',')}}}`;
}

function checkedStore(name: string): string {
  if (DNS_SUBDOMAIN.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-SEC-001',
    message: `${quoted(name)} is not the name of a secret store`,
    allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit, at most 253 characters',
    fix: 'give the name of a SecretStore or ClusterSecretStore',
  });
}
