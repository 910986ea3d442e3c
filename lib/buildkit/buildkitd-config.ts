import { Size } from 'cdk8s';
import { stringify } from 'smol-toml';
import { Registry } from '../registry';

/**
 * What the daemon's configuration is made from.
 */
interface BuildkitdConfig {
  readonly rootDirectory: string;
  readonly addresses: string[];
  readonly registries: readonly Registry[];
  readonly volume: Size;
}

/**
 * buildkitd.toml. Its loader ignores keys that it does not know, so they are listed here and nowhere else; sizes are absolute
 * numbers of bytes, because percentages would be taken of the node's disk and `10Gi` is refused.
 *
 * @see https://github.com/moby/buildkit/blob/v0.32.2/docs/buildkitd.toml.md
 */
export function buildkitdToml(config: BuildkitdConfig): string {
  const bytes = config.volume.toKibibytes() * 1024;
  return stringify({
    root: config.rootDirectory,
    grpc: { address: config.addresses },
    worker: {
      containerd: { enabled: false },
      oci: {
        enabled: true,
        rootless: true,
        noProcessSandbox: true,
        snapshotter: 'overlayfs',
        gc: true,
        // Collection happens after builds, never during one: the rest of the volume is the room that a build has.
        reservedSpace: Math.floor(bytes * 0.1),
        maxUsedSpace: Math.floor(bytes * 0.6),
        minFreeSpace: Math.floor(bytes * 0.2),
      },
    },
    registry: Object.fromEntries(config.registries.flatMap((registry) => registry.endpoints)
      .filter((endpoint) => endpoint.isPlainHttp)
      .map((endpoint) => [endpoint.host, { http: true }])),
  }) + '\n';
}
