import { command, Command } from '../support';
import { dockerConfigKey } from './docker-config-key';
import { CREATED_MANUALLY, SecretHome, SecretRequirement } from './secret-need';

const DOCKER_CONFIG = '.dockerconfigjson';

/** Asks for a user and a token of `$HOST`, and adds them to `$AUTHS`. */
const ASK_LOGIN = Command.ofText(
  `printf 'User at %s: ' "$HOST"; read -r NAME; printf 'Token at %s: ' "$HOST"; read -rs TOKEN; echo; ` +
    `AUTHS="$AUTHS\${AUTHS:+,}\\"$HOST\\":{\\"auth\\":\\"$(printf %s "$NAME:$TOKEN" | base64 | tr -d '\\n')\\"}"`,
);

/** Keys whose values are one line, which a prompt can read. */
const ONE_LINE = /^(?:.*(?:user(?:name)?|pass(?:word)?|token|address|url)|bearerToken)$/i;

/** A command that creates a Secret. */
const CREATES = /--namespace (\S+) create secret generic (\S+) /g;

/** A Secret of the cluster that is created manually, with all keys that its users read. */
interface ManualSecret {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly keys: string[];
  readonly hosts: string[];
}

/**
 * The command that creates a Secret, with the words above it.
 *
 * @jsii ignore
 */
export interface SecretCommand {
  /** The namespace and the name of the Secret. */
  readonly place: string;
  readonly words: string;
  readonly command: Command;
}

/**
 * Returns the Bash commands that create the Secrets that are created manually. A command reads values from a prompt or from
 * files, so that no value is in the list of processes or in the history of the shell.
 *
 * @param needed requirements for Secrets
 * @param known Bash commands of the runbook; a Secret that they create is left out
 *
 * @jsii ignore
 */
export function secretCommands(needed: readonly SecretRequirement[], known: readonly string[]): SecretCommand[] {
  const made = new Set(
    known.flatMap((text) => [...text.matchAll(CREATES)].map(([, namespace, name]) => `${namespace}/${name}`)),
  );
  return manualSecrets(needed)
    .filter(({ namespace, name }) => !made.has(`${namespace}/${name}`))
    .map((secret) => ({
      place: `${secret.namespace}/${secret.name}`,
      words: `Secret \`${secret.namespace}/${secret.name}\`${questions(secret)}:`,
      command: commandOf(secret),
    }));
}

function manualSecrets(needed: readonly SecretRequirement[]): ManualSecret[] {
  const secrets = new Map<string, ManualSecret>();
  const manual = needed.filter(
    ({ home = SecretHome.KUBERNETES, origin = CREATED_MANUALLY }) =>
      home === SecretHome.KUBERNETES && origin === CREATED_MANUALLY,
  );
  for (const { namespace = '', secretName: name, type, keys, registryHosts = [] } of manual) {
    const place = `${namespace}/${name}`;
    const before = secrets.get(place) ?? { namespace, name, type, keys: [], hosts: [] };
    secrets.set(place, {
      ...before,
      type: before.type === 'Opaque' ? type : before.type,
      keys: [...new Set([...before.keys, ...keys])],
      hosts: [...new Set([...before.hosts, ...registryHosts])].sort(),
    });
  }
  return [...secrets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, secret]) => secret)
    .filter(({ keys }) => keys.length > 0);
}

/** Returns which files a command reads. */
function questions({ keys, hosts }: ManualSecret): string {
  const isAsked = hosts.length > 0 || keys.every((key) => ONE_LINE.test(key));
  return isAsked ? '' : `, from files of the current directory that have the names of its keys`;
}

function commandOf(secret: ManualSecret): Command {
  const { namespace, name, type, keys, hosts } = secret;
  const typed = type === 'Opaque' ? [] : ['--type', type];
  const create = command`kubectl --namespace ${namespace} create secret generic ${[name, ...typed]}`;
  if (keys.length === 1 && keys[0] === DOCKER_CONFIG && hosts.length > 0) {
    return dockerConfig(create, hosts);
  }
  if (!keys.every((key) => ONE_LINE.test(key))) {
    return command`${create} ${keys.flatMap((key) => ['--from-file', `${key}=./${key}`])}`;
  }
  const ask = command`for KEY in ${keys}; do printf ${`%s of ${name}: `} "$KEY"; read -rs VALUE; echo; printf %s "$VALUE" > "$DIR/$KEY"; done`;
  return command`DIR=$(mktemp -d); ${ask}; ${create} --from-file "$DIR"; rm -r "$DIR"; unset VALUE`;
}

/** Returns the command that asks for a user and a token of each host. */
function dockerConfig(create: Command, hosts: readonly string[]): Command {
  const keys = hosts.map(dockerConfigKey);
  return command`AUTHS=; for HOST in ${keys}; do ${ASK_LOGIN}; done; printf '{"auths":{%s}}' "$AUTHS" | ${create} --from-file .dockerconfigjson=/dev/stdin; unset TOKEN AUTHS`;
}
