import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { NodeNeed } from '../../kube';
import { Registry } from '../../registry';
import { ScriptSpec } from '../../support';
import { BuilderConnection } from '../access/connection';
import { CacheKind } from './build-cache';
import { ImageBuild } from './image-build';

/**
 * A builder that turns a Dockerfile into an image and pushes the image to a registry. `Buildkitd` is one; your own
 * class can be another.
 *
 * A pipeline asks its builder for everything that it must know: registries, platforms, caches, tools, and the script.
 */
export interface IBuilder {
  /** Unique name of the builder in errors and in the runbook, for example the path of its construct. */
  readonly path: string;

  /** Short name of the builder for people, for example `buildkitd`. */
  readonly name: string;

  /**
   * Platforms that the builder builds for, for example `linux/amd64`.
   *
   * @default - not known: every platform is accepted
   */
  readonly platforms?: string[] | undefined;

  /** Kinds of build cache that the builder can read and write. */
  readonly cacheKinds: CacheKind[];

  /**
   * Size of the volume that keeps the builder's state.
   *
   * @default - not known
   */
  readonly stateSize?: Size | undefined;

  /**
   * Support for provenance and SBOMs of images.
   *
   * @default true
   */
  readonly canAttest?: boolean | undefined;

  /**
   * Settings of the kernel that the pods of the builder need on their nodes. `K3sNode`, `TalosNode` and the local clusters
   * of `lib/host` set or check them.
   *
   * @default - none
   */
  readonly nodeNeeds?: NodeNeed[] | undefined;

  /** Programs that a job needs to run the builder's script, for example `docker`. */
  readonly tools: string[];

  /**
   * Reports whether the builder accepts only jobs of runners that are its clients, for example
   * `Executor.host({ builder })`. A builder that jobs bring themselves, such as the Docker daemon of the runner,
   * accepts jobs of every runner that has the `tools`.
   */
  readonly isForClientsOnly: boolean;

  /**
   * Returns whether the builder can pull from a registry and push to it: reach every endpoint, and trust it.
   *
   * @param registry the registry that a build is for
   */
  canUse(registry: Registry): boolean;

  /**
   * Makes a workload a client of the builder, for example a runner. Returns the connection settings for its pods;
   * `BuilderConnection.none()` if the pods need none.
   *
   * @param client the construct of the workload
   * @param podLabels labels that all of its pods have, and no other pods
   */
  connectFrom(client: Construct, podLabels: Record<string, string>): BuilderConnection;

  /**
   * Returns the script that builds an image and pushes it.
   *
   * @param build the image
   */
  buildScript(build: ImageBuild): ScriptSpec;
}
