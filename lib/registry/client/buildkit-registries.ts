import type { Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { IConstruct } from 'constructs';
import { CaBundle } from '../../trust';
import { Endpoint } from '../endpoint';
import { RegistryAddresses } from '../access/addresses';
import { caBundlesOf, hostSettings } from './host-settings';
import { Zone } from '../access/zone';

/**
 * A `[registry."host"]` table of buildkitd.toml.
 *
 * @jsii ignore
 */
export interface BuildkitRegistry {
  /** Whether to use plain HTTP. Cannot be combined with `insecure`, which tries HTTPS without verification first. */
  readonly http?: boolean;
  /** Certificate files of a private CA. BuildKit adds the certificates to the system's CAs. */
  readonly ca?: string[];
  /** Hosts that BuildKit pulls from first. Each host has its own table. */
  readonly mirrors?: string[];
}

/**
 * A part of the buildkitd configuration that defines how to connect to registries.
 *
 * @jsii ignore
 */
export interface BuildkitRegistries {
  /** The `registry` table, keyed by host. */
  readonly registry: Record<string, BuildkitRegistry>;
  /** CA bundles whose files the `registry` table names. */
  readonly bundles: CaBundle[];
}

/**
 * Returns the `registry` table of buildkitd.toml. A host that BuildKit can reach with its default settings has no
 * entry.
 *
 * @param registries the registries that builds pull from and push to
 * @param caFolder the folder below which `caMounts` mounts the bundles
 * @see https://github.com/moby/buildkit/blob/v0.32.2/docs/buildkitd.toml.md
 *
 * @jsii ignore
 */
export function buildkitRegistries(registries: readonly RegistryAddresses[], caFolder: string): BuildkitRegistries {
  const hosts = hostSettings(registries);
  const inPods = (mirror: Endpoint) => mirror.isReachableFrom(Zone.POD);
  const tables = hosts.map(({ host, plainHttp, caBundle, mirrors }): [string, BuildkitRegistry] => [
    host,
    {
      ...(plainHttp ? { http: true } : {}),
      ...(caBundle ? { ca: [caBundle._path(caFolder)] } : {}),
      ...(mirrors.some(inPods) ? { mirrors: mirrors.filter(inPods).map(mirrorName) } : {}),
    },
  ]);
  return {
    registry: Object.fromEntries(tables.filter(([, table]) => Object.keys(table).length > 0)),
    bundles: caBundlesOf(hosts),
  };
}

/** Returns a mirror as BuildKit writes it, with the path of a proxy project. */
function mirrorName({ host, path }: Endpoint): string {
  return path === undefined ? host : `${host}/${path}`;
}

/**
 * Returns the volumes and mounts that place CA bundles at the paths in the configuration.
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
