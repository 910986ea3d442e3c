import * as fs from 'node:fs';
import * as path from 'node:path';

/** What conformance/build needs: a configuration for a buildkitd that runs as root, for a registry that talks plain HTTP. */
function main([outdir]: string[]): void {
  const toml = [
    '[worker.oci]', 'enabled = true', 'snapshotter = "overlayfs"', '',
    '[worker.containerd]', 'enabled = false', '',
    '[registry."registry.test:3000"]', 'http = true', '',
  ].join('\n');
  fs.writeFileSync(path.join(outdir, 'buildkitd.toml'), toml);
}

main(process.argv.slice(2));
