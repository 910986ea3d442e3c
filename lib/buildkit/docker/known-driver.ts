import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { NodeNeed } from '../../kube';
import { Registry } from '../../registry';
import { BuilderConnection } from '../access/connection';
import { CacheKind } from '../build/build-cache';

/**
 * The answers of a buildx driver. Each driver is one file.
 *
 * @internal
 */
export interface KnownDriver {
  /** Name of the driver for buildx. */
  readonly name: string;
  /** Reports whether only jobs of runners that are clients can build. */
  readonly isForClientsOnly: boolean;
  /** Reports whether one build can be for several platforms, beside a cache and attestations. */
  readonly isComplete: boolean;
  /** Platforms, if they are known. */
  readonly platforms?: string[] | undefined;
  /** Size of the volume that keeps the layers, if it is known. */
  readonly stateSize?: Size | undefined;
  /** Settings of the kernel of the nodes, if they are known. */
  readonly nodeNeeds?: NodeNeed[] | undefined;
  /** Kinds of build cache. */
  readonly cacheKinds: CacheKind[];
  /** Programs that a job needs. */
  readonly tools: string[];
  /** Text that creates the builder in the job, before the build. */
  readonly script: string;
  /** Returns whether the builder can pull from a registry and push to it. */
  canUse(registry: Registry): boolean;
  /** Makes a workload a client. */
  connectFrom(client: Construct, podLabels: Record<string, string>): BuilderConnection;
  /** Returns the variables of the script. */
  environment(registries: readonly Registry[]): Record<string, string>;
}

/** Kinds of build cache of a builder that jobs create, which has no credentials for an object store. */
export const OWN_CACHES: CacheKind[] = Object.values(CacheKind).filter((kind) => kind !== CacheKind.S3);
