import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/kustomize.toolkit.fluxcd.io';
import { SecretSource } from '../../secret';
import { ForgeError, lazily, quoted } from '../../support';
import { fluxDuration } from '../duration';
import { fluxName, IFluxObject, referenceTo } from '../flux-object';
import { Substitution } from './substitution';

/**
 * What becomes of the objects when the Kustomization itself is deleted.
 */
export enum DeletionPolicy {
  /** As `prune` says: they are deleted. */
  MIRROR_PRUNE = 'MirrorPrune',
  /** They are deleted, and waited for. */
  WAIT_FOR_TERMINATION = 'WaitForTermination',
  /** They stay. */
  ORPHAN = 'Orphan',
}

/**
 * A folder of a repository that Flux applies.
 */
export interface KustomizationProps {
  /** The source: a GitRepository or an OciRepository. */
  readonly source: IFluxObject;

  /** The folder, from the root of the source, e.g. `./dist/clusters/home/apps`. */
  readonly path: string;

  /**
   * What must be ready first.
   *
   * @default - nothing
   */
  readonly dependsOn?: Kustomization[];

  /**
   * Whether to wait until everything in it is ready.
   *
   * @default - true, unless healthChecks are given
   */
  readonly wait?: boolean;

  /**
   * The objects to wait for, instead of all.
   *
   * @default - all
   */
  readonly healthChecks?: ApiObject[];

  /**
   * How often to compare the cluster with the repository.
   *
   * @default Duration.minutes(10)
   */
  readonly interval?: Duration;

  /**
   * How soon to try again after a failure.
   *
   * @default Duration.minutes(1)
   */
  readonly retryInterval?: Duration;

  /**
   * How long applying, and waiting for what was applied, may take.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * Whether what leaves the folder leaves the cluster.
   *
   * @default true
   */
  readonly prune?: boolean;

  /**
   * Whether to delete and make again what cannot be changed. Data of what is replaced is lost.
   *
   * @default false
   */
  readonly force?: boolean;

  /**
   * What becomes of the objects when the Kustomization itself is deleted.
   *
   * @default DeletionPolicy.MIRROR_PRUNE
   */
  readonly deletionPolicy?: DeletionPolicy;

  /**
   * A Secret with an age key (`<name>.agekey`), to decrypt SOPS files with.
   *
   * @default - nothing is decrypted
   */
  readonly decryption?: SecretSource;

  /**
   * Variables that Flux puts in place.
   *
   * @default - none; then `${…}` in an object stays what it is
   */
  readonly substitution?: Substitution;

  /**
   * The service account to apply as.
   *
   * @default - that of the controller
   */
  readonly serviceAccountName?: string;

  /**
   * Whether to stop applying.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * Flux's Kustomization. What leaves the folder leaves the cluster (`prune: true`).
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
 *
 * @example
 *
 * new Kustomization(chart, 'apps', { source, path: './dist/clusters/home/apps' });
 */
export class Kustomization extends Construct implements IFluxObject {
  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  private after: Kustomization[];

  /**
   * @throws FORGE-FLUX-021 for a path outside the source, FORGE-FLUX-022 for health checks that `wait` would make Flux ignore
   */
  constructor(scope: Construct, id: string, props: KustomizationProps) {
    super(scope, id);
    this.after = [...(props.dependsOn ?? [])];
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: fluxName(this) },
      spec: {
        sourceRef: {
          kind: props.source.apiObject.kind as l1.KustomizationSpecSourceRefKind,
          ...referenceTo(props.source, this),
        },
        path: this.checkedPath(props.path),
        prune: props.prune ?? true,
        interval: fluxDuration(props.interval ?? Duration.minutes(10)),
        retryInterval: fluxDuration(props.retryInterval ?? Duration.minutes(1)),
        timeout: fluxDuration(props.timeout ?? Duration.minutes(5)),
        ...this.readiness(props),
        dependsOn: lazily(() => (this.after.length > 0 ? this.after.map((k) => referenceTo(k, this)) : undefined)),
        ...this.decryption(props.decryption),
        ...(props.substitution ? { postBuild: props.substitution._render(this) } : {}),
        ...(props.force ? { force: true } : {}),
        ...(props.deletionPolicy
          ? { deletionPolicy: props.deletionPolicy as string as l1.KustomizationSpecDeletionPolicy }
          : {}),
        ...(props.serviceAccountName ? { serviceAccountName: props.serviceAccountName } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.KustomizationSpec,
    });
  }

  /**
   * Says what must be ready first, instead of what was said before.
   *
   * @internal
   */
  _comeAfter(others: Kustomization[]): void {
    this.after = [...others];
  }

  private checkedPath(path: string): string {
    const parts = path.replace(/^\.\//, '').split('/');
    if (!path.startsWith('/') && !/[\\\s]/.test(path) && !parts.includes('..')) {
      return path;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-FLUX-021',
      message: `${quoted(path)} is no folder of the source`,
      allowed: 'a path from its root, with "/", without ".."',
      fix: "write e.g. './dist/clusters/home/apps'",
      symptom: 'kustomization path not found',
    });
  }

  private readiness({ wait, healthChecks }: KustomizationProps): Partial<l1.KustomizationSpec> {
    if (!healthChecks || healthChecks.length === 0) {
      return { wait: wait ?? true };
    }
    if (wait) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-022',
        message: 'both `wait: true` and health checks are given, and Flux then ignores the health checks',
        fix: 'leave `wait` out to wait for the named objects only, or leave healthChecks out to wait for all',
      });
    }
    return {
      wait: false,
      healthChecks: healthChecks.map((object) => ({
        apiVersion: object.apiVersion,
        kind: object.kind,
        name: object.name,
        ...(object.chart.namespace ? { namespace: object.chart.namespace } : {}),
      })),
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
    });
    return { decryption: { provider: 'sops' as l1.KustomizationSpecDecryptionProvider, secretRef: { name } } };
  }
}
