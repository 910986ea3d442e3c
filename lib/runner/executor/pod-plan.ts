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

/** What an executor has to know to say how a pod looks. */
export interface PlanContext {
  /** The runner. */
  readonly construct: Construct;
  readonly forge: Forge;
  readonly version: RunnerVersion;
  readonly labels: readonly RunnerLabel[];
  readonly config: RunnerConfig;
  /** Labels that the runner's pods bear, and no others do. */
  readonly podLabels: Record<string, string>;
  /** Name of the ConfigMap that holds the files of the plan. */
  readonly configMap: string;
  /** What the user wants the jobs to have. */
  readonly resources?: Resources;
}

/** A volume of a plan: who keeps it is decided by the runner's identity. */
export interface Store {
  readonly name: string;
  readonly storage: Storage;
}

/** How a pod of one executor looks: image, command, volumes, socket and privilege move together. */
export interface PodPlan {
  /** The runner's image. */
  readonly image: string;
  /** The user that the runner runs as. */
  readonly user: number;
  /** More groups of that user. Volumes are then left as they are: there is no fsGroup. */
  readonly groups?: number[];
  /** Whether the runner's own container is privileged. */
  readonly privileged: boolean;
  /** Whether jobs may become root inside the runner's own container. */
  readonly sudo?: boolean;
  readonly env: EnvVar[];
  readonly mounts: VolumeMount[];
  /** What the runner's own container asks for. */
  readonly resources: Resources;
  /** Run before the registration. */
  readonly tools: Container[];
  /** Native sidecars, started after the registration. */
  readonly daemons: Container[];
  readonly volumes: Volume[];
  /** Volumes beside `data`. */
  readonly stores: Store[];
  /** What the executor decides in config.yaml. */
  readonly owned: OwnedSettings;
  /** Files for the ConfigMap, beside config.yaml. */
  readonly files: Record<string, string>;
}

/** Programs on the jobs' PATH. */
export interface ToolParts {
  readonly containers: Container[];
  readonly env: EnvVar[];
  readonly mounts: VolumeMount[];
  readonly volumes: Volume[];
}

/** How an executor runs the jobs of GitHub's runner, whose image and habits are others. */
export interface GitHubExecutor {
  readonly capabilities: RunnerCapabilities;
  /** tmpfs that is counted into the limit of the container in which steps run. */
  readonly memoryStores: Storage[];
  /** tmpfs that is counted into the limit of the daemon; undefined without one. */
  readonly daemonStores?: Storage[];
  /** Notes what cannot work. */
  check(problems: Problems): void;
  plan(context: PlanContext): PodPlan;
}

/** Why an executor cannot run the jobs of GitHub's runner. */
export interface GitHubRefusal {
  readonly refusal: string;
  readonly fix: string;
}

/** One way to run jobs; each answers for itself. */
export interface ExecutorKind {
  /** `host`, `docker`, `docker-rootless` or `external-docker`. */
  readonly name: string;
  /** Whether there is a Docker daemon. */
  readonly hasDocker: boolean;
  readonly capabilities: RunnerCapabilities;
  /** Where the identity is kept; undefined for whatever suits. */
  readonly state?: Storage;
  /** Where the jobs' memory goes: tmpfs that is counted into the limit. */
  readonly memoryStores: Storage[];
  /** What the container in which jobs run asks for, for one job at a time. */
  readonly defaultResources: Resources;
  /** Notes what cannot work. */
  check(context: PlanContext, problems: Problems): void;
  plan(context: PlanContext): PodPlan;
  readonly gitHub: GitHubExecutor | GitHubRefusal;
}

/** The folder that the files of the ConfigMap are mounted at. */
export const CONFIG_FOLDER = '/etc/cdk8s-forge';
/** The home of a runner that does not run as root. */
export const HOME = '/home/runner';
/** The user of the images' unprivileged parts; the rootless ones work with no other. */
export const USER = 1000;

/** What every container gets that needs no privilege. */
export function confined(): Container['securityContext'] {
  return { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
}

/** The sum of sizes. */
export function total(sizes: readonly Size[]): Size {
  return Size.kibibytes(sizes.reduce((sum, size) => sum + size.toKibibytes(), 0));
}
