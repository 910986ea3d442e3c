import { Construct } from 'constructs';
import { Size } from 'cdk8s';
import type { Container, EnvVar, PodSpec, SecurityContext } from 'kubernetes-types/core/v1';
import {
  claimTemplates,
  NamedStorage,
  openPod,
  placementSpec,
  placementWith,
  resourceRequirements,
  StorageKind,
  storagePodVolumes,
  withClaimNames,
} from '../../kube';
import { caMounts } from '../client/buildkit-registries';
import { Endpoint } from '../endpoint';
import { CONFIG, DATA, PORT } from './config';
import { RegistryMirrorProps } from './props';

const USER = 1000;
const LOGIN = '/var/run/secrets/mirror';
const AUTHORITIES = '/etc/mirror-authorities';

/** Name of the container of the mirror. */
export const CONTAINER = 'mirror';

const MEMORY = Size.mebibytes(512);
const RESOURCES = { cpuRequestMillis: 50, memoryRequest: Size.mebibytes(64) };

/** The parts of the pod of a mirror. */
interface MirrorPod {
  readonly name: string;
  readonly props: RegistryMirrorProps;
  readonly of: Endpoint;
  readonly image: string;
  readonly store: NamedStorage;
  /** Name of the Secret with the login; undefined if there is none. */
  readonly loginSecret?: string;
}

/** The security context of containers that need no privilege. */
export const CONFINED: SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** Returns the fields that every pod of a mirror has. */
export function confinedPod(): PodSpec {
  return {
    automountServiceAccountToken: false,
    // The variables of a Service named "registry" would be settings of distribution.
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [],
  };
}

/**
 * Returns the pod of a mirror.
 *
 * @throws FORGE-KUBE-022 … 025 for additions that the pod cannot have
 */
export function mirrorPod(mirror: Construct, parts: MirrorPod): PodSpec {
  const { name, props, store, loginSecret } = parts;
  const { credentials } = props;
  const bundle = parts.of.trust.caBundle;
  const authorities = caMounts(mirror, bundle ? [bundle] : [], AUTHORITIES);
  const keys = ['username', 'password'];
  const spec: PodSpec = {
    ...confinedPod(),
    ...placementSpec(placementWith([store], props.placement)),
    containers: [container(parts, { ...authorities, authority: bundle && `${AUTHORITIES}/${bundle._volumeName}` })],
    volumes: [
      // The command of the login is a file that distribution executes.
      { name: 'config', configMap: { name: `${name}-config`, defaultMode: 0o555 } },
      ...(loginSecret === undefined
        ? []
        : [
            {
              name: 'login',
              secret: {
                secretName: loginSecret,
                items: keys.map((key) => ({ key: credentials!.keyOf(key), path: key })),
                defaultMode: 0o440,
              },
            },
          ]),
      ...authorities.volumes,
      ...storagePodVolumes([store]),
    ],
  };
  return openPod(mirror, withClaimNames(mirror, spec, [store]), {
    options: props.pod,
    main: [CONTAINER],
    claims: claimTemplates([store]).map(({ metadata }) => metadata!.name!),
  });
}

function container(
  { props, image, store, loginSecret }: MirrorPod,
  { volumeMounts, authority }: ReturnType<typeof caMounts> & { readonly authority?: string },
): Container {
  const probe = { httpGet: { path: '/', port: 'http' }, timeoutSeconds: 5 };
  const env: EnvVar[] = [
    { name: 'OTEL_TRACES_EXPORTER', value: 'none' },
    ...(loginSecret === undefined ? [] : [{ name: 'LOGIN_FOLDER', value: LOGIN }]),
    // Beside the file with the public CAs, which is read as well.
    ...(authority === undefined ? [] : [{ name: 'SSL_CERT_DIR', value: authority }]),
  ];
  const { kind, size } = store.storage;
  const inMemory = kind === StorageKind.MEMORY ? size!.toKibibytes() : 0;
  return {
    name: CONTAINER,
    image,
    command: ['registry', 'serve', `${CONFIG}/config.yml`],
    env,
    ports: [{ name: 'http', containerPort: PORT }],
    securityContext: CONFINED,
    startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 60 },
    livenessProbe: { ...probe, periodSeconds: 30, failureThreshold: 5 },
    readinessProbe: { ...probe, periodSeconds: 10 },
    resources: resourceRequirements(props.resources, {
      ...RESOURCES,
      memoryLimit: Size.kibibytes(MEMORY.toKibibytes() + inMemory),
    }),
    volumeMounts: [
      { name: 'config', mountPath: CONFIG, readOnly: true },
      ...(loginSecret === undefined ? [] : [{ name: 'login', mountPath: LOGIN, readOnly: true }]),
      ...volumeMounts,
      { name: store.name, mountPath: DATA },
    ],
  };
}
