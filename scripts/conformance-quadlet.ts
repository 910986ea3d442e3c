/**
 * Writes runners as units of Podman, and the same runners as compose projects to compare with, for the Go tests in conformance/quadlet:
 *
 *   node --import tsx scripts/conformance-quadlet.ts <outdir>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Size } from 'cdk8s';
import { stringify } from 'yaml';
import { GitOpsApp } from '../lib/app';
import { Forge } from '../lib/forge';
import { ContainerEngine, HostRunner, HostRunnerProps } from '../lib/host';
import { containerUnit } from '../lib/host/runner/quadlet-unit';
import { Storage } from '../lib/kube';
import { Registry } from '../lib/registry';
import { DockerEndpoint, Executor } from '../lib/runner';
import { SecretSource } from '../lib/secret';
import { CaBundle, Trust } from '../lib/trust';

const out = process.argv[2];
const trust = Trust.privateCa(CaBundle.fromFile('test/fixtures/trust/ca.crt'));
const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com:8443', trust });
const registries = [Registry.gitea(forge, { owner: 'platform' })];
const runners: Record<string, Partial<HostRunnerProps>> = {
  docker: { executor: Executor.docker({ daemon: { registries }, layers: Storage.memory(Size.gibibytes(2)) }) },
  rootless: { executor: Executor.dockerRootless({ daemon: { registries } }) },
  external: {
    executor: Executor.externalDocker(
      DockerEndpoint.tls('docker.example.com', 2376, SecretSource.environment('A', 'B', 'C')),
    ),
  },
};
for (const [name, props] of Object.entries(runners)) {
  for (const engine of Object.values(ContainerEngine)) {
    const app = new GitOpsApp({ outdir: join(out, name, engine), imageLock: join(out, `${name}-${engine}.yaml`) });
    new HostRunner(app, 'runner', { forge, engine, ...props });
    app.synth();
  }
}

// Texts that mean something to compose, Quadlet or systemd.
const hostile = ['a b "c" \'d\'', '$e ${f} $$', '%h %%', 'back\\slash', 'é # ; = ,', '[x]'];
const escaped = hostile.map((text) => text.replace(/\$/g, '$$$$'));
// Compose replaces variables; a unit of Quadlet has the texts as they are.
const serviceOf = (texts: string[]) => ({
  image: 'docker.io/library/hostile',
  user: '0:0',
  entrypoint: ['sh', ...texts],
  command: texts,
  environment: Object.fromEntries(texts.map((text, i) => [`HOSTILE_${i}`, text])),
});
const names = { prefix: 'forge-runner', folder: '.config/cdk8s-forge/runner' };
for (const [engine, file, text] of [
  ['docker', 'compose.yml', stringify({ services: { hostile: serviceOf(escaped) } })],
  ['podman', 'forge-runner-hostile.container', containerUnit('hostile', serviceOf(hostile), names)],
  ['podman', 'forge-runner.network', '[Network]\n'],
]) {
  const folder = join(out, 'hostile', engine, 'host/runner');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text);
}
