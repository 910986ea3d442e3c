import { Size } from 'cdk8s';
import type { Container, EnvVar, PodSpec, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import {
  Placement,
  placementSpec,
  placementWith,
  resourceRequirements,
  Resources,
  Storage,
  StorageKind,
  storageVolume,
} from '../../kube';
import { Emulation } from './emulation';
import { BuildkitMode } from './mode';

/** Directory of buildkitd's TLS material, in every mode. */
export const SERVER_TLS_FOLDER = '/var/run/secrets/buildkit-server';

/** Directory of the private CA certificates for buildkitd. */
export const CA_FOLDER = '/var/run/registry-ca';

/** Name of the volume with the TLS material. */
export const SERVER_TLS_VOLUME = 'tls';

/** Key of the drain script in the ConfigMap. */
export const DRAIN_SCRIPT = 'drain.sh';

/**
 * A set of inputs that defines a buildkitd pod.
 *
 * @internal
 */
export interface PodInput {
  readonly mode: BuildkitMode;
  readonly image: string;
  readonly configMap: string;
  readonly storage: Storage;
  readonly ownClaim?: string;
  readonly tlsVolume?: Volume;
  readonly authorities: { readonly volumes: Volume[]; readonly volumeMounts: VolumeMount[] };
  readonly port: number;
  readonly debugPort?: number;
  readonly drainSeconds: number;
  readonly resources?: Resources;
  readonly placement?: Placement;
  readonly spread: boolean;
  readonly labels: Record<string, string>;
  readonly deviceResource?: string;
  readonly emulation: Emulation;
  readonly environment: EnvVar[];
  readonly usesAppArmorField: boolean;
}

/** @internal */
export const ROOT_VOLUME = 'root';

/** @internal */
export const CONTAINER = 'buildkitd';

/**
 * Returns the spec of a buildkitd pod.
 *
 * @internal
 */
export function podSpec(input: PodInput): PodSpec {
  const { mode, drainSeconds, emulation, placement, labels, spread, storage } = input;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...mode._pod(),
    ...placementSpec(placementWith([{ name: ROOT_VOLUME, storage }], placement), spread ? labels : undefined),
    // The drain, and some time for the daemon to stop.
    terminationGracePeriodSeconds: drainSeconds + 60,
    ...(emulation.image ? { initContainers: [binfmt(emulation)] } : {}),
    containers: [container(input)],
    volumes: volumes(input),
  };
}

/**
 * Returns the resources of the container, with defaults for values that are not set. The storage of the root directory
 * on the node's disk or in memory is included.
 */
export function defaultResources(storage: Storage, given: Resources = {}): Resources {
  const inMemory = storage.kind === StorageKind.MEMORY;
  const onDisk = storage.kind === StorageKind.EPHEMERAL;
  const plus = (size: Size, more: boolean) =>
    more ? Size.kibibytes(size.toKibibytes() + storage.size!.toKibibytes()) : size;
  return {
    cpuRequestMillis: given.cpuRequestMillis ?? 500,
    cpuLimitMillis: given.cpuLimitMillis,
    memoryRequest: given.memoryRequest ?? Size.gibibytes(1),
    memoryLimit: plus(given.memoryLimit ?? Size.gibibytes(4), inMemory),
    ephemeralStorageRequest: plus(given.ephemeralStorageRequest ?? Size.gibibytes(1), onDisk),
    ephemeralStorageLimit: plus(given.ephemeralStorageLimit ?? Size.gibibytes(4), onDisk),
  };
}

function volumes({ storage, ownClaim, configMap, tlsVolume, authorities }: PodInput): Volume[] {
  return [
    { name: 'config', configMap: { name: configMap } },
    ...(tlsVolume ? [tlsVolume] : []),
    ...authorities.volumes,
    ...(storage.kind === StorageKind.PERSISTENT ? [] : [storageVolume(ROOT_VOLUME, storage)]),
    ...(ownClaim ? [{ name: ROOT_VOLUME, persistentVolumeClaim: { claimName: ownClaim } }] : []),
  ];
}

function container(input: PodInput): Container {
  const { mode, image, port, debugPort } = input;
  return {
    name: CONTAINER,
    image,
    args: ['--config', `${mode.configFolder}/buildkitd.toml`],
    env: environment(input),
    ports: [
      { name: 'grpc', containerPort: port },
      ...(debugPort ? [{ name: 'metrics', containerPort: debugPort }] : []),
    ],
    securityContext: securityContext(input),
    ...probes(),
    lifecycle: { preStop: { exec: { command: ['sh', `${mode.configFolder}/${DRAIN_SCRIPT}`] } } },
    resources: resources(input),
    volumeMounts: mounts(input),
  };
}

function environment({ mode, port, drainSeconds, environment: given }: PodInput): EnvVar[] {
  const own = { BUILDKIT_HOST: mode.socket, DRAIN_PORT: String(port), DRAIN_SECONDS: String(drainSeconds) };
  return [
    ...Object.entries(own).map(([name, value]) => ({ name, value })),
    ...given.filter(({ name }) => !Object.hasOwn(own, name)),
  ];
}

function securityContext({ mode, usesAppArmorField }: PodInput) {
  const { appArmorProfile, ...context } = mode._securityContext();
  return { ...context, ...(appArmorProfile && usesAppArmorField ? { appArmorProfile } : {}) };
}

/**
 * Returns probes over the Unix socket, which needs no certificate. The timeouts are long, because a probe is slow if
 * builds keep the node busy.
 */
function probes(): Partial<Container> {
  const probe = { exec: { command: ['buildctl', 'debug', 'workers'] }, timeoutSeconds: 30 };
  return {
    startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 60 },
    readinessProbe: { ...probe, periodSeconds: 30, failureThreshold: 3 },
    livenessProbe: { ...probe, periodSeconds: 30, failureThreshold: 10 },
  };
}

function resources({ resources: given, storage, deviceResource }: PodInput) {
  const rendered = resourceRequirements(undefined, defaultResources(storage, given));
  return deviceResource ? { ...rendered, limits: { ...rendered.limits, [deviceResource]: '1' } } : rendered;
}

function mounts({ mode, tlsVolume, authorities }: PodInput): VolumeMount[] {
  return [
    { name: 'config', mountPath: mode.configFolder, readOnly: true },
    ...(tlsVolume ? [{ name: tlsVolume.name, mountPath: SERVER_TLS_FOLDER, readOnly: true }] : []),
    ...authorities.volumeMounts,
    { name: ROOT_VOLUME, mountPath: mode.rootDirectory },
  ];
}

/** Returns a container that registers emulators in the kernel of the node. */
function binfmt({ image, architectures }: Emulation): Container {
  return {
    name: 'binfmt',
    image: image!,
    args: ['--install', architectures.join(',')],
    securityContext: { privileged: true, runAsUser: 0, runAsNonRoot: false },
    resources: {
      requests: { cpu: '10m', memory: '32Mi', 'ephemeral-storage': '16Mi' },
      limits: { memory: '128Mi', 'ephemeral-storage': '64Mi' },
    },
  };
}
