import type { Container, EnvVar, VolumeMount } from 'kubernetes-types/core/v1';
import { Forge } from '../../forge';
import { OwnedSettings } from '../config/file';
import { CONFIG_FOLDER, confined } from '../executor/pod-plan';
import { RunnerIdentity, RunnerIdentityKind } from '../runner-identity';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';

/**
 * The path of the file in which the runner keeps its identity. The path is set for both the runner binary and its entry
 * point, because neither reads the other's setting.
 */
export const STATE_FILE = '/data/.runner';
export const CONFIG_FILE = `${CONFIG_FOLDER}/config.yaml`;
/** The directory in which the token is mounted, only in the container that needs the token. */
const TOKEN_FOLDER = '/var/run/secrets/runner-token';
export const TOKEN_MOUNT: VolumeMount = { name: 'token', mountPath: TOKEN_FOLDER, readOnly: true };

/** The values that decide the identity of a runner in the forge. */
export interface RegistrationParts {
  readonly version: RunnerVersion;
  readonly identity: RunnerIdentity;
  readonly scope: RunnerScope;
  readonly instanceUrl: string;
  readonly labels: string[];
}

/**
 * Returns the init container that registers with Gitea. Only this container can read the token. Jobs of the host
 * executor run in the runner's container and could read the token there.
 */
export function registrationContainer(
  parts: RegistrationParts,
  { image, env, mounts }: { image: string; env: EnvVar[]; mounts: VolumeMount[] },
): Container {
  const { version, identity } = parts;
  return {
    name: 'register',
    image,
    command: ['bash', `${CONFIG_FOLDER}/register.sh`],
    env: [
      { name: 'RUNNER_PROGRAM', value: version.program },
      { name: 'RUNNER_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'GITEA_INSTANCE_URL', value: parts.instanceUrl },
      { name: 'REGISTRATION_TOKEN_FILE', value: `${TOKEN_FOLDER}/token` },
      { name: 'REGISTRATION_KEY', value: registrationKey(parts) },
      // As they stand in the state of the runner, without white space.
      { name: 'REGISTRATION_LABELS', value: parts.labels.map((label) => JSON.stringify(label)).join(',') },
      ...(identity.kind === RunnerIdentityKind.EPHEMERAL ? [{ name: 'RUNNER_EPHEMERAL', value: 'true' }] : []),
      ...env,
    ],
    securityContext: confined({ readOnlyRoot: true }),
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      { name: 'data', mountPath: '/data' },
      TOKEN_MOUNT,
      ...mounts,
    ],
  };
}

/** Returns the key that an identity belongs to. If the key changes, the identity on the volume is no longer valid. */
function registrationKey({ identity, scope, instanceUrl }: RegistrationParts): string {
  return [instanceUrl, scope.description, ...(identity.key === undefined ? [] : [identity.key])].join(' ');
}

/** Returns the settings that identity and labels add to `config.yaml`. */
export function identitySettings({ version, identity, instanceUrl, labels }: RegistrationParts): OwnedSettings {
  if (version.product === 'gitea') {
    return { 'runner.file': STATE_FILE, 'runner.labels': labels };
  }
  const connection = 'server.connections.forge';
  return {
    [`${connection}.url`]: instanceUrl,
    [`${connection}.uuid`]: identity.uuid,
    [`${connection}.token_url`]: `file://${TOKEN_FOLDER}/token`,
    [`${connection}.labels`]: labels,
  };
}

/**
 * Returns the command of the runner's container. Gitea's images have a suitable default command, Forgejo's images do
 * not.
 */
export function runnerCommand({ version, identity }: RegistrationParts): string[] | undefined {
  if (version.product === 'gitea') {
    return undefined;
  }
  return identity.kind === RunnerIdentityKind.EPHEMERAL
    ? [version.program, 'one-job', '--config', CONFIG_FILE, '--wait']
    : [version.program, 'daemon', '--config', CONFIG_FILE];
}

/** The start of the origin of a Secret that a Job of this cdk8s app fills. */
export const FETCHED = 'fetched from the forge by Job';

/** Returns the purpose of a registration token in the inventory. The runbook identifies the token by this purpose. */
export function registrationPurpose({
  name,
  scope,
  forge,
}: {
  readonly name: string;
  readonly scope: RunnerScope;
  readonly forge: Forge;
}): string {
  return `runner ${name} registers with the forge (scope: ${scope.description}; ${forge.url}/${scope._settingsPath})`;
}
