import type { PodSpec } from 'kubernetes-types/core/v1';
import { Problem, quoted } from '../../support';
import { mountedVolumes } from './all-containers';
import { PodOptions } from './pod-options';

/** Returns what keeps the volumes of the user from being in the pod. */
export function volumeProblems(pod: PodSpec, options: PodOptions, claims: readonly string[]): Problem[] {
  const mounted = mountedVolumes(options);
  const taken = [...(pod.volumes ?? []).map(({ name }) => name), ...claims];
  const nodes = new Set([
    ...[pod.nodeSelector?.['kubernetes.io/hostname']].filter((node) => node !== undefined),
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
    ...(nodes.size > 1
      ? [
          {
            code: 'FORGE-KUBE-020',
            message: `the pod must run on several nodes: ${[...nodes].map((node) => quoted(node)).join(', ')}`,
            fix: 'keep the directories on one node, and leave kubernetes.io/hostname out of placement.nodeSelector',
            symptom: "0/3 nodes are available: node(s) didn't match Pod's node affinity/selector",
          },
        ]
      : []),
  ];
}
