import type { Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { IConstruct } from 'constructs';
import { CaBundle } from '../trust';
import { Endpoint } from './endpoint';
import { caBundlesOf, hostSettings } from './host-settings';
import type { Registry } from './registry';
import { Zone } from './zone';

/**
 * One `[registry."host"]` table of buildkitd.toml.
 *
 * @jsii ignore
 */
export interface BuildkitRegistry {
  /** Plain HTTP. Never together with `insecure`, which would try HTTPS without verification first. */
  readonly http?: boolean;
  /** Files with the certificates of a private authority; BuildKit adds them to the system's. */
  readonly ca?: string[];
  /** Hosts to pull from first; each has a table of its own. */
  readonly mirrors?: string[];
}

/**
 * The part of buildkitd's configuration that says how to talk to registries.
 *
 * @jsii ignore
 */
export interface BuildkitRegistries {
  /** The `registry` table. */
  readonly registry: Record<string, BuildkitRegistry>;
  /** The CA bundles that it names files of. */
  readonly bundles: CaBundle[];
}

/**
 * The `registry` table of buildkitd.toml. A host that BuildKit knows how to talk to without being told gets no entry.
 *
 * @param registries the registries that builds pull from and push to
 * @param caFolder the folder below which `caMounts` mounts the bundles
 * @see https://github.com/moby/buildkit/blob/v0.32.2/docs/buildkitd.toml.md
 *
 * @jsii ignore
 */
export function buildkitRegistries(registries: readonly Registry[], caFolder: string): BuildkitRegistries {
  const hosts = hostSettings(registries);
  const inPods = (mirror: Endpoint) => mirror.isReachableFrom(Zone.POD);
  const tables = hosts.map(({ host, plainHttp, caBundle, mirrors }): [string, BuildkitRegistry] => [
    host,
    {
      ...(plainHttp ? { http: true } : {}),
      ...(caBundle ? { ca: [caBundle._path(caFolder)] } : {}),
      ...(mirrors.some(inPods) ? { mirrors: mirrors.filter(inPods).map((mirror) => mirror.host) } : {}),
    },
  ]);
  return {
    registry: Object.fromEntries(tables.filter(([, table]) => Object.keys(table).length > 0)),
    bundles: caBundlesOf(hosts),
  };
}

/**
 * Volumes and mounts that bring CA bundles to where the configuration names them.
 *
 * @param construct the workload, in whose namespace what is needed for that is emitted
 * @param bundles the bundles, e.g. `buildkitRegistries(…).bundles`
 * @param caFolder the folder below which each is mounted
 *
 * @jsii ignore
 */
export function caMounts(
  construct: IConstruct,
  bundles: readonly CaBundle[],
  caFolder: string,
): { volumes: Volume[]; volumeMounts: VolumeMount[] } {
  return {
    volumes: bundles.map((bundle) => bundle._volume(construct).volume),
    volumeMounts: bundles.map((bundle) => ({
      name: bundle._volumeName,
      mountPath: `${caFolder}/${bundle._volumeName}`,
      readOnly: true,
    })),
  };
}
