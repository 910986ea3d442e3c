import { Size } from 'cdk8s';
import {
  BlueprintContainer,
  BlueprintMount,
  BlueprintVariable,
  BlueprintVolume,
  CONFIG_FOLDER,
  FILES_VOLUME,
  Privilege,
  VolumeContent,
} from '../blueprint';
import { registerPermission } from '../registration/github-credential';
import { DEFAULT_GROUP, gitHubApiUrl } from './github-api';
import { ProgramRequest } from './program';

const CREDENTIAL_FOLDER = '/etc/cdk8s-forge-credential';
const JIT_FOLDER = '/etc/cdk8s-forge-jit';
const SCRATCH = '/scratch';

/** The mount that passes the configuration from the registration container to the runner container. */
export const JIT_MOUNT: BlueprintMount = { volume: 'jit', path: JIT_FOLDER };
/** The environment variable with the path of the just-in-time configuration file. */
export const JIT_FILE: BlueprintVariable = { name: 'JIT_CONFIG_FILE', value: `${JIT_FOLDER}/config` };

/**
 * Returns the container that registers with GitHub. Only this container can read the credential. The configuration that
 * it writes is valid for one job.
 *
 * @see https://docs.github.com/en/actions/reference/security/secure-use#using-just-in-time-runners
 */
export function gitHubRegistration(request: ProgramRequest): BlueprintContainer {
  const { scope, registration, labels } = request;
  const credential = registration._credential!;
  return {
    name: 'register',
    image: request.image,
    command: ['sh', `${CONFIG_FOLDER}/github-jit-config.sh`],
    env: [
      { name: 'API_URL', value: gitHubApiUrl(request.forge) },
      { name: 'API_PATH', value: scope._apiPath },
      ...credential._env(`${CREDENTIAL_FOLDER}/${credential._key}`, scope),
      { name: 'CREDENTIAL_NEEDS', value: registerPermission(scope) },
      { name: 'RUNNER_NAME' },
      { name: 'RUNNER_LABELS', value: JSON.stringify(labels.map(({ name }) => name)) },
      { name: 'RUNNER_GROUP_ID', value: String(request.group ?? DEFAULT_GROUP) },
      JIT_FILE,
      { name: 'WORK_DIR', value: SCRATCH },
      ...request.env,
      ...request.trustEnv,
    ],
    privilege: Privilege.READ_ONLY,
    resources: { cpuRequestMillis: 10, memoryRequest: Size.mebibytes(32), memoryLimit: Size.mebibytes(128) },
    mounts: [
      { volume: FILES_VOLUME, path: CONFIG_FOLDER, readOnly: true },
      { volume: 'credential', path: CREDENTIAL_FOLDER, readOnly: true },
      { volume: 'scratch', path: SCRATCH },
      JIT_MOUNT,
      ...request.trustMounts,
    ],
  };
}

/** Returns the volumes that registration needs, all of them in memory. */
export function registrationVolumes(secretName: string, key: string): BlueprintVolume[] {
  const memory = Size.mebibytes(1);
  return [
    // One container mounts it. That one is not root, and where there is no fsGroup a narrower mode would keep it out.
    { name: 'credential', content: VolumeContent.SECRET, source: secretName, items: { [key]: key }, mode: 0o444 },
    { name: 'scratch', content: VolumeContent.EMPTY, memory },
    { name: 'jit', content: VolumeContent.EMPTY, memory },
  ];
}
