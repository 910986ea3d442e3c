import * as fs from 'node:fs';
import * as path from 'node:path';
import { ForgeError } from '../../support';
import { dataOf, Field, fieldsOf, isDockerConfig } from './fields';
import { WantedSecret } from './wanted';

/** The sources of values, in the order in which they are asked. */
export interface ValueSources {
  readonly environment: NodeJS.ProcessEnv;
  /** A directory with a file `<namespace>/<name>/<key>` or `<name>/<key>` for each value. */
  readonly files?: string;
  /** The decrypted content of a SOPS file, by `namespace/name`, `name` or the name of a variable. */
  readonly sops?: ReadonlyMap<string, Record<string, string>>;
  /** Creates a value at the forge; undefined for a value that the forge does not create. */
  readonly mint?: (secret: WantedSecret, field: Field) => (() => Promise<string>) | undefined;
  /** Asks the user. @default - there is no terminal */
  readonly ask?: (secrets: readonly WantedSecret[], field: Field) => Promise<string>;
}

/** The data of each secret, by its place. */
export type SecretData = ReadonlyMap<string, Record<string, string>>;

/** A value that is needed, with the secrets that share it. */
interface Needed {
  readonly field: Field;
  readonly secrets: WantedSecret[];
  readonly variables: string[];
}

/**
 * Returns the data of secrets. Nothing is created at the forge before all other values are known.
 *
 * @throws FORGE-CLI-011 for values that no source has, FORGE-CLI-012 for a value that cannot be one
 */
export async function valuesOf(secrets: readonly WantedSecret[], sources: ValueSources): Promise<SecretData> {
  const whole = new Map(secrets.map((secret) => [secret.place, wholeData(secret, sources)]));
  const needed = neededFor(secrets.filter(({ place }) => whole.get(place) === undefined));
  const values = new Map<string, string>();
  const created: [string, () => Promise<string>][] = [];
  const missing: Needed[] = [];
  for (const each of needed) {
    const { field } = each;
    const found = known(each, sources);
    const mint = found === undefined ? sources.mint?.(each.secrets[0], field) : undefined;
    if (found !== undefined) {
      values.set(field.id, checked(each, found));
    } else if (mint !== undefined) {
      created.push([field.id, mint]);
    } else if (sources.ask !== undefined) {
      values.set(field.id, checked(each, await sources.ask(each.secrets, field)));
    } else {
      missing.push(each);
    }
  }
  if (missing.length > 0) {
    throw new ForgeError(missing.map(({ field, secrets: users, variables }) => noValue(users, field, variables)));
  }
  for (const [id, mint] of created) {
    values.set(id, await mint());
  }
  return new Map(
    secrets.map((secret) => [
      secret.place,
      whole.get(secret.place) ?? dataOf(secret, (field) => values.get(field.id) ?? ''),
    ]),
  );
}

/** Returns all values of data, to hide them in messages. */
export function textsOf(data: SecretData): string[] {
  return [...data.values()].flatMap((keys) => Object.values(keys));
}

/** A Docker configuration can be there as one file, which is then used as it is. */
function wholeData(secret: WantedSecret, sources: ValueSources): Record<string, string> | undefined {
  if (!isDockerConfig(secret)) {
    return undefined;
  }
  const [key] = secret.keys;
  const text = fileOf(secret, key, sources) ?? sopsOf(secret, key, sources);
  if (text === undefined) {
    return undefined;
  }
  try {
    const { auths } = JSON.parse(text) as { auths?: object };
    if (typeof auths === 'object') {
      return { [key]: text };
    }
  } catch {
    // Reported as for other values.
  }
  throw wrongValue(secret.place, key, 'is not a Docker configuration: {"auths":{…}}');
}

function neededFor(secrets: readonly WantedSecret[]): Needed[] {
  const all = new Map<string, Needed>();
  for (const secret of secrets) {
    for (const field of fieldsOf(secret)) {
      const before = all.get(field.id);
      all.set(field.id, {
        field,
        secrets: [...(before?.secrets ?? []), secret],
        // The variable without a namespace is the last one.
        variables: [...new Set([field.variables[0], ...(before?.variables ?? []), ...field.variables])],
      });
    }
  }
  const needed = [...all.values()];
  const owners = new Map<string, number>();
  needed.flatMap(({ variables }) => variables).forEach((name) => owners.set(name, (owners.get(name) ?? 0) + 1));
  // A variable that could be of two values is of neither.
  return needed.map((each) => ({ ...each, variables: each.variables.filter((name) => owners.get(name) === 1) }));
}

function known({ field, secrets, variables }: Needed, sources: ValueSources): string | undefined {
  const variable = variables.map((name) => sources.environment[name]).find((value) => value);
  if (variable !== undefined) {
    return variable;
  }
  for (const secret of field.host === undefined ? secrets : []) {
    const found = fileOf(secret, field.key, sources) ?? sopsOf(secret, field.key, sources);
    if (found !== undefined) {
      return field.kind === 'text' ? found : found.replace(/\r?\n$/, '');
    }
  }
  return undefined;
}

function fileOf({ namespace, name }: WantedSecret, key: string, { files }: ValueSources): string | undefined {
  if (files === undefined) {
    return undefined;
  }
  const places = [path.join(files, namespace, name, key), path.join(files, name, key), path.join(files, name)];
  const found = places.find((file) => fs.existsSync(file) && fs.statSync(file).isFile());
  return found && fs.readFileSync(found, 'utf8');
}

function sopsOf({ place, name }: WantedSecret, key: string, { sops }: ValueSources): string | undefined {
  return sops?.get(place)?.[key] ?? sops?.get(name)?.[key] ?? sops?.get('')?.[key];
}

function checked({ field, secrets }: Needed, value: string): string {
  if (value === '') {
    throw wrongValue(secrets[0].place, field.key, 'is empty');
  }
  if (field.kind !== 'text' && /[\r\n]/.test(value)) {
    throw wrongValue(secrets[0].place, field.key, 'has several lines');
  }
  return value;
}

function noValue(secrets: readonly WantedSecret[], { key, host }: Field, variables: readonly string[]) {
  const what = host === undefined ? key : `${key} of ${host}`;
  return ForgeError.of({
    code: 'FORGE-CLI-011',
    message: `no source has the value ${what} of ${secrets.map(({ place }) => place).join(', ')}`,
    fix: `set the variable ${variables.at(-1) ?? 'of one of them'}, or set --files, --sops or --mint, or run the command in a terminal`,
  }).problems[0];
}

function wrongValue(place: string, key: string, what: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-CLI-012',
    message: `the value ${key} of ${place} ${what}`,
    fix: 'correct the value at its source',
  });
}
