/**
 * Writes builds for registries with plain HTTP, at localhost and with a private CA, the certificates of the last, and runners as a compose
 * project, a unit of systemd and a job of launchd, for the Go tests in conformance/host:
 *
 *   node --import tsx scripts/conformance-host.ts <outdir>
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitOpsApp } from '../lib/app';
import { Platform } from '../lib/buildkit';
import { Forge, SshEndpoint } from '../lib/forge';
import { ContainerEngine, HostBuild, HostProfile, KindCluster, HostRunner, HostRunnerProps } from '../lib/host';
import { ImageCatalogue } from '../lib/pipeline';
import { DockerConfigJson, Endpoint, Registry, Zone } from '../lib/registry';
import { Executor, RunnerLabel, RunnerVersion } from '../lib/runner';
import { CaBundle, Trust } from '../lib/trust';

const out = process.argv[2];

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: out, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(stderr);
  }
}

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test', '-days', '2');
openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=secured.test');
writeFileSync(
  join(out, 'san'),
  'subjectAltName=DNS:secured.test,DNS:host.docker.internal,DNS:mcr.microsoft.com,IP:127.0.0.1\n',
);
openssl(
  ...'x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile san'.split(
    ' ',
  ),
);

const registries = {
  plain: Registry.oci({ owner: 'platform', pull: Endpoint.http('plain.test:5931') }),
  secured: Registry.oci({
    owner: 'platform',
    pull: Endpoint.https('secured.test:5932', { trust: Trust.privateCa(CaBundle.fromFile(join(out, 'ca.crt'))) }),
  }),
};
for (const [name, registry] of Object.entries(registries)) {
  const app = new GitOpsApp({ outdir: join(out, name), imageLock: join(out, `${name}.yaml`) });
  const images = ImageCatalogue.of(registry, [
    // Docker before 23 has no `contexts`, which `baseImages` needs.
    { name: 'top', context: 'top', buildArgs: { TEXT: 'a ${b} %{c} "d"' } },
    { name: 'base', context: 'base' },
  ]);
  new HostBuild(app, 'local', { images });
  app.synth();
}
// A registry at localhost, which needs no setting of Docker, and a mirror in a cluster on the machine.
const loopback = new GitOpsApp({ outdir: join(out, 'loopback'), imageLock: join(out, 'loopback.yaml') });
const nodePort = Endpoint.http('localhost:30500', { zones: [Zone.NODE] });
const localCluster = new KindCluster(loopback, 'kind', {
  registries: [Registry.oci({ pull: Endpoint.https('docker.io', { mirrors: [nodePort] }) })],
  ports: [{ host: 5934, node: 30500 }],
});
new HostBuild(loopback, 'local', {
  images: ImageCatalogue.of(Registry.oci({ pull: Endpoint.http('localhost:5933') }), [
    { name: 'upper', context: 'upper' },
  ]),
  localCluster,
  prePull: ['docker.io/library/base:v1'],
});
loopback.synth();
// The same with Podman, which builds several platforms, and an image from another one.
const withPodman = new GitOpsApp({ outdir: join(out, 'podman'), imageLock: join(out, 'podman.yaml') });
new HostBuild(withPodman, 'local', {
  engine: ContainerEngine.PODMAN,
  images: ImageCatalogue.of(Registry.oci({ owner: 'platform', pull: Endpoint.http('localhost:5933') }), [
    { name: 'top', context: 'top', buildArgs: { TEXT: 'a ${b} %{c} "d"' } },
    { name: 'upper', context: 'upper', baseImages: { OTHER: 'top' } },
    { name: 'both', context: 'base', platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] },
  ]),
  localCluster,
  prePull: ['docker.io/library/base:v1'],
});
withPodman.synth();
const forge = Forge.gitea({
  version: '1.26',
  url: 'https://host.docker.internal:30090',
  trust: Trust.privateCa(CaBundle.fromFile(join(out, 'ca.crt'))),
  ssh: SshEndpoint.of('host.docker.internal', 30022, {
    aliases: ['127.0.0.1'],
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'],
  }),
});
// The versions that can be had here: the runner from the Go module proxy, and Debian's daemon.
const version = RunnerVersion.of('1.0.8');
const label = RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest');
const daemonImage = 'docker:20.10.24-dind';
const runners: Record<string, Partial<HostRunnerProps>> = {
  runner: {
    labels: [label],
    executor: Executor.docker({
      daemonImage,
      daemon: { registries: [Registry.gitea(forge, { owner: 'platform' })], containerdSnapshotter: false },
    }),
  },
  systemd: { executor: Executor.host(), profile: HostProfile.linux() },
  launchd: { executor: Executor.host(), profile: HostProfile.podmanMacos() },
};
for (const [name, props] of Object.entries(runners)) {
  const app = new GitOpsApp({ outdir: join(out, name), imageLock: join(out, `${name}.yaml`) });
  new HostRunner(app, 'runner', { forge, version, ...props });
  app.synth();
}

writeFileSync(join(out, 'docker-config.sh'), DockerConfigJson.script);
const sources = {
  upper: 'FROM docker.io/library/base:v1\nCOPY Dockerfile /upper\n',
  base: 'FROM scratch\nCOPY Dockerfile /base\n',
  top: 'FROM scratch\nARG TEXT\nLABEL text=$TEXT\nCOPY Dockerfile /top\n',
};
for (const [name, text] of Object.entries(sources)) {
  mkdirSync(join(out, 'sources', name), { recursive: true });
  writeFileSync(join(out, 'sources', name, 'Dockerfile'), text);
}
