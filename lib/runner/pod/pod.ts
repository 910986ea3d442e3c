import type {
  Container,
  EnvVar,
  PodSpec,
  Probe,
  ResourceRequirements,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1';
import { Placement, placementSpec, Resources, Storage, StorageKind } from '../../kube';
import { CONFIG_FOLDER, confined, PlanContext, PodPlan, total } from '../executor/pod-plan';
import { TrustPlan } from './trust';

/** The port of metrics and probes. */
export const METRICS_PORT = 9101;

/** The name of the container in which the runner runs. */
export const RUNNER_CONTAINER = 'runner';

/** The parts of a runner's pod. */
export interface PodParts {
  readonly context: PlanContext;
  readonly plan: PodPlan;
  readonly trust: TrustPlan;
  /** The environment variables of every container with the runner's image. */
  readonly env: EnvVar[];
  /** The environment variables of a Docker daemon, which pulls images itself. */
  readonly daemonEnv: EnvVar[];
  /** The container that registers the runner; undefined if no registration is needed. */
  readonly registration?: Container;
  /** The command of the runner's container; undefined for the image's own command. */
  readonly command?: string[];
  readonly volumes: Volume[];
  readonly mounts: VolumeMount[];
  /** The resource requests and limits of the runner's own container. */
  readonly resources: ResourceRequirements;
  readonly placement?: Placement;
  /** The labels of the pods that should not share a node; undefined if there is only one pod. */
  readonly spread?: Record<string, string>;
  readonly graceSeconds: number;
  readonly restartPolicy?: string;
}

/** Returns the pod of a runner. */
export function runnerPod(parts: PodParts): PodSpec {
  const { plan, trust, context } = parts;
  const config: Volume = { name: 'config', configMap: { name: context.configMap } };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(parts.restartPolicy ? { restartPolicy: parts.restartPolicy } : {}),
    terminationGracePeriodSeconds: parts.graceSeconds,
    securityContext: podSecurityContext(plan),
    ...placementSpec(parts.placement, parts.spread),
    initContainers: [
      ...trust.initContainers,
      ...plan.tools,
      ...(parts.registration ? [parts.registration] : []),
      ...plan.daemons.map((daemon) => daemonWith(daemon, { mounts: trust.mounts, env: parts.daemonEnv })),
    ],
    containers: [runnerContainer(parts)],
    volumes: distinct([config, ...parts.volumes, ...plan.volumes, ...trust.volumes]),
  };
}

function runnerContainer(parts: PodParts): Container {
  const { plan, trust, context } = parts;
  return {
    name: RUNNER_CONTAINER,
    image: plan.image,
    ...(parts.command ? { command: parts.command } : {}),
    env: [...parts.env, ...plan.env, ...trust.env],
    ...(hasMetrics(context) ? { ports: [{ name: 'metrics', containerPort: METRICS_PORT }] } : {}),
    securityContext: runnerSecurity(plan),
    ...probes(context),
    resources: parts.resources,
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      ...parts.mounts,
      ...plan.mounts,
      ...trust.mounts,
    ],
  };
}

/** Returns whether the runner binary has metrics and health endpoints, which Gitea's runner has from 0.4.0 on. */
export function hasMetrics({ version }: PlanContext): boolean {
  return version.product === 'gitea' && version.isAtLeast('0.4.0');
}

function probes(context: PlanContext): Partial<Container> {
  if (!hasMetrics(context)) {
    return {};
  }
  const at = (path: string): Probe => ({ httpGet: { path, port: 'metrics' }, timeoutSeconds: 5 });
  return {
    // A rootless daemon in the same container has to come up first.
    startupProbe: { ...at('/healthz'), periodSeconds: 5, failureThreshold: 120 },
    livenessProbe: { ...at('/healthz'), periodSeconds: 30, failureThreshold: 5 },
    readinessProbe: { ...at(context.version.isAtLeast('2.2.0') ? '/readyz' : '/healthz'), periodSeconds: 15 },
  };
}

function runnerSecurity({ privileged, sudo }: PodPlan): Container['securityContext'] {
  if (privileged) {
    return { privileged: true };
  }
  return sudo ? { allowPrivilegeEscalation: true } : confined();
}

function podSecurityContext({ user, groups }: PodPlan): PodSpec['securityContext'] {
  const seccompProfile = { type: 'RuntimeDefault' };
  if (user === 0) {
    return { runAsUser: 0, seccompProfile };
  }
  const volumes = groups
    ? { supplementalGroups: [...groups] }
    : { fsGroup: user, fsGroupChangePolicy: 'OnRootMismatch' };
  return { runAsNonRoot: true, runAsUser: user, runAsGroup: user, ...volumes, seccompProfile };
}

function daemonWith(daemon: Container, { mounts, env }: { mounts: VolumeMount[]; env: EnvVar[] }): Container {
  return {
    ...daemon,
    ...(env.length > 0 ? { env: [...(daemon.env ?? []), ...env] } : {}),
    volumeMounts: [...(daemon.volumeMounts ?? []), ...mounts],
  };
}

function distinct(volumes: Volume[]): Volume[] {
  return volumes.filter((volume, i) => volumes.findIndex(({ name }) => name === volume.name) === i);
}

/**
 * Returns the resource requests and limits of the container in which jobs run. The defaults are multiplied by the
 * number of concurrent jobs. The size of tmpfs volumes is added to the memory limit, because data on tmpfs counts as
 * memory.
 */
export function jobResources(
  given: Resources | undefined,
  perJob: Resources,
  { capacity, stores }: { capacity: number; stores: readonly Storage[] },
): Resources {
  const tmpfs = stores.filter(({ kind }) => kind === StorageKind.MEMORY).map(({ size }) => size);
  const times = (value: Resources['memoryLimit']) =>
    value === undefined ? [] : Array.from({ length: capacity }, () => value);
  return {
    cpuRequestMillis: (perJob.cpuRequestMillis ?? 0) * capacity,
    memoryRequest: total(times(perJob.memoryRequest)),
    memoryLimit: total([...times(perJob.memoryLimit), ...tmpfs]),
    ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)),
  };
}
