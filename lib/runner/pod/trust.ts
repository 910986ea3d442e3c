import { Construct } from 'constructs';
import type { Container, EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { CaBundle } from '../../trust';
import { scriptText } from '../../support';
import { CONFIG_FOLDER, confined } from '../executor/pod-plan';

/** The directory of the trusted CAs, at the same path in the runner, Docker daemon and job containers. */
const FOLDER = '/etc/cdk8s-forge-trust';
const BUNDLE = `${FOLDER}/ca-certificates.crt`;
const SOURCES = '/etc/cdk8s-forge-ca';

/** The environment variables that set another CA file for programs: Go and OpenSSL, git, Node.js, Python, curl. */
const VARIABLES = ['SSL_CERT_FILE', 'GIT_SSL_CAINFO', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'];

/** The parts of a pod that make the runner and its jobs trust private CAs. */
export interface TrustPlan {
  /** The init containers that run before all other containers. */
  readonly initContainers: Container[];
  readonly volumes: Volume[];
  readonly mounts: VolumeMount[];
  readonly env: EnvVar[];
  /** The same environment variables for job containers. */
  readonly jobEnv: Record<string, string>;
  /** The options for job containers that mount the CAs, and the setting that allows these options. */
  readonly jobOptions?: string;
  readonly validVolumes: string[];
  readonly files: Record<string, string>;
}

/** A trust plan with only the CAs that images already trust. */
const NOTHING: TrustPlan = {
  initContainers: [],
  volumes: [],
  mounts: [],
  env: [],
  jobEnv: {},
  validVolumes: [],
  files: {},
};

/**
 * Returns the parts that add private CAs to the runner and to job containers.
 *
 * @param where the image to work in, and the authorities
 */
export function trustPlan(
  construct: Construct,
  where: { readonly image: string; readonly bundles: readonly CaBundle[] },
): TrustPlan {
  const bundles = where.bundles.filter(
    (bundle, i) => where.bundles.findIndex((other) => other._identity === bundle._identity) === i,
  );
  if (bundles.length === 0) {
    return NOTHING;
  }
  return {
    initContainers: [
      {
        name: 'trust',
        image: where.image,
        command: ['sh', `${CONFIG_FOLDER}/trust.sh`, ...bundles.map((bundle) => bundle._path(SOURCES))],
        env: [
          { name: 'SYSTEM_BUNDLE', value: '/etc/ssl/certs/ca-certificates.crt' },
          { name: 'BUNDLE', value: BUNDLE },
        ],
        securityContext: confined({ readOnlyRoot: true }),
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
        volumeMounts: [
          { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
          { name: 'trust', mountPath: FOLDER },
          ...bundles.map((bundle) => ({
            name: bundle._volumeName,
            mountPath: `${SOURCES}/${bundle._volumeName}`,
            readOnly: true,
          })),
        ],
      },
    ],
    volumes: [{ name: 'trust', emptyDir: {} }, ...bundles.map((bundle) => bundle._volume(construct).volume)],
    mounts: [{ name: 'trust', mountPath: FOLDER, readOnly: true }],
    env: VARIABLES.map((name) => ({ name, value: BUNDLE })),
    jobEnv: Object.fromEntries(VARIABLES.map((name) => [name, BUNDLE])),
    jobOptions: `--volume=${FOLDER}:${FOLDER}:ro`,
    validVolumes: [FOLDER],
    files: { 'trust.sh': scriptText(__dirname, 'trust.sh') },
  };
}
