import { Duration } from 'cdk8s';
import { Layer } from '../../kube';
import { checkConstruction, ForgeError, quoted } from '../../support';
import { DeletionPolicy, Kustomization } from './kustomization';
import { ExistingObject } from '../source/existing-source';
import { KubeConfig } from './kube-config';
import { CommonMetadata, KustomizationImage } from './kustomization-changes';
import { HealthCheckExpression, KustomizationPatch } from './kustomization-options';

/** A set of options for the Kustomizations of one deployment layer. */
export interface LayerOptions {
  /**
   * The interval between comparisons of the cluster with the repository.
   *
   * @default Duration.minutes(10)
   */
  readonly interval?: Duration;

  /**
   * The interval before a retry after a failure.
   *
   * @default Duration.minutes(1)
   */
  readonly retryInterval?: Duration;

  /**
   * The maximum duration of applying the objects and waiting for the applied objects.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * Whether to wait until all applied objects are ready. The next layer starts when this layer is ready.
   *
   * @default true
   */
  readonly wait?: boolean;

  /**
   * The CEL expressions that decide whether custom resources are ready, by kind.
   *
   * @default - the conditions of the custom resources
   */
  readonly healthCheckExprs?: HealthCheckExpression[];

  /**
   * A CEL expression that decides whether the layer before is ready, over `dep` and `self`. The expression replaces the check
   * of the condition Ready.
   *
   * @default - the layer before must be ready
   */
  readonly readyExpr?: string;

  /**
   * The kustomize components to include, relative to the applied directory.
   *
   * @default - none
   */
  readonly components?: string[];

  /**
   * The patches that Flux applies to the objects.
   *
   * @default - none
   */
  readonly patches?: KustomizationPatch[];

  /**
   * Kustomizations that are not in this app and must be ready before this Kustomization.
   *
   * @default - none
   */
  readonly dependsOnExisting?: ExistingObject[];

  /**
   * The labels and annotations that Flux adds to all objects.
   *
   * @default - none
   */
  readonly commonMetadata?: CommonMetadata;

  /**
   * The replacements of images in the objects, for example by those of a mirror.
   *
   * @default - none
   */
  readonly images?: KustomizationImage[];

  /**
   * The kubeconfig of another cluster, to which Flux applies the objects.
   *
   * @default - the cluster of Flux
   */
  readonly kubeConfig?: KubeConfig;

  /**
   * Whether to delete objects from the cluster when they are removed from the layer.
   *
   * @default true
   */
  readonly prune?: boolean;

  /**
   * Whether to delete and recreate objects that cannot be changed. Data of replaced objects is lost.
   *
   * @default false
   */
  readonly force?: boolean;

  /**
   * The handling of the applied objects when the layer itself is deleted.
   *
   * @default DeletionPolicy.MIRROR_PRUNE
   */
  readonly deletionPolicy?: DeletionPolicy;

  /**
   * The service account that applies the objects.
   *
   * @default - that of the controller
   */
  readonly serviceAccountName?: string;

  /**
   * Whether to stop applying the layer.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A deployment layer of one cluster, with the Kustomizations that apply it. A layer without charts is not emitted.
 *
 * @example
 *
 * const { kustomization } = home.layer(Layer.APPS);
 */
export class ClusterLayer {
  /** @internal */
  constructor(
    /** The layer. */
    readonly layer: Layer,
    private readonly parts: Kustomization[],
  ) {
    checkConstruction(ClusterLayer, new.target, arguments);
  }

  /** The Kustomizations of the layer: one, or one per part in a cluster with `parts`. */
  get kustomizations(): Kustomization[] {
    return [...this.parts];
  }

  /**
   * The Kustomization of the layer.
   *
   * @throws FORGE-FLUX-043 if the cluster divides its layers into parts
   */
  get kustomization(): Kustomization {
    if (this.parts.length === 1) {
      return this.parts[0];
    }
    throw ForgeError.of({
      code: 'FORGE-FLUX-043',
      message: `layer ${quoted(this.layer.name)} has ${this.parts.length} Kustomizations, because the cluster sets \`parts\``,
      fix: 'use kustomizations, and change each of them',
    });
  }
}
