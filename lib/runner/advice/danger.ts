import { isSecretShaped, Problem, quoted } from '../../support';
import { RunnerConfig } from '../config/config';
import { RunnerLabel } from '../runner-label';
import { dockerOptions, hostPaths, isWideGlob, looseFlags } from './docker-options';

/** The settings that decide what a job can do beyond its own container. */
export interface DangerousParts {
  readonly path: string;
  readonly config: RunnerConfig;
  readonly labels: readonly RunnerLabel[];
  /** Reports whether jobs run in containers of a Docker daemon. */
  readonly hasDocker: boolean;
  /** Reports whether the executor gives jobs the Docker socket. */
  readonly dockerInJobs: boolean;
  /** The environment variables of jobs. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Returns a warning for each setting that lets jobs do more than run in their own container. */
export function dangerWarnings(parts: DangerousParts): Problem[] {
  const { path, config, environment } = parts;
  return [
    ...insecure(path, config),
    ...(parts.hasDocker ? [...containerWarnings(path, config), ...socket(parts)] : []),
    ...together(parts),
    ...environmentWarnings(path, environment),
  ];
}

function insecure(path: string, config: RunnerConfig): Problem[] {
  if (!config.insecure) {
    return [];
  }
  return [
    {
      code: 'FORGE-RUN-042',
      path,
      message:
        'config.insecure skips the check of certificates: anyone between runner and forge, or between runner and the source of an action, can replace the code that jobs run, and read their secrets',
      fix: 'remove config.insecure, and set Trust.privateCa(…) at the forge',
    },
  ];
}

function containerWarnings(path: string, { container = {} }: RunnerConfig): Problem[] {
  const options = dockerOptions(container.options ?? '');
  const loose = [...(container.privileged ? ['config.container.privileged'] : []), ...looseFlags(options)];
  const network = [...(container.network ? [container.network] : []), ...options.filter(isNetwork).map(valueOf)];
  const paths = [...hostPaths(options), ...(container.validVolumes ?? []).filter(isWideGlob)];
  return [
    ...loose.map((what) => ({
      code: 'FORGE-RUN-043',
      path,
      message: `${what} removes the isolation of job containers: every job, also that of a pull request, can become root where the Docker daemon runs, and on the node if the daemon is privileged`,
      fix: 'remove it; or set a scope whose repositories and pull requests you trust as an administrator of the node',
    })),
    ...[...new Set(paths)].map((what) => ({
      code: 'FORGE-RUN-044',
      path,
      message: `${quoted(what)} lets jobs mount files from where the Docker daemon runs: a job can read and change what other jobs and the daemon keep there`,
      fix: 'allow named volumes in config.container.validVolumes, or mount one directory read-only',
    })),
    ...(network.some((name) => name === 'host' || name.startsWith('container:'))
      ? [
          {
            code: 'FORGE-RUN-045',
            path,
            message:
              'job containers share a network that is not their own: jobs reach the ports of the runner, of other jobs and of everything that listens on localhost there',
            fix: 'remove the network, so that each job gets its own',
          },
        ]
      : []),
  ];
}

const isNetwork = ({ flag }: { flag: string }) => flag === '--network' || flag === '--net';
const valueOf = ({ value }: { value: string }) => value;

/** Warns that a job of a host label reaches the socket that the runner itself uses. */
function socket({ path, labels, dockerInJobs }: DangerousParts): Problem[] {
  const host = labels.filter(({ needsDocker }) => !needsDocker);
  if (dockerInJobs || host.length === 0) {
    return [];
  }
  return [
    {
      code: 'FORGE-RUN-047',
      path,
      message: `dockerInJobs is false, but jobs of label ${host.map(({ name }) => quoted(name)).join(', ')} run in the runner's container, which holds the Docker socket: they control the daemon`,
      fix: 'give the runner labels with an image only, or run host jobs on a runner with Executor.host()',
    },
  ];
}

/** Warns about jobs that run at the same time as one user in one container. */
function together({ path, config, labels }: DangerousParts): Problem[] {
  const count = config.capacity ?? 1;
  if (!(count > 1) || labels.every(({ needsDocker }) => needsDocker)) {
    return [];
  }
  return [
    {
      code: 'FORGE-RUN-048',
      path,
      message: `config.capacity is ${count}, and jobs of host labels run as one user in one container: a job can read the environment, with the secrets, of the jobs that run beside it`,
      fix: 'remove config.capacity and add replicas or single-job runners; or use labels with an image',
    },
  ];
}

/** Warns about environment variables that look like secrets. */
export function environmentWarnings(path: string, environment: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(environment)
    .filter(([name, value]) => isSecretShaped(name, value))
    .map(([name]) => ({
      code: 'FORGE-RUN-046',
      path,
      message: `environment.${name} looks like a secret (not shown): it is in Git in clear text, and every job can read it`,
      fix: 'remove it, treat the value as compromised if it is a secret, and create an Actions secret that the workflow reads',
    }));
}
