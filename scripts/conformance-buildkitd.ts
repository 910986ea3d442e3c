/**
 * Writes what the real daemon is started with in conformance/buildkitd:
 *
 *   node --import tsx scripts/conformance-buildkitd.ts <outdir>
 *
 * <outdir>/daemons.json holds, for each mode, with and without TLS, the rendered buildkitd.toml and the places that it names; the test
 * puts folders of its own there. <outdir>/cache.json holds what the build step passes to buildctl for the image `IMAGE`.
 */
import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { BuildCache, BuildkitTls } from '../lib/buildkit';
import { SERVER_TLS_FOLDER } from '../lib/buildkit/pod';
import { scriptText } from '../lib/buildkit/scripts';
import { MODES, STORAGES, world } from '../test/buildkit/world';

function main([outdir]: string[]): void {
  if (!outdir) { throw new Error('usage: conformance-buildkitd.ts <outdir>'); }
  mkdirSync(outdir, { recursive: true });
  const daemons = MODES.flatMap((mode) => [BuildkitTls.none(), BuildkitTls.certManager()].map((tls) => {
    const { find, daemon } = world({ mode, tls, storage: STORAGES[0] });
    return {
      name: `${mode.name} ${tls.kind}`,
      toml: find('ConfigMap', 'buildkitd-config').data['buildkitd.toml'],
      root: mode.rootDirectory,
      socket: mode.socket.replace('unix://', ''),
      serverTlsFolder: SERVER_TLS_FOLDER,
      clientTlsFolder: daemon.connection.tlsFolder ?? '',
      globalFlags: daemon.connection.globalFlags,
      serverNames: daemon.serverNames,
      volume: STORAGES[0].size.toKibibytes() * 1024,
    };
  }));
  const cache = BuildCache.registry();
  writeFileSync(join(outdir, 'daemons.json'), JSON.stringify(daemons));
  writeFileSync(join(outdir, 'cache.json'), JSON.stringify({ from: cache.imports('IMAGE'), to: cache.exports('IMAGE') }));
  writeFileSync(join(outdir, 'drain.sh'), scriptText('drain.sh'));
  console.log(`${daemons.length} daemons`);
}

main(process.argv.slice(2));
