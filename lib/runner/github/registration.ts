import type { Container, EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { DEFAULT_GROUP, gitHubApiUrl } from './api';
import { registerPermission } from './credential';
import { GitHubRunnerProps } from './props';
import { CONFIG_FOLDER, confined } from '../executor/pod-plan';
import { RunnerLabel } from '../runner-label';

const CREDENTIAL_FOLDER = '/etc/cdk8s-forge-credential';
const JIT_FOLDER = '/etc/cdk8s-forge-jit';
const SCRATCH = '/scratch';

/** The volume mount that passes the configuration from the registration container to the runner container. */
export const JIT_MOUNT: VolumeMount = { name: 'jit', mountPath: JIT_FOLDER };
/** The environment variable with the path of the just-in-time configuration file. */
export const JIT_FILE: EnvVar = { name: 'JIT_CONFIG_FILE', value: `${JIT_FOLDER}/config` };

/** The inputs of the registration container, in addition to the runner's properties. */
export interface GitHubRegistrationParts {
  readonly image: string;
  readonly labels: readonly RunnerLabel[];
  readonly env: EnvVar[];
  readonly mounts: VolumeMount[];
}

/**
 * Returns the init container that registers with GitHub. Only this container can read the credential. The configuration
 * that it writes is valid for one job.
 *
 * @see https://docs.github.com/en/actions/reference/security/secure-use#using-just-in-time-runners
 */
export function gitHubRegistration(
  props: GitHubRunnerProps,
  { image, labels, env, mounts }: GitHubRegistrationParts,
): Container {
  const { credential, scope } = props;
  return {
    name: 'register',
    image,
    command: ['sh', `${CONFIG_FOLDER}/github-jit-config.sh`],
    env: [
      { name: 'API_URL', value: gitHubApiUrl(props.forge) },
      { name: 'API_PATH', value: scope._apiPath },
      ...credential._env(`${CREDENTIAL_FOLDER}/${credential._key}`, scope),
      { name: 'CREDENTIAL_NEEDS', value: registerPermission(scope) },
      { name: 'RUNNER_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'RUNNER_LABELS', value: JSON.stringify(labels.map(({ name }) => name)) },
      { name: 'RUNNER_GROUP_ID', value: String(props.runnerGroupId ?? DEFAULT_GROUP) },
      JIT_FILE,
      { name: 'WORK_DIR', value: SCRATCH },
      ...env,
    ],
    securityContext: confined({ readOnlyRoot: true }),
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      { name: 'credential', mountPath: CREDENTIAL_FOLDER, readOnly: true },
      { name: 'scratch', mountPath: SCRATCH },
      JIT_MOUNT,
      ...mounts,
    ],
  };
}

/** Returns the volumes that registration needs, all of them in memory. */
export function registrationVolumes(secretName: string, key: string): Volume[] {
  const memory = { medium: 'Memory', sizeLimit: '1Mi' };
  return [
    // One container mounts it. That one is not root, and where there is no fsGroup a narrower mode would keep it out.
    { name: 'credential', secret: { secretName, items: [{ key, path: key }], defaultMode: 0o444 } },
    { name: 'scratch', emptyDir: memory },
    { name: 'jit', emptyDir: memory },
  ];
}
