import { Size } from 'cdk8s';
import { scriptText } from '../../support';
import { BlueprintContainer, BlueprintVariable, CONFIG_FOLDER, FILES_VOLUME, Privilege } from '../blueprint';
import { ScalingKind } from '../scaling/scaling';
import { DATA_MOUNT, TOKEN_FOLDER, TOKEN_MOUNT } from './actions-config';
import { ProgramRequest } from './program';

/**
 * The path of the file in which the runner keeps its identity. The path is set for both the runner binary and its entry
 * point, because neither reads the other's setting.
 */
export const STATE_FILE = '/data/.runner';

/** Returns the script that registers a runner. */
export function registrationScript(): string {
  return scriptText(__dirname, 'register.sh');
}

interface RegisteringProgram {
  readonly binary: string;
  readonly env: readonly BlueprintVariable[];
  /** Reports whether the program asks for the address of the forge too. @default false */
  readonly asksForAddress?: boolean;
}

/**
 * Returns the container that registers. Only this container can read the token. Jobs of the host executor run in the
 * runner's container and could read the token there.
 */
export function registrationContainer(
  request: ProgramRequest,
  { binary, env, asksForAddress = false }: RegisteringProgram,
): BlueprintContainer {
  const { instanceUrl, labels, scaling } = request;
  return {
    name: 'register',
    image: request.image,
    command: ['bash', `${CONFIG_FOLDER}/register.sh`],
    env: [
      { name: 'RUNNER_PROGRAM', value: binary },
      { name: 'RUNNER_NAME' },
      { name: 'GITEA_INSTANCE_URL', value: instanceUrl },
      { name: 'REGISTRATION_TOKEN_FILE', value: `${TOKEN_FOLDER}/token` },
      { name: 'REGISTRATION_KEY', value: registrationKey(request) },
      // As they stand in the state of the runner, without white space.
      { name: 'REGISTRATION_LABELS', value: labels.map(({ spec }) => JSON.stringify(spec)).join(',') },
      ...(asksForAddress ? [{ name: 'RUNNER_ASKS_ADDRESS', value: 'true' }] : []),
      ...(scaling.kind === ScalingKind.PER_JOB ? [{ name: 'RUNNER_EPHEMERAL', value: 'true' }] : []),
      ...env,
      ...request.trustEnv,
    ],
    privilege: Privilege.READ_ONLY,
    resources: { cpuRequestMillis: 10, memoryRequest: Size.mebibytes(32), memoryLimit: Size.mebibytes(128) },
    mounts: [
      { volume: FILES_VOLUME, path: CONFIG_FOLDER, readOnly: true },
      DATA_MOUNT,
      TOKEN_MOUNT,
      ...request.trustMounts,
    ],
  };
}

/** Returns the key that an identity belongs to. If the key changes, the identity on the volume is no longer valid. */
function registrationKey({ registration: { key }, scope, instanceUrl }: ProgramRequest): string {
  return [instanceUrl, scope.description, ...(key === undefined ? [] : [key])].join(' ');
}
