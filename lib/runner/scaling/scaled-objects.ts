import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { ScaledParts, scaledJob, WorkloadMeta } from '../pod/workload';

/** The parts of a ScaledJob. */
export interface ScaledObjectParts extends ScaledParts {
  readonly meta: WorkloadMeta;
  readonly pod: PodSpec;
  /** The name of the TriggerAuthentication that the trigger refers to. */
  readonly authentication: string;
  /** The Secret with KEDA's credential, and KEDA's parameter name for the credential. */
  readonly secret: { readonly parameter: string; readonly name: string; readonly key: string };
}

/** Creates a ScaledJob, and the TriggerAuthentication with which KEDA counts jobs for it. */
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
