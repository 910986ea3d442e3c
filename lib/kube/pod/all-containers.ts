import { ContainerOptions, PodOptions } from './pod-options';
import { PodVolume } from './pod-volume';

/** Returns the additions to all containers: those of the workload, and those of the user. */
export function allContainers(options: PodOptions): ContainerOptions[] {
  const { initContainers = [], sidecars = [], containers = {} } = options;
  return [options, ...initContainers, ...sidecars, ...Object.values(containers)];
}

/** Returns the volumes that containers mount, each once. */
export function mountedVolumes(options: PodOptions): PodVolume[] {
  return [...new Set(allContainers(options).flatMap(({ mounts = [] }) => mounts.map(({ volume }) => volume)))];
}
