import type { PodSpec } from 'kubernetes-types/core/v1';
import { Problem, quoted } from '../../support';
import { HOSTNAME, severalNodes } from '../single-storage';
import { mountedVolumes } from './all-containers';
import { PodOptions } from './pod-options';

/** Returns what keeps the volumes of the user from being in the pod. */
export function volumeProblems(pod: PodSpec, options: PodOptions, claims: readonly string[]): Problem[] {
  const mounted = mountedVolumes(options);
  const taken = [...(pod.volumes ?? []).map(({ name }) => name), ...claims];
  const nodes = new Set([
    ...[pod.nodeSelector?.[HOSTNAME]].filter((node) => node !== undefined),
    ...mounted.flatMap(({ _storage }) => (_storage?._host ? [_storage._host.node] : [])),
  ]);
  const doubled = mounted.filter(
    ({ name }, i) => taken.includes(name) || mounted.findIndex((other) => other.name === name) < i,
  );
  return [
    ...doubled.map(({ name }) => ({
      code: 'FORGE-KUBE-024',
      message: `the pod has another volume ${quoted(name)}`,
      fix: 'rename the volume; to mount one volume twice, pass the same PodVolume twice',
      symptom: 'spec.volumes[].name: Duplicate value',
    })),
    ...severalNodes(nodes),
  ];
}
