import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { clusterDomainOf } from '../../kube';
import { ForgeError, lazily, quoted } from '../../support';
import { fluxVersionOf } from '../base/flux-object';
import { SHARD_LABEL } from '../base/shard';
import { checkedPatches, KustomizationPatch } from './kustomization-options';

/** The size of a cluster, by which the Flux Operator sets resources and concurrency of the controllers. */
export enum FluxInstanceSize {
  /** Up to dozens of applications. */
  SMALL = 'small',
  /** Up to hundreds of applications. */
  MEDIUM = 'medium',
  /** Up to thousands of applications. */
  LARGE = 'large',
}

/**
 * A Flux that the Flux Operator installs: a FluxInstance with the controllers that the cluster needs. The image controllers
 * are among them if the cluster has images.
 *
 * @see https://fluxoperator.dev/docs/crd/fluxinstance/
 */
export interface FluxInstanceOptions {
  /**
   * The range of versions of Flux.
   *
   * @default - the patches of the cluster's `version`, for example `2.9.x`
   */
  readonly distribution?: string;

  /**
   * The registry with the images of the controllers.
   *
   * @default 'ghcr.io/fluxcd'
   */
  readonly registry?: string;

  /**
   * The size of the cluster.
   *
   * @default - the defaults of the controllers
   */
  readonly size?: FluxInstanceSize;

  /**
   * Whether to forbid objects to refer to objects in other namespaces.
   *
   * @default false
   */
  readonly multitenant?: boolean;

  /**
   * Whether to restrict the network access of the controllers' namespace.
   *
   * @default true
   */
  readonly networkPolicy?: boolean;

  /**
   * Controllers beside those that the cluster needs, for example `helm-controller` for releases that are not in this app.
   *
   * @default - none
   */
  readonly components?: string[];

  /**
   * The shards of the controllers. Objects of a cluster with `shard` need one of this name.
   *
   * @default - the `shard` of the cluster, if it has one
   */
  readonly shards?: string[];

  /**
   * Patches of the controllers.
   *
   * @default - none
   */
  readonly patches?: KustomizationPatch[];
}

/** The parts of a cluster that decide what Flux needs. */
interface InstanceNeeds {
  readonly instance?: FluxInstanceOptions;
  readonly shard?: string;
  /** Returns whether the cluster has images. */
  hasImages(): boolean;
}

const COMPONENTS = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
  'image-reflector-controller',
  'image-automation-controller',
  'source-watcher',
];

/**
 * Creates the FluxInstance of a cluster. The operator accepts one, named `flux`, in its own namespace.
 *
 * @jsii ignore
 */
export function fluxInstance(scope: Construct, cluster: Construct, needs: InstanceNeeds): ApiObject {
  const { instance: options = {} } = needs;
  const { distribution, registry, size, multitenant = false, networkPolicy = true, patches } = options;
  const domain = clusterDomainOf(cluster);
  const shards = options.shards ?? (needs.shard === undefined ? [] : [needs.shard]);
  check(scope, needs, shards);
  return new ApiObject(scope, 'Resource', {
    apiVersion: 'fluxcd.controlplane.io/v1',
    kind: 'FluxInstance',
    metadata: { name: 'flux' },
    spec: {
      distribution: {
        version: distribution ?? `${fluxVersionOf(cluster).text}.x`,
        registry: registry ?? 'ghcr.io/fluxcd',
      },
      components: lazily(() => componentsOf(cluster, needs)),
      cluster: { type: 'kubernetes', ...(size ? { size } : {}), multitenant, networkPolicy, domain },
      ...(shards.length > 0 ? { sharding: { key: SHARD_LABEL, shards: [...shards] } } : {}),
      ...(patches?.length ? { kustomize: { patches: checkedPatches(scope, patches) } } : {}),
    },
  });
}

function componentsOf(cluster: Construct, { instance = {}, hasImages }: InstanceNeeds): string[] {
  const objects = cluster.node.findAll().filter((one) => ApiObject.isApiObject(one)) as ApiObject[];
  const groups = new Set(objects.map(({ apiVersion }) => apiVersion.split('/')[0]));
  const needed = new Set([
    'source-controller',
    'kustomize-controller',
    ...(groups.has('helm.toolkit.fluxcd.io') ? ['helm-controller'] : []),
    ...(groups.has('notification.toolkit.fluxcd.io') ? ['notification-controller'] : []),
    ...(hasImages() ? ['image-reflector-controller', 'image-automation-controller'] : []),
    ...(instance.components ?? []),
  ]);
  return COMPONENTS.filter((component) => needed.has(component));
}

function check(scope: Construct, { instance: options = {}, shard }: InstanceNeeds, shards: readonly string[]): void {
  const refuse = (message: string, fix: string, allowed?: string) => {
    throw ForgeError.at(scope, { code: 'FORGE-FLUX-053', message, fix, ...(allowed ? { allowed } : {}) });
  };
  const unknown = (options.components ?? []).find((component) => !COMPONENTS.includes(component));
  if (unknown !== undefined) {
    refuse(`${quoted(unknown)} is no controller of Flux`, 'use a name of the list', COMPONENTS.join(', '));
  }
  const { distribution } = options;
  if (distribution !== undefined && !/^v?2\.(x|\*|[0-9]+\.(x|\*|[0-9]+))$/.test(distribution)) {
    refuse(`distribution ${quoted(distribution)} is no range of Flux 2`, "set it to a range such as '2.9.x'");
  }
  if (shard !== undefined && !shards.includes(shard)) {
    refuse(`the FluxInstance has no shard ${quoted(shard)}, which the cluster needs`, `add ${quoted(shard)} to shards`);
  }
}
