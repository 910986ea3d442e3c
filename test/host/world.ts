import { GitOpsApp } from '../../lib/app';
import { Forge, GiteaForgeProps, SshEndpoint } from '../../lib/forge';
import { HostRunner, HostRunnerProps } from '../../lib/host';
import { OutputFile } from '../../lib/output';
import { Registry } from '../../lib/registry';
import { CaBundle, Trust } from '../../lib/trust';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

/** The forge of the host-side seed: HTTPS with a private CA, at the machine itself. */
export function hostForge(props: Partial<GiteaForgeProps> = {}): Forge {
  return Forge.gitea({
    version: '1.26',
    url: 'https://host.docker.internal:30090',
    trust: Trust.privateCa(CaBundle.fromFile('test/fixtures/trust/ca.crt')),
    ssh: SshEndpoint.of('host.docker.internal', 30022, { aliases: ['127.0.0.1'], hostKeys: [KEY] }),
    ...props,
  });
}

export const plainForge = (url = 'http://git.example.com:3000') => Forge.gitea({ version: '1.26', url });

export const registryOf = (forge: Forge) => Registry.gitea(forge, { owner: 'platform' });

/** The files of an app, by path. */
export function filesOf(app: GitOpsApp): Record<string, string> {
  const files = app.node.findAll().filter((each): each is OutputFile => OutputFile.isOutputFile(each));
  return Object.fromEntries(files.map(({ path, content }) => [path, content]));
}

export function hostRunner(props: Partial<HostRunnerProps> = {}, id = 'runner', app = new GitOpsApp()) {
  const runner = new HostRunner(app, id, { forge: hostForge(), ...props });
  return { app, runner, files: filesOf(app) };
}
