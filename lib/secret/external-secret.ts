import { Duration } from 'cdk8s';
import { DNS_SUBDOMAIN, ForgeError, quoted } from '../support';

/**
 * A store of the External Secrets Operator.
 *
 * @example
 *
 * SecretStore.cluster('vault');
 */
export class SecretStore {
  /** A ClusterSecretStore: one for all namespaces. */
  static cluster(name: string): SecretStore {
    return new SecretStore('ClusterSecretStore', checkedStore(name));
  }

  /** A SecretStore that is in every namespace where a secret is needed from it. */
  static namespaced(name: string): SecretStore {
    return new SecretStore('SecretStore', checkedStore(name));
  }

  private constructor(
    /** `ClusterSecretStore` or `SecretStore`. */
    readonly kind: string,
    /** Its name. */
    readonly name: string,
  ) {}
}

/**
 * Where one value is in a store.
 */
export interface RemoteSecretKey {
  /** The entry's key or path in the store, e.g. `ci/registry`. */
  readonly key: string;

  /**
   * The field of the entry, for stores whose entries have fields.
   *
   * @default - the whole entry
   */
  readonly property?: string;

  /**
   * The version of the entry.
   *
   * @default - the newest
   */
  readonly version?: string;
}

/**
 * A secret that the External Secrets Operator fetches.
 */
export interface ExternalSecretProps {
  /** The store it comes from. */
  readonly store: SecretStore;

  /**
   * Where each key of the Secret is in the store.
   *
   * For registry credentials give `username` and `password`: the Docker configuration, with one entry a host, is made of them in the cluster.
   */
  readonly keys: Record<string, RemoteSecretKey>;

  /**
   * How often the store is asked for a newer value.
   *
   * @default Duration.hours(1)
   */
  readonly refresh?: Duration;
}

const DOCKER_CONFIG = '.dockerconfigjson';

/**
 * The spec of an ExternalSecret that makes a Secret with the keys that are needed.
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
    refreshInterval: `${(props.refresh ?? Duration.hours(1)).toSeconds()}s`,
    secretStoreRef: { kind: props.store.kind, name: props.store.name },
    target: { name, creationPolicy: 'Owner', template: { engineVersion: 'v2', type: need.type, ...template } },
    data: used.map((key) => ({ secretKey: key, remoteRef: { ...props.keys[key] } })),
  };
}

/**
 * The keys that an ExternalSecret lacks for a need; none if it serves it.
 *
 * @jsii ignore
 */
export function missingExternalKeys(props: ExternalSecretProps, keys: readonly string[]): string[] {
  return isComposed(props, keys) ? [] : keys.filter((key) => !(key in props.keys));
}

function isComposed(props: ExternalSecretProps, keys: readonly string[]): boolean {
  return (
    keys.includes(DOCKER_CONFIG) &&
    !(DOCKER_CONFIG in props.keys) &&
    'username' in props.keys &&
    'password' in props.keys
  );
}

/** The operator's template language; `toJson` quotes whatever the value holds. */
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
