import { hostOfUrl } from '../../support';
import { dockerConfigKey } from '../../secret';
import { DOCKER_CONFIG, WantedSecret } from './wanted';

/** The keys whose values are one line, which a prompt can read. */
const ONE_LINE = /^(?:.*(?:user(?:name)?|pass(?:word)?|token|address|url)|bearerToken)$/i;

/** A value that the creation of a secret needs. */
export interface Field {
  /** The properties that secrets with the same value share: one registry login in two namespaces is one value. */
  readonly id: string;
  /** The key of the secret; for a Docker configuration, the part of the login. */
  readonly key: string;
  /** The registry of a login. @default - the value is no part of a Docker configuration */
  readonly host?: string;
  readonly kind: 'user' | 'token' | 'line' | 'text';
  /** The environment variables that can contain the value, the most specific first. */
  readonly variables: string[];
}

/** Returns the values that the creation of a secret needs. */
export function fieldsOf(secret: WantedSecret): Field[] {
  if (isDockerConfig(secret)) {
    return secret.hosts.flatMap((host) => [field(secret, 'username', host), field(secret, 'password', host)]);
  }
  return secret.keys.map((key) => field(secret, key));
}

/** Returns whether a secret is a Docker configuration with logins. */
export function isDockerConfig({ keys, hosts }: WantedSecret): boolean {
  return keys.length === 1 && keys[0] === DOCKER_CONFIG && hosts.length > 0;
}

/**
 * Returns the data of a secret.
 *
 * @param valueOf returns the value of a field, or of a key as a whole
 */
export function dataOf(secret: WantedSecret, valueOf: (field: Field) => string): Record<string, string> {
  const fields = fieldsOf(secret);
  if (!isDockerConfig(secret)) {
    return Object.fromEntries(fields.map((each) => [each.key, valueOf(each)]));
  }
  const auths = secret.hosts.map((host) => {
    const [user, password] = fields.filter((each) => each.host === host).map(valueOf);
    return [dockerConfigKey(host), { auth: Buffer.from(`${user}:${password}`).toString('base64') }];
  });
  return { [DOCKER_CONFIG]: JSON.stringify({ auths: Object.fromEntries(auths) }) };
}

function field(secret: WantedSecret, key: string, host?: string): Field {
  const own = secret.home === 'actions' ? [] : [key];
  const names = host === undefined || secret.hosts.length === 1 ? own : [host, ...own];
  const { home, name, type, scopes, forge, mint } = secret;
  const use = host === undefined ? secret.purposes : [];
  return {
    id: JSON.stringify([home, name, type, key, host, scopes, forge, mint?.url, use]),
    key,
    ...(host === undefined ? {} : { host }),
    kind: kindOf(secret, key, host),
    variables: [
      // An owner of this name may be at another forge too.
      ...(home === 'actions' && forge !== undefined
        ? [`SECRET_${variable([hostOfUrl(forge), secret.namespace, name])}`]
        : []),
      `SECRET_${variable([secret.namespace, name, ...names])}`,
      `SECRET_${variable([name, ...names])}`,
    ],
  };
}

function kindOf(secret: WantedSecret, key: string, host: string | undefined): Field['kind'] {
  if (/user(?:name)?$/i.test(key)) {
    return 'user';
  }
  if (secret.mint?.key === key || (secret.scopes.length > 0 && (host !== undefined || /token|pass/i.test(key)))) {
    return 'token';
  }
  return secret.home !== 'kubernetes' || ONE_LINE.test(key) ? 'line' : 'text';
}

function variable(parts: readonly string[]): string {
  return parts
    .join('_')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}
