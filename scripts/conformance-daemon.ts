/**
 * Writes a daemon.json for each kind of registry, for the Go tests in conformance/daemon:
 *
 *   node --import tsx scripts/conformance-daemon.ts <outdir>
 *
 * <outdir>/<n>.json is the file, <outdir>/<n>.expected lists the hosts with plain HTTP.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonJson } from '../lib/registry';
import { REGISTRIES } from '../test/registry/registries';

const out = process.argv[2];
Object.values(REGISTRIES).forEach((make, i) => {
  const registry = make();
  const mirrors = registry.pull.mirrors;
  const daemon = new DaemonJson({
    registries: [registry],
    dockerHubMirrors: mirrors,
    maxConcurrentUploads: 10,
    maxConcurrentDownloads: 7,
    containerdSnapshotter: i % 2 === 0,
    storageDriver: i % 2 === 0 ? 'overlayfs' : 'overlay2',
    mtu: 1400,
    dns: ['10.43.0.10'],
    dataRoot: '/var/lib/docker',
  });
  const insecure = [
    ...new Set(
      [...registry.endpoints, ...mirrors].filter((endpoint) => endpoint.isPlainHttp).map((endpoint) => endpoint.host),
    ),
  ].sort();
  writeFileSync(join(out, `${i + 1}.json`), daemon.render());
  writeFileSync(join(out, `${i + 1}.expected`), insecure.map((host) => `${host}\n`).join(''));
});
