import type { Container, EnvVar, VolumeMount } from 'kubernetes-types/core/v1';
import { Forge } from '../../forge';
import { OwnedSettings } from '../config/file';
import { CONFIG_FOLDER, confined } from '../executor/pod-plan';
import { RunnerIdentity, RunnerIdentityKind } from '../runner-identity';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';

/** Where the runner keeps what the forge knows it by. Stated to the program and to its entry point, which would not ask each other. */
export const STATE_FILE = '/data/.runner';
export const CONFIG_FILE = `${CONFIG_FOLDER}/config.yaml`;
/** Where the token is mounted, in the one container that needs it. */
const TOKEN_FOLDER = '/var/run/secrets/runner-token';
export const TOKEN_MOUNT: VolumeMount = { name: 'token', mountPath: TOKEN_FOLDER, readOnly: true };

/** What decides under which identity a runner appears. */
export interface RegistrationParts {
  readonly version: RunnerVersion;
  readonly identity: RunnerIdentity;
  readonly scope: RunnerScope;
  readonly instanceUrl: string;
  readonly labels: string[];
}

/**
 * The init container that registers with Gitea. It alone sees the token: jobs of the host executor run in the runner's container, and
 * could read it there.
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
      ...(identity.kind === RunnerIdentityKind.EPHEMERAL ? [{ name: 'RUNNER_EPHEMERAL', value: 'true' }] : []),
      ...env,
    ],
    securityContext: confined(),
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      { name: 'data', mountPath: '/data' },
      TOKEN_MOUNT,
      ...mounts,
    ],
  };
}

/** What the identity belongs to: when it changes, the identity on the volume is of no use any more. */
function registrationKey({ identity, scope, instanceUrl }: RegistrationParts): string {
  return [instanceUrl, scope.description, ...(identity.key === undefined ? [] : [identity.key])].join(' ');
}

/** What identity and labels add to config.yaml. */
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

/** What the container runs: Gitea's images know by themselves, Forgejo's do not. */
export function runnerCommand({ version, identity }: RegistrationParts): string[] | undefined {
  if (version.product === 'gitea') {
    return undefined;
  }
  return identity.kind === RunnerIdentityKind.EPHEMERAL
    ? [version.program, 'one-job', '--config', CONFIG_FILE, '--wait']
    : [version.program, 'daemon', '--config', CONFIG_FILE];
}

/** What a Secret that a Job of this program fills is said to come from. */
export const FETCHED = 'fetched from the forge by Job';

/** What the inventory says that a registration token is for; the runbook knows it again by that. */
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
