import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/kustomize.toolkit.fluxcd.io';
import { SecretSource } from '../../secret';
import { constructed, ForgeError, handedOver, lazily } from '../../support';
import { fluxDuration } from '../base/duration';
import { fluxName, IFluxObject, referenceTo } from '../base/flux-object';
import { ExistingObject } from '../source/existing-source';
import { KubeConfig } from './kube-config';
import { changesOf, CommonMetadata, existingDependencies, KustomizationImage } from './kustomization-changes';
import {
  checkedCel,
  checkedComponents,
  checkedPatches,
  HealthCheckExpression,
  healthCheckExprs,
  KustomizationPatch,
} from './kustomization-options';
import { checkedPath } from '../base/source-path';
import { assertCheckedOut, readiness, applyingAccount } from './kustomization-checks';
import { Substitution } from './substitution';

/** The handling of the applied objects when the Kustomization itself is deleted. */
export enum DeletionPolicy {
  /** Deletion of the objects, as set by `prune`. */
  MIRROR_PRUNE = 'MirrorPrune',
  /** Deletion of the objects, with a wait until the objects are deleted. */
  WAIT_FOR_TERMINATION = 'WaitForTermination',
  /** No deletion: the objects stay in the cluster. */
  ORPHAN = 'Orphan',
}

/** A repository directory that Flux applies. */
export interface KustomizationProps {
  /** The source, which is a GitRepository or an OciRepository. */
  readonly source: IFluxObject;

  /** The directory, relative to the root of the source, for example `./dist/clusters/home/apps`. */
  readonly path: string;

  /**
   * The Kustomizations that must be ready before this Kustomization.
   *
   * @default - nothing
   */
  readonly dependsOn?: Kustomization[];

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
   * The namespace into which Flux puts all objects, whatever namespace they have.
   *
   * @default - the namespaces of the objects
   */
  readonly targetNamespace?: string;

  /**
   * The text in front of the names of all objects.
   *
   * @default - none
   */
  readonly namePrefix?: string;

  /**
   * The text after the names of all objects.
   *
   * @default - none
   */
  readonly nameSuffix?: string;

  /**
   * Whether to wait until all applied objects are ready.
   *
   * @default - true, unless healthChecks are given
   */
  readonly wait?: boolean;

  /**
   * The objects to wait for, instead of all objects.
   *
   * @default - all
   */
  readonly healthChecks?: ApiObject[];

  /**
   * The CEL expressions that decide whether custom resources are ready, by kind.
   *
   * @default - the conditions of the custom resources
   */
  readonly healthCheckExprs?: HealthCheckExpression[];

  /**
   * A CEL expression that decides whether a dependency is ready, over `dep` and `self`. The expression replaces the check
   * of the condition Ready.
   *
   * @default - each dependency must be ready
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
   * Whether to delete objects from the cluster when they are removed from the directory.
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
   * The handling of the applied objects when the Kustomization itself is deleted.
   *
   * @default DeletionPolicy.MIRROR_PRUNE
   */
  readonly deletionPolicy?: DeletionPolicy;

  /**
   * A Secret with an age key (`<name>.agekey`) that decrypts SOPS files.
   *
   * @default - nothing is decrypted
   */
  readonly decryption?: SecretSource;

  /**
   * The variables that Flux substitutes.
   *
   * @default - none; then `${…}` in an object stays what it is
   */
  readonly substitution?: Substitution;

  /**
   * The service account that applies the objects.
   *
   * @default - that of the controller
   */
  readonly serviceAccountName?: string;

  /**
   * Whether to stop applying the directory.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A Flux Kustomization that applies a directory. By default, Flux deletes objects from the cluster when they are
 * removed from the directory (`prune: true`).
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
 *
 * @example
 *
 * new Kustomization(chart, 'apps', { source, path: './dist/clusters/home/apps' });
 */
export class Kustomization extends Construct implements IFluxObject {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /**
   * The objects to wait for.
   *
   * @internal
   */
  readonly _checked: readonly ApiObject[];

  private after: Kustomization[];
  private readonly existing: ExistingObject[];

