import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as l1 from '../../imports/kustomize.toolkit.fluxcd.io';
import { fluxDuration } from './duration';
import { GitRepository } from './git-repository';

/**
 * A folder of a repository that Flux applies.
 */
export interface KustomizationProps {
  /** The repository. */
  readonly source: GitRepository;

  /** The folder, from the root of the repository, e.g. `./dist/clusters/home/apps`. */
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
   * @default true
   */
  readonly wait?: boolean;

  /**
   * How often to compare the cluster with the repository.
   *
   * @default Duration.minutes(10)
   */
  readonly interval?: Duration;
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
export class Kustomization extends Construct {
  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: KustomizationProps) {
    super(scope, id);
    this.apiObject = new l1.Kustomization(this, 'Resource', {
      metadata: { name: id },
      spec: {
        sourceRef: { kind: l1.KustomizationSpecSourceRefKind.GIT_REPOSITORY, name: props.source.apiObject.name },
        path: props.path,
        prune: true,
        wait: props.wait ?? true,
        interval: fluxDuration(props.interval ?? Duration.minutes(10)),
        retryInterval: '1m',
        timeout: '5m',
        ...(props.dependsOn?.length ? { dependsOn: props.dependsOn.map((k) => ({ name: k.apiObject.name })) } : {}),
      },
    });
  }
}
