import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../support';

/**
 * Returns a name in quotes, or a placeholder if the name may be a secret value. A value that is passed instead of a
 * name must not appear in a log.
 */
export function shown(name: unknown): string {
  if (typeof name !== 'string') {
    return name === null ? 'null' : `a value of type ${typeof name}`;
  }
  return name.length > 30 || /[^A-Za-z0-9 .-]/.test(name) ? 'the given value (not shown)' : quoted(name);
}

/** Returns the error for a source that does not contain the required keys. */
export function missingKeys(
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

/** Returns the error for a source that does not reach the namespace. */
export function wrongNamespace(construct: IConstruct, message: string): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-SEC-005',
    message,
    fix: 'encrypt it once for each namespace, and join them: SecretSource.perNamespace({ apps: …, ci: … })',
    symptom: 'secret not found, or: no key could decrypt secret',
  });
}

/** Returns the error for a Secret that is needed as two types. */
export function wrongType(construct: IConstruct, secret: string, [is, needed]: [string, string]): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-SEC-008',
    message: `${quoted(secret)} is of type ${quoted(is)}, and is needed as ${quoted(needed)}`,
    fix: 'use two Secrets: the type of a Secret cannot be changed',
  });
}

/** Returns the error for a source that cannot be used. */
export function noSource(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-SEC-006', message, fix });
}

/** Returns the error for environment variables that an object in the cluster needs. */
export function notInCluster(construct: IConstruct, names: string[]): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-SEC-007',
    message: `the environment variables ${names.map(quoted).join(', ')} are not a Secret in the cluster`,
    fix: "use SecretSource.existing('…') or another source that creates a Secret; environment() is for machines outside the cluster",
  });
}

/** Returns the error for a source with keys of its own that a construct cannot read. */
export function fixedKeys(construct: IConstruct, secret: string, keys: string[]): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-SEC-010',
    message: `${quoted(construct.node.path)} reads ${keys.map(quoted).join(', ')} of ${quoted(secret)}, and cannot read another key`,
    fix: `use a Secret that has the value under ${keys.map(quoted).join(', ')}, and remove keys`,
  });
}
