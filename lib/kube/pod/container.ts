import { Size } from 'cdk8s';
import type { Container, SecurityContext, VolumeMount } from 'kubernetes-types/core/v1';
import { resourceRequirements } from '../resources';
import { ContainerOptions, PodContainer, PodMount } from './pod-options';
import { ContainerSecurityOptions } from './pod-security-options';
import { PodSite } from './pod-secret';

const CONFINED: SecurityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const RESOURCES = {
  cpuRequestMillis: 10,
  memoryRequest: Size.mebibytes(32),
  memoryLimit: Size.mebibytes(256),
};

/** Returns a container of the user. */
export function ownContainer(given: PodContainer, site: PodSite): Container {
  const { name, image, command, args, workingDir, resources, security } = given;
  const bare: Container = {
    name,
    image,
    ...(command ? { command: [...command] } : {}),
    ...(args ? { args: [...args] } : {}),
    ...(workingDir ? { workingDir } : {}),
    securityContext: CONFINED,
    resources: resourceRequirements(resources, RESOURCES),
  };
  return withSecurity(withOptions(bare, given, site), security);
}

/** Returns a container with the environment and mounts that the user adds. */
export function withOptions(container: Container, options: ContainerOptions, site: PodSite): Container {
  const { env = {}, envFrom = [], mounts = [] } = options;
  const variables = Object.entries(env).map(([name, variable]) => variable._render(name, site));
  return {
    ...container,
    ...(variables.length > 0 ? { env: [...(container.env ?? []), ...variables] } : {}),
    ...(envFrom.length > 0
      ? { envFrom: [...(container.envFrom ?? []), ...envFrom.map((one) => one._render(site))] }
      : {}),
    ...(mounts.length > 0 ? { volumeMounts: [...(container.volumeMounts ?? []), ...mounts.map(mountOf)] } : {}),
  };
}

function mountOf({ volume, path, subPath, readOnly }: PodMount): VolumeMount {
  return { name: volume.name, mountPath: path, ...(subPath ? { subPath } : {}), ...(readOnly ? { readOnly } : {}) };
}

/** Returns a container with overrides of its security context. */
export function withSecurity(container: Container, given: ContainerSecurityOptions = {}): Container {
  const { runAsUser, runAsGroup, privileged, allowPrivilegeEscalation, readOnlyRootFilesystem } = given;
  const { addCapabilities, seccomp, appArmor } = given;
  const before = container.securityContext ?? {};
  const capabilities = {
    ...before.capabilities,
    add: [...(before.capabilities?.add ?? []), ...(addCapabilities ?? [])],
  };
  const overrides: SecurityContext = {
    ...present({ runAsUser, runAsGroup, privileged, allowPrivilegeEscalation, readOnlyRootFilesystem }),
    ...(runAsUser === undefined ? {} : { runAsNonRoot: runAsUser !== 0 }),
    ...(addCapabilities?.length ? { capabilities } : {}),
    ...(seccomp ? { seccompProfile: seccomp._render() } : {}),
    ...(appArmor ? { appArmorProfile: appArmor._render() } : {}),
  };
  if (Object.keys(overrides).length === 0) {
    return container;
  }
  const securityContext = { ...before, ...overrides };
  // Kubernetes rejects a container that escalates already and is forbidden to.
  if (allowPrivilegeEscalation === undefined && escalates(securityContext)) {
    delete securityContext.allowPrivilegeEscalation;
  }
  return { ...container, securityContext };
}

/** Returns whether a container has all rights of the node already, so that Kubernetes rejects `allowPrivilegeEscalation: false`. */
export function escalates({ privileged, capabilities }: SecurityContext): boolean {
  return privileged === true || (capabilities?.add ?? []).includes('SYS_ADMIN');
}

function present<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
