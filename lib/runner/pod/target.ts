import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { podSecurityOf } from '../../kube';
import { fingerprint } from '../../support';
import { IRunnerTarget, RunnerBlueprint } from '../blueprint';
import { JobQueue } from '../program/program';
import { PerJobScalingProps } from '../scaling/scaling';
import { podSpec } from './pod';
import { emptyDirs, podVolumes, scaledJob, statefulSet, WorkloadMeta } from './workload';

/** The scaling of pods by KEDA. */
export interface PodScaling {
  readonly props: PerJobScalingProps;
  readonly queue: JobQueue;
}

/** A target that renders a blueprint as a StatefulSet, or as a ScaledJob of KEDA with one pod for each job. */
export class PodTarget implements IRunnerTarget {
  /** @param scaling the scaling of a runner for each job; undefined for runners that run permanently */
  constructor(private readonly scaling?: PodScaling) {}

  render(construct: Construct, blueprint: RunnerBlueprint): void {
    const { name, labels, files, stores, life } = blueprint;
    new ApiObject(construct, 'Config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${name}-config` },
      data: files,
    });
    const pod = podSpec(blueprint, life.perJob ? podVolumes(stores) : emptyDirs(stores));
    podSecurityOf(pod).mark(construct);
    const meta: WorkloadMeta = { name, labels, configHash: fingerprint(...Object.values(files)) };
    if (this.scaling) {
      makeScaledJob(construct, { meta, pod, ...this.scaling });
    } else {
      makeStatefulSet(construct, { meta, pod }, blueprint);
    }
  }
}

function makeStatefulSet(
  construct: Construct,
  { meta, pod }: { meta: WorkloadMeta; pod: PodSpec },
  { runner, life, stores }: RunnerBlueprint,
): void {
  const { name, labels } = meta;
  const ports = (runner.ports ?? []).map((port) => ({ name: port.name, port: port.port, targetPort: port.name }));
  new ApiObject(construct, 'Service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels },
    spec: { clusterIP: 'None', selector: labels, ...(ports.length > 0 ? { ports } : {}) },
  });
  new ApiObject(construct, 'Resource', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, labels },
    spec: statefulSet(meta, pod, { replicas: life.replicas, stores }),
  });
}

/** Creates a ScaledJob, and the TriggerAuthentication with which KEDA counts jobs for it. */
function makeScaledJob(
  construct: Construct,
  { meta, pod, props, queue }: { meta: WorkloadMeta; pod: PodSpec } & PodScaling,
): void {
  const authentication = `${meta.name}-queue`;
  const { type, metadata, parameter, secretName, key } = queue;
  new ApiObject(construct, 'Authentication', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata: { name: authentication },
    spec: { secretTargetRef: [{ parameter, name: secretName, key }] },
  });
  const trigger = { type, metadata, authenticationRef: { name: authentication } };
  new ApiObject(construct, 'Resource', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledJob',
    metadata: { name: meta.name, labels: meta.labels },
    spec: scaledJob(meta, pod, { scaling: props, trigger }),
  });
}
