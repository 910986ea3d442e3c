import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { Container, EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { Forge, RunnerCapabilities } from '../../forge';
import { Resources, Storage } from '../../kube';
import { Problems } from '../../support';
import { OwnedSettings } from '../config/file';
import { RunnerConfig } from '../config/config';
import { RunnerLabel } from '../runner-label';
import { RunnerVersion } from '../runner-version';

/** The inputs from which an executor plans its pod. */
export interface PlanContext {
  /** The runner construct. */
  readonly construct: Construct;
  readonly forge: Forge;
  readonly version: RunnerVersion;
  readonly labels: readonly RunnerLabel[];
  readonly config: RunnerConfig;
  /** The labels that only the runner's pods have. */
  readonly podLabels: Record<string, string>;
  /** The name of the ConfigMap that contains the files of the plan. */
  readonly configMap: string;
  /** The resource requests and limits that the user sets for jobs. */
  readonly resources?: Resources;
}

/** A volume of a plan. The runner's identity decides how long the volume is kept. */
export interface Store {
  readonly name: string;
  readonly storage: Storage;
}

/** The pod of an executor, with image, command, volumes, socket and privilege in one plan. */
export interface PodPlan {
  /** The runner's image. */
  readonly image: string;
  /** The ID of the user that the runner runs as. */
  readonly user: number;
  /** The supplementary group IDs of that user. If set, the pod has no fsGroup, so volumes stay unchanged. */
  readonly groups?: number[];
  /** Whether to run the runner's own container as privileged. */
  readonly privileged: boolean;
  /** Whether to allow jobs to become root inside the runner's own container. */
  readonly sudo?: boolean;
  readonly env: EnvVar[];
  readonly mounts: VolumeMount[];
  /** The resource requests and limits of the runner's own container. */
  readonly resources: Resources;
  /** The init containers that run before the registration. */
  readonly tools: Container[];
  /** The native sidecars that start after the registration. */
  readonly daemons: Container[];
  readonly volumes: Volume[];
  /** The volumes in addition to `data`. */
  readonly stores: Store[];
  /** The settings that the executor decides in `config.yaml`. */
  readonly owned: OwnedSettings;
  /** The files of the ConfigMap, in addition to `config.yaml`. */
  readonly files: Record<string, string>;
}

/** Programs on the jobs' PATH. */
export interface ToolParts {
  readonly containers: Container[];
  readonly env: EnvVar[];
  readonly mounts: VolumeMount[];
  readonly volumes: Volume[];
}

/** An executor that runs jobs of GitHub's runner, which has a different image and different behavior. */
export interface GitHubExecutor {
  readonly capabilities: RunnerCapabilities;
  /** The tmpfs volumes that count toward the memory limit of the container in which steps run. */
  readonly memoryStores: Storage[];
  /** The tmpfs volumes that count toward the memory limit of the Docker daemon; undefined without a Docker daemon. */
  readonly daemonStores?: Storage[];
  /** Reports settings that cannot work. */
  check(problems: Problems): void;
  plan(context: PlanContext): PodPlan;
}

/** The reason that an executor cannot run jobs of GitHub's runner. */
export interface GitHubRefusal {
  readonly refusal: string;
  readonly fix: string;
}

/** A kind of executor that provides its own capabilities, checks and pod plan. */
export interface ExecutorKind {
  /** The name of the executor: `host`, `docker`, `docker-rootless` or `external-docker`. */
  readonly name: string;
  /** Reports whether the executor has a Docker daemon. */
  readonly hasDocker: boolean;
  readonly capabilities: RunnerCapabilities;
  /** The storage for the runner's identity; undefined for the default storage. */
  readonly state?: Storage;
  /** The tmpfs volumes of jobs, which count toward the memory limit. */
  readonly memoryStores: Storage[];
  /** The default resource requests and limits of the container in which jobs run, for one job at a time. */
  readonly defaultResources: Resources;
  /** Reports settings that cannot work. */
  check(context: PlanContext, problems: Problems): void;
  plan(context: PlanContext): PodPlan;
  readonly gitHub: GitHubExecutor | GitHubRefusal;
}

/** The directory in which the files of the ConfigMap are mounted. */
export const CONFIG_FOLDER = '/etc/cdk8s-forge';
/** The home directory of a runner that does not run as root. */
export const HOME = '/home/runner';
/** The ID of the unprivileged user in the images. The rootless images work only with this user. */
export const USER = 1000;

/** Returns the security context of every container that needs no privilege. */
export function confined({ readOnlyRoot = false } = {}): Container['securityContext'] {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    ...(readOnlyRoot ? { readOnlyRootFilesystem: true } : {}),
  };
}

/** Returns the sum of the sizes. */
export function total(sizes: readonly Size[]): Size {
  return Size.kibibytes(sizes.reduce((sum, size) => sum + size.toKibibytes(), 0));
}
