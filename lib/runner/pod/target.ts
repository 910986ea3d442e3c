import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import {
  claimsBeside,
  claimTemplates,
  Identity,
  openPod,
  permanentWorkload,
  PodOptions,
  podSecurityOf,
  storagePodVolumes,
  storesUnder,
  withClaimNames,
  WorkloadController,
  WorkloadService,
} from '../../kube';
import { fingerprint } from '../../support';
import { BlueprintPort, IRunnerTarget, RUNNER_CONTAINER, RunnerBlueprint } from '../blueprint';
import { JobQueue } from '../program/program';
import { PerJobScalingProps } from '../scaling/scaling';
import { podSpec } from './pod';
import { podVolumes, scaledJob, template, WorkloadMeta } from './workload';

const USER = 'the executor decides the user, to whom home and work directory belong';

/** The additions that a runner cannot have. */
const CLOSED = { 'security.runAsUser': USER, 'security.runAsGroup': USER, 'security.fsGroup': USER };

/** The scaling of pods by KEDA. */
export interface PodScaling {
  readonly props: PerJobScalingProps;
  readonly queue: JobQueue;
}

/** A target that renders a blueprint as a StatefulSet or Deployment, or as a ScaledJob of KEDA with one pod for each job. */
export class PodTarget implements IRunnerTarget {
  /**
   * @param scaling the scaling of a runner for each job; undefined for runners that run permanently
   * @param options the user's additions to the pods
   */
  constructor(
    private readonly identity: Identity,
    private readonly scaling?: PodScaling,
    private readonly options?: PodOptions,
  ) {}

  render(construct: Construct, blueprint: RunnerBlueprint): void {
    const { identity } = this;
    const { name, files, stores, life } = blueprint;
    new ApiObject(construct, 'Config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${name}-config` },
      data: files,
    });
    claimsBeside(construct, identity, life.perJob ? [] : stores);
    const placed = life.perJob ? stores : storesUnder(identity, stores);
    const rendered = podSpec(blueprint, life.perJob ? podVolumes(stores) : storagePodVolumes(placed));
    const pod = openPod(construct, withClaimNames(construct, rendered, placed), {
      options: this.options,
      main: [RUNNER_CONTAINER],
      closed: CLOSED,
      claims: life.perJob ? [] : claimTemplates(placed).map(({ metadata }) => metadata!.name!),
    });
    podSecurityOf(pod).mark(construct);
    const meta: WorkloadMeta = { identity, configHash: fingerprint(...Object.values(files)) };
    if (this.scaling) {
      makeScaledJob(construct, { meta, pod, ...this.scaling });
    } else {
      makePermanent(construct, { meta, pod }, blueprint);
    }
  }
}

function makePermanent(
  construct: Construct,
  { meta, pod }: { meta: WorkloadMeta; pod: PodSpec },
  { runner, life, stores }: RunnerBlueprint,
): void {
  const { identity } = meta;
  makeService(construct, identity, runner.ports ?? []);
  permanentWorkload(construct, { identity, replicas: life.replicas, template: template(meta, pod), stores });
}

function makeService(construct: Construct, identity: Identity, named: readonly BlueprintPort[]): void {
  const isDeployed = identity.controller === WorkloadController.DEPLOYMENT;
  const service = identity.service(isDeployed ? WorkloadService.NONE : WorkloadService.HEADLESS);
  if (service === WorkloadService.NONE) {
    return;
  }
  const ports = named.map(({ name, port }) => ({ name, port, targetPort: name }));
  new ApiObject(construct, 'Service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: identity.serviceName(), labels: identity.labels },
    spec: {
      ...(service === WorkloadService.HEADLESS ? { clusterIP: 'None' } : {}),
      selector: identity.podLabels,
      ...(ports.length > 0 ? { ports } : {}),
    },
  });
}

/** Creates a ScaledJob, and the TriggerAuthentication with which KEDA counts jobs for it. */
function makeScaledJob(
  construct: Construct,
  { meta, pod, props, queue }: { meta: WorkloadMeta; pod: PodSpec } & PodScaling,
): void {
  const { identity } = meta;
  const authentication = `${identity.name}-queue`;
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
    metadata: { name: identity.name, labels: identity.labels, ...identity.annotations() },
    spec: scaledJob(meta, pod, { scaling: props, trigger }),
  });
}
