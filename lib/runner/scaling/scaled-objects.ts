import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { ScaledParts, scaledJob, WorkloadMeta } from '../pod/workload';

/** What a ScaledJob is made from. */
export interface ScaledObjectParts extends ScaledParts {
  readonly meta: WorkloadMeta;
  readonly pod: PodSpec;
  /** Name of the TriggerAuthentication that the trigger refers to. */
  readonly authentication: string;
  /** Where KEDA finds what it authenticates itself with, and what it calls it. */
  readonly secret: { readonly parameter: string; readonly name: string; readonly key: string };
}

/** Makes a ScaledJob, and what lets KEDA count for it. */
export function makeScaledJob(
  construct: Construct,
  { meta, pod, authentication, secret, ...scaled }: ScaledObjectParts,
): void {
  new ApiObject(construct, 'Authentication', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata: { name: authentication },
    spec: { secretTargetRef: [secret] },
  });
  new ApiObject(construct, 'Resource', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledJob',
    metadata: { name: meta.name, labels: meta.labels },
    spec: scaledJob(meta, pod, scaled),
  });
}
