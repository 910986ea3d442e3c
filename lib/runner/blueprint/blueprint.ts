import { Construct } from 'constructs';
import { Placement } from '../../kube';
import { BlueprintContainer } from './container';
import { BlueprintStore, BlueprintVolume } from './volume';

/** The user that the containers of a runner run as. */
export interface BlueprintUser {
  /** The ID of the user. */
  readonly id: number;

  /**
   * The supplementary groups. If set, the group of the volumes stays as it is.
   *
   * @default - volumes belong to the user's group
   */
  readonly groups?: number[];

  /**
   * More supplementary groups, which leave the group of the volumes to the user.
   *
   * @default - none
   */
  readonly moreGroups?: number[];
}

/** The life of a runner's instances. */
export interface BlueprintLife {
  /** Reports whether an instance runs one job and is gone. */
  readonly perJob: boolean;

  /** The number of instances that run permanently. */
  readonly replicas: number;

  /** The time that a stopping instance gets, in seconds. */
  readonly graceSeconds: number;
}

/**
 * A runner, described without a platform: what an executor needs, what the runner binary adds, and what the user sets.
 * A target renders it: a pod, later also a compose file or a systemd unit.
 */
export interface RunnerBlueprint {
  /** The name of the runner. */
  readonly name: string;

  /** The labels that only this runner has. */
  readonly labels: Record<string, string>;

  /** The containers that prepare, in their order. Each ends before the next starts. */
  readonly setup: BlueprintContainer[];

  /** The containers that run beside the runner and start before it. */
  readonly services: BlueprintContainer[];

  /** The container of the runner. */
  readonly runner: BlueprintContainer;

  /** The files, by name. They are mounted by volumes with the content `FILES`. */
  readonly files: Record<string, string>;

  /** The volumes with the files of the blueprint, with credentials, and with what is made of them. */
  readonly secrets: BlueprintVolume[];

  /** The other volumes that are not storage. */
  readonly volumes: BlueprintVolume[];

  /** The storage. */
  readonly stores: BlueprintStore[];

  /** The user of all containers. */
  readonly user: BlueprintUser;

  /** The life of the instances. */
  readonly life: BlueprintLife;

  /** The node placement. */
  readonly placement?: Placement;
}

/**
 * A platform that renders blueprints.
 *
 * @jsii ignore
 */
export interface IRunnerTarget {
  /** Creates the objects of a runner below its construct. */
  render(construct: Construct, blueprint: RunnerBlueprint): void;
}

/** The directory in which the files of a blueprint are mounted. */
export const CONFIG_FOLDER = '/etc/cdk8s-forge';
/** The volume with the files of a blueprint. */
export const FILES_VOLUME = 'config';
/** The directory of the runner binary in an image of jobs. */
export const PROGRAM_FOLDER = '/opt/cdk8s-forge/program';
/** The name of the container in which the runner runs. */
export const RUNNER_CONTAINER = 'runner';
