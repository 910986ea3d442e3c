import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { CaBundle } from '../../trust';
import { scriptText } from '../../support';
import {
  BlueprintContainer,
  BlueprintMount,
  BlueprintVariable,
  BlueprintVolume,
  caVolumeOf,
  CONFIG_FOLDER,
  FILES_VOLUME,
  Privilege,
  VolumeContent,
} from '../blueprint';

/** The directory of the trusted CAs, at the same path in the runner, Docker daemon and job containers. */
const FOLDER = '/etc/cdk8s-forge-trust';
const BUNDLE = `${FOLDER}/ca-certificates.crt`;
const SOURCES = '/etc/cdk8s-forge-ca';

/** The environment variables that set another CA file for programs: Go and OpenSSL, git, Node.js, Python, curl. */
const VARIABLES = ['SSL_CERT_FILE', 'GIT_SSL_CAINFO', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'];

/** The parts of a pod that make the runner and its jobs trust private CAs. */
export interface TrustPlan {
  /** The init containers that run before all other containers. */
  readonly setup: BlueprintContainer[];
  readonly volumes: BlueprintVolume[];
  readonly mounts: BlueprintMount[];
  readonly env: BlueprintVariable[];
  /** The same environment variables for job containers. */
  readonly jobEnv: Record<string, string>;
  /** The directory that job containers mount; undefined if there is nothing more to trust. */
  readonly folder?: string;
  readonly files: Record<string, string>;
}

/** A trust plan with only the CAs that images already trust. */
const NOTHING: TrustPlan = {
  setup: [],
  volumes: [],
  mounts: [],
  env: [],
  jobEnv: {},
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
    setup: [
      {
        name: 'trust',
        image: where.image,
        command: ['sh', `${CONFIG_FOLDER}/trust.sh`, ...bundles.map((bundle) => bundle._path(SOURCES))],
        env: [
          { name: 'SYSTEM_BUNDLE', value: '/etc/ssl/certs/ca-certificates.crt' },
          { name: 'BUNDLE', value: BUNDLE },
        ],
        privilege: Privilege.READ_ONLY,
        resources: { cpuRequestMillis: 10, memoryRequest: Size.mebibytes(16), memoryLimit: Size.mebibytes(64) },
        mounts: [
          { volume: FILES_VOLUME, path: CONFIG_FOLDER, readOnly: true },
          { volume: 'trust', path: FOLDER },
          ...bundles.map((bundle) => ({
            volume: bundle._volumeName,
            path: `${SOURCES}/${bundle._volumeName}`,
            readOnly: true,
          })),
        ],
      },
    ],
    volumes: [
      { name: 'trust', content: VolumeContent.EMPTY },
      ...bundles.map((bundle) => caVolumeOf(bundle, construct)),
    ],
    mounts: [{ volume: 'trust', path: FOLDER, readOnly: true }],
    env: VARIABLES.map((name) => ({ name, value: BUNDLE })),
    jobEnv: Object.fromEntries(VARIABLES.map((name) => [name, BUNDLE])),
    folder: FOLDER,
    files: { 'trust.sh': scriptText(__dirname, 'trust.sh') },
  };
}