  /**
   * @throws FORGE-FLUX-021 for a path outside the source, FORGE-FLUX-022 for health checks that `wait` would make Flux
   * ignore, FORGE-FLUX-047 for expressions that Flux cannot or does not evaluate, FORGE-FLUX-048 for a path that the source
   * does not check out, FORGE-FLUX-050 for a patch that kustomize does not accept
   */
  constructor(scope: Construct, id: string, props: KustomizationProps) {
    const made = constructed(Kustomization, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    assertCheckedOut(this, props);
    this.after = [...(props.dependsOn ?? [])];
    this.existing = existingDependencies(props.dependsOnExisting);
    this._checked = [...(props.healthChecks ?? [])];
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: fluxName(this) },
      spec: {
        sourceRef: {
          kind: props.source.apiObject.kind as l1.KustomizationSpecSourceRefKind,
          ...referenceTo(props.source, this),
        },
        path: checkedPath(this, props.path, 'kustomization path not found'),
        prune: props.prune ?? true,
        interval: fluxDuration(props.interval ?? Duration.minutes(10)),
        retryInterval: fluxDuration(props.retryInterval ?? Duration.minutes(1)),
        timeout: fluxDuration(props.timeout ?? Duration.minutes(5)),
        ...readiness(this, props),
        ...healthCheckExprs(this, props.healthCheckExprs, props.wait !== false || this._checked.length > 0),
        dependsOn: this.dependencies(props),
        ...this.additions(props),
        ...this.decryption(props.decryption),
        ...(props.substitution ? { postBuild: props.substitution._render(this) } : {}),
        ...this.handling(props),
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.KustomizationSpec,
    });
  }

  /**
   * Sets the Kustomizations that must be ready first, and replaces earlier settings.
   *
   * @internal
   */
  _comeAfter(others: Kustomization[]): void {
    this.after = [...others];
  }

  private dependencies({ dependsOn, readyExpr }: KustomizationProps): l1.KustomizationSpecDependsOn[] {
    if (readyExpr !== undefined && dependsOn === undefined && this.existing.length === 0) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-047',
        message: '`readyExpr` is set, but the Kustomization depends on no other',
        fix: 'set dependsOn, or remove readyExpr',
      });
    }
    const ready = readyExpr === undefined ? {} : { readyExpr: checkedCel(this, 'readyExpr', readyExpr) };
    return lazily(() => {
      const all = [...this.existing, ...this.after.map((k) => referenceTo(k, this))];
      return all.length > 0 ? all.map((reference) => ({ ...reference, ...ready })) : undefined;
    }) as l1.KustomizationSpecDependsOn[];
  }

  private handling(props: KustomizationProps): Partial<l1.KustomizationSpec> {
    const { force, deletionPolicy, serviceAccountName, kubeConfig } = props;
    return {
      ...(force ? { force: true } : {}),
      ...(deletionPolicy ? { deletionPolicy: deletionPolicy as string as l1.KustomizationSpecDeletionPolicy } : {}),
      ...applyingAccount(this, serviceAccountName),
      ...(kubeConfig ? { kubeConfig: kubeConfig._render(this) } : {}),
    };
  }

  private additions(props: KustomizationProps): Partial<l1.KustomizationSpec> {
    const { path, components, patches } = props;
    return {
      ...changesOf(this, props),
      ...(components?.length ? { components: checkedComponents(this, path, components) } : {}),
      ...(patches?.length ? { patches: checkedPatches(this, patches) } : {}),
    };
  }

  private decryption(keys: SecretSource | undefined): Partial<l1.KustomizationSpec> {
    if (!keys) {
      return {};
    }
    const name = keys.provide(this, {
      purpose: `Flux decrypts the SOPS files of ${this.node.id}`,
      type: 'Opaque',
      keys: ['age.agekey'],
      // Flux reads the keys for each reconciliation, and every key of the file decrypts.
      rotation:
        'add the new key to the file beside the old one, replace the Secret, encrypt the files for the new key with `sops updatekeys` and commit them, then remove the old key from the Secret',
    });
    return { decryption: { provider: 'sops' as l1.KustomizationSpecDecryptionProvider, secretRef: { name } } };
  }
}
