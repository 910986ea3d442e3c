import { SshEndpoint } from '../../forge';
import { FILES_VOLUME, RunnerBlueprint, RunnerConfig } from '../../runner';

/** The file that every SSH client of a container reads. */
const KNOWN_HOSTS = '/etc/ssh/ssh_known_hosts';

/** Returns the text of `known_hosts`, if a host key is known. */
export function knownHostsOf(ssh: SshEndpoint | undefined): string | undefined {
  return ssh && ssh.hostKeys.length > 0 ? ssh.knownHosts : undefined;
}

/** Returns the blueprint with the file in the runner and in the Docker daemon, from which jobs mount it. */
export function withKnownHosts(blueprint: RunnerBlueprint, text: string | undefined): RunnerBlueprint {
  if (text === undefined) {
    return blueprint;
  }
  const mount = { volume: FILES_VOLUME, path: KNOWN_HOSTS, subPath: 'known_hosts', readOnly: true };
  const { services, runner, files } = blueprint;
  return {
    ...blueprint,
    files: { ...files, known_hosts: text },
    services: services.map((service) => ({ ...service, mounts: [...(service.mounts ?? []), mount] })),
    runner: { ...runner, mounts: [...(runner.mounts ?? []), mount] },
  };
}

/** The additions to the containers of jobs. */
export interface JobAdditions {
  /** Whether to mount `known_hosts` from the Docker daemon in jobs. */
  readonly knownHosts: boolean;
  /** The names of the machine, as `name=address`. */
  readonly extraHosts: readonly string[];
}

/** Returns the settings of the runner binary with the additions. */
export function configWith(config: RunnerConfig | undefined, additions: JobAdditions): RunnerConfig | undefined {
  const { options, validVolumes = [] } = config?.container ?? {};
  const added = [
    ...additions.extraHosts.map((entry) => `--add-host=${entry.replace('=', ':')}`),
    ...(additions.knownHosts ? [`--volume=${KNOWN_HOSTS}:${KNOWN_HOSTS}:ro`] : []),
  ];
  if (added.length === 0) {
    return config;
  }
  const volumes = additions.knownHosts ? { validVolumes: [...validVolumes, KNOWN_HOSTS] } : {};
  const container = { ...config?.container, ...volumes, options: [options, ...added].filter(Boolean).join(' ') };
  return { ...config, container };
}
