import { GitOpsApp } from '../../lib/app';
import { Platform } from '../../lib/buildkit';
import { Forge, SshEndpoint } from '../../lib/forge';
import { HostBuild, HostProfile, HostRunner, PrivateCa } from '../../lib/host';
import { ImageCatalogue } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, RunnerLabel } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Trust } from '../../lib/trust';

const app = new GitOpsApp();
// The script creates the CA once, and renews the certificate of the server. The keys stay on the machine.
const ca = new PrivateCa(app, 'ca', { names: ['host.docker.internal', '127.0.0.1'] });
const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://host.docker.internal:30090',
  trust: Trust.privateCa(ca.caBundle),
  // The host keys are those of the server: ssh-keyscan -p 30022 127.0.0.1, compared with the server's own.
  ssh: SshEndpoint.of('host.docker.internal', 30022, {
    aliases: ['127.0.0.1'],
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'],
  }),
});
const registry = Registry.gitea(gitea, {
  owner: 'platform',
  credentials: SecretSource.environment('REGISTRY_USER', 'REGISTRY_TOKEN'),
});

// The recommendation of the document: builds directly on the machine.
const images = ImageCatalogue.of(registry, [
  { name: 'azure-auth-sim', platforms: [Platform.LINUX_AMD64], context: 'azure-auth-sim' },
  { name: 'frontend', context: 'frontend', buildArgs: { NODE_OPTIONS: '--max-old-space-size=1024' } },
]);
const bases = {
  prePull: ['mcr.microsoft.com/azure-functions/python:4-python3.11'],
  // It exists for this platform only.
  prePullPlatform: Platform.LINUX_AMD64,
};
new HostBuild(app, 'mac', { images, profile: HostProfile.podmanMacos(), ...bases });
new HostBuild(app, 'local', { images, profile: HostProfile.linux(), ...bases });

// The same jobs on a Linux machine, where Docker in Docker works. `HostProfile.podmanMacos()` is an error here.
new HostRunner(app, 'runner', {
  forge: gitea,
  profile: HostProfile.linux(),
  labels: [RunnerLabel.docker('ubuntu-latest', 'ghcr.io/catthehacker/ubuntu:act-latest')],
  executor: Executor.docker({ daemon: { registries: [registry] } }),
});
app.synth();
