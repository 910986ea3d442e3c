import type { PodSpec } from 'kubernetes-types/core/v1';

/** Every mount has its volume, every volume is used, nothing is there twice. */
export function checkVolumes(pod: PodSpec, claims: string[]): void {
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  const names = containers.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const volumes = [...pod.volumes!.map(({ name }) => name), ...claims];
  expect(new Set(volumes).size).toBe(volumes.length);
  for (const { volumeMounts = [] } of containers) {
    const paths = volumeMounts.map(({ mountPath }) => mountPath);
    expect(new Set(paths).size).toBe(paths.length);
  }
  const mounted = new Set(containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));
  expect([...mounted].filter((name) => !volumes.includes(name))).toEqual([]);
  expect(volumes.filter((name) => !mounted.has(name))).toEqual([]);
}
