import type { Container, EnvVar, PodSpec, Probe, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { placementSpec, quantity, resourceRequirements } from '../../kube';
import {
  BlueprintContainer,
  BlueprintMount,
  BlueprintProbe,
  BlueprintUser,
  BlueprintVariable,
  BlueprintVolume,
  Privilege,
  RunnerBlueprint,
  VolumeContent,
} from '../blueprint';

/** Returns the pod of a runner, without its storage. */
export function podSpec(blueprint: RunnerBlueprint, storage: readonly Volume[]): PodSpec {
  const { life, user, placement, labels } = blueprint;
  const isSpread = life.perJob || life.replicas > 1;
  const files = `${blueprint.name}-config`;
  const specs = (volumes: readonly BlueprintVolume[]) => volumes.map((volume) => volumeSpec(volume, files));
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(life.perJob ? { restartPolicy: 'Never' } : {}),
    terminationGracePeriodSeconds: life.graceSeconds,
    securityContext: podSecurityContext(user),
    ...placementSpec(placement, isSpread ? labels : undefined),
    initContainers: [
      ...blueprint.setup.map(container),
      ...blueprint.services.map((service) => ({ ...container(service), restartPolicy: 'Always' })),
    ],
    containers: [container(blueprint.runner)],
    volumes: distinct([...specs(blueprint.secrets), ...storage, ...specs(blueprint.volumes)]),
  };
}

function container(parts: BlueprintContainer): Container {
  const { name, image, command, args, env = [], ports = [], probes = {} } = parts;
  const port = ports[0]?.name;
  return {
    name,
    image,
    ...(command ? { command: [...command] } : {}),
    ...(args ? { args: [...args] } : {}),
    ...(env.length > 0 ? { env: env.map(variable) } : {}),
    ...(ports.length > 0 ? { ports: ports.map((one) => ({ name: one.name, containerPort: one.port })) } : {}),
    securityContext: securityContext(parts),
    ...(probes.startup ? { startupProbe: probe(probes.startup, port) } : {}),
    ...(probes.liveness ? { livenessProbe: probe(probes.liveness, port) } : {}),
    ...(probes.readiness ? { readinessProbe: probe(probes.readiness, port) } : {}),
    resources: resourceRequirements(parts.resources, {}),
    volumeMounts: (parts.mounts ?? []).map(mount),
  };
}

function variable({ name, value, secret }: BlueprintVariable): EnvVar {
  if (secret !== undefined) {
    return { name, valueFrom: { secretKeyRef: { name: secret.name, key: secret.key } } };
  }
  return value === undefined ? { name, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } } : { name, value };
}

function mount({ volume, path, subPath, readOnly }: BlueprintMount): VolumeMount {
  return {
    name: volume,
    mountPath: path,
    ...(subPath ? { subPath } : {}),
    ...(readOnly ? { readOnly } : {}),
  };
}

function probe({ path, command, periodSeconds, timeoutSeconds, failures }: BlueprintProbe, port?: string): Probe {
  return {
    ...(path === undefined ? { exec: { command: [...(command ?? [])] } } : { httpGet: { path, port: port! } }),
    timeoutSeconds,
    periodSeconds,
    ...(failures === undefined ? {} : { failureThreshold: failures }),
  };
}

/** Returns the security context of a container that needs no privilege. */
export function confined({ readOnlyRoot = false } = {}): Container['securityContext'] {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    ...(readOnlyRoot ? { readOnlyRootFilesystem: true } : {}),
  };
}

function securityContext({
  privilege = Privilege.NONE,
  asRoot,
  user,
}: BlueprintContainer): Container['securityContext'] {
  const other = user === undefined ? {} : { runAsUser: user };
  const root = asRoot ? { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false } : other;
  switch (privilege) {
    case Privilege.FULL:
      return { privileged: true, ...root };
    case Privilege.SUDO:
      return { allowPrivilegeEscalation: true, ...root };
    default:
      return { ...confined({ readOnlyRoot: privilege === Privilege.READ_ONLY }), ...root };
  }
}

function podSecurityContext({ id, groups, moreGroups = [] }: BlueprintUser): PodSpec['securityContext'] {
  const seccompProfile = { type: 'RuntimeDefault' };
  if (id === 0) {
    return { runAsUser: 0, seccompProfile };
  }
  const volumes = groups ? {} : { fsGroup: id, fsGroupChangePolicy: 'OnRootMismatch' };
  const all = [...(groups ?? []), ...moreGroups];
  const more = all.length > 0 ? { supplementalGroups: all } : {};
  return { runAsNonRoot: true, runAsUser: id, runAsGroup: id, ...volumes, ...more, seccompProfile };
}

function volumeSpec(volume: BlueprintVolume, files: string): Volume {
  const { name, content, source, items, mode, memory, mustExist } = volume;
  const keys = items ? { items: Object.entries(items).map(([key, path]) => ({ key, path })) } : {};
  const permissions = mode === undefined ? {} : { defaultMode: mode };
  switch (content) {
    case VolumeContent.FILES:
      return { name, configMap: { name: files } };
    case VolumeContent.SECRET:
      return { name, secret: { secretName: source, ...keys, ...permissions } };
    case VolumeContent.CONFIG_MAP:
      return { name, configMap: { name: source, ...keys, ...permissions } };
    case VolumeContent.HOST_PATH:
      return { name, hostPath: { path: source!, type: mustExist ? 'Directory' : 'DirectoryOrCreate' } };
    default:
      return { name, emptyDir: memory ? { medium: 'Memory', sizeLimit: quantity(memory) } : {} };
  }
}

function distinct(volumes: Volume[]): Volume[] {
  return volumes.filter((volume, i) => volumes.findIndex(({ name }) => name === volume.name) === i);
}
