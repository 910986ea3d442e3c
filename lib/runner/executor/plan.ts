import { Construct } from 'constructs';
import { Forge, RunnerCapabilities } from '../../forge';
import { IBuilder } from '../../buildkit';
import { NodeNeed, PodGroup, Resources, Storage } from '../../kube';
import { Problem } from '../../support';
import {
  BlueprintContainer,
  BlueprintMount,
  BlueprintStore,
  BlueprintUser,
  BlueprintVariable,
  BlueprintVolume,
  Privilege,
} from '../blueprint';
import { RunnerConfig } from '../config/config';
import { ProgramFacts } from '../program/program';
import { RunnerLabel } from '../runner-label';
import { RunnerVersion } from '../runner-version';

/** The inputs from which an executor plans. */
export interface ExecutorContext {
  /** The runner's construct. */
  readonly construct: Construct;
  /** The forge. */
  readonly forge: Forge;
  /** The facts about the runner binary. */
  readonly program: ProgramFacts;
  /** The version of the runner binary. */
  readonly version: RunnerVersion;
  /** The labels of the runner. */
  readonly labels: RunnerLabel[];
  /** The user's settings of the runner binary. */
  readonly config: RunnerConfig;
  /** The labels that only the runner's instances have. */
  readonly podLabels: Record<string, string>;
  /** The resource requests and limits of jobs. */
  readonly jobResources: Resources;
  /** The resource requests and limits of the Docker daemon, if steps run beside it. */
  readonly daemonResources: Resources;
}

/** The parts of a runner that the executor decides. */
export interface ExecutorPlan {
  /** The image of the runner. */
  readonly image: string;
  /** The image of the containers that prepare the runner. @default - the image of the runner */
  readonly setupImage?: string;
  /** Whether to run the copied runner binary: `image` is not one of the program. @default false */
  readonly runsCopy?: boolean;
  /** The user of the runner. */
  readonly user: BlueprintUser;
  /** The privilege of the runner's container. @default Privilege.NONE */
  readonly privilege?: Privilege;
  /** The environment variables of the runner's container. @default - none */
  readonly env?: BlueprintVariable[];
  /** The mounts of the runner's container. @default - none */
  readonly mounts?: BlueprintMount[];
  /** The resources of the runner's container. @default - those of jobs */
  readonly resources?: Resources;
  /** The containers that run before the registration. @default - none */
  readonly tools?: BlueprintContainer[];
  /** The containers that run beside the runner, such as a Docker daemon. @default - none */
  readonly services?: BlueprintContainer[];
  /** The volumes that are not storage. @default - none */
  readonly volumes?: BlueprintVolume[];
  /** The storage. @default - none */
  readonly stores?: BlueprintStore[];
  /** The settings that the executor decides, by their key in the runner's configuration. @default - none */
  readonly settings?: Record<string, unknown>;
  /** The files. @default - none */
  readonly files?: Record<string, string>;
  /** The labels that nodes must have, for example those with a Docker daemon. @default - none */
  readonly nodeSelector?: Record<string, string>;
  /** The pods whose connections are those of jobs, if jobs run in containers elsewhere. @default - the runner's own */
  readonly jobPods?: PodGroup;
  /** The URLs that jobs need: of a builder, a Docker daemon, registries. @default - none */
  readonly endpoints?: string[];
}

/** The traits of an executor, before it plans. */
export interface ExecutorTraits {
  /** Reports whether jobs run in containers of a Docker daemon. @default false */
  readonly hasDocker?: boolean;
  /** Reports whether jobs run on another machine. @default false */
  readonly jobsElsewhere?: boolean;
  /** Reports whether the runner's container has the socket of a daemon that runs elsewhere on the node. @default false */
  readonly hasNodeSocket?: boolean;
  /** The storage of the runner's state. @default - a claim of 1 GiB if the runner keeps a state */
  readonly state?: Storage;
  /** The storage of jobs; storage in memory counts toward the memory limit. @default - none */
  readonly jobStores?: Storage[];
  /** The default resource requests and limits of the container in which jobs run, for one job at a time. */
  readonly jobResources: Resources;
  /** The storage of a Docker daemon beside the container in which steps run. @default - none */
  readonly daemonStores?: Storage[];
  /** The default resource requests and limits of that Docker daemon. @default - there is none */
  readonly daemonResources?: Resources;
}

/**
 * An executor: it decides where jobs run, and what a runner needs for that. `Executor` has those of the library. Your
 * own class can be another: `Executor.custom(new MyExecutor())`.
 *
 * An executor asks the runner binary for facts, never for its product.
 */
export interface IExecutor {
  /** The name of the executor, for people. */
  readonly name: string;

  /** The builder that jobs build with. @default - none */
  readonly builder?: IBuilder | undefined;

  /** Settings of the kernel that the pods of the runner need on their nodes. @default - none */
  readonly nodeNeeds?: NodeNeed[] | undefined;

  /** Returns the capabilities of jobs. */
  capabilities(program: ProgramFacts): RunnerCapabilities;

  /** Returns the traits. */
  traits(program: ProgramFacts): ExecutorTraits;

  /** Returns everything that prevents jobs from running. */
  problems(context: ExecutorContext): Problem[];

  /** Returns the parts of the runner that the executor decides. Called only if there are no problems. */
  plan(context: ExecutorContext): ExecutorPlan;
}
