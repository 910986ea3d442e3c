import { Executor, ExecutorPlan } from '../../runner';
import { Problems, quoted } from '../../support';
import { HostProfile } from '../profile/host-profile';
import { assertNamedForJobs, machineAt, namesMachine } from './addresses';
import { ContainerEngine, HostRunnerProps } from './host-runner-props';

/** A runner outside the cluster, before its files are rendered. */
interface PlacedRunner {
  readonly executor: Executor;
  readonly engine: ContainerEngine;
  readonly profile: HostProfile;
  readonly isComposed: boolean;
}

/** Returns the URLs at which the runner and its jobs reach others. The first is that of the forge. */
export function urlsOf({ forge, proxy, config }: HostRunnerProps, { endpoints = [] }: ExecutorPlan): string[] {
  const { externalServer } = config?.cache ?? {};
  return [forge.url, ...endpoints, ...(proxy ? [proxy.url] : []), ...(externalServer ? [externalServer] : [])];
}

/** Returns the names of the machine that containers of the project must be told. */
export function machineHosts(
  { executor, engine, profile, isComposed }: PlacedRunner,
  { urls, gateway }: { readonly urls: readonly string[]; readonly gateway: string },
  problems: Problems,
): string[] {
  const isPodman = engine === ContainerEngine.PODMAN;
  if (isPodman && hasDaemon(executor)) {
    // The daemon itself, which is a container of Podman, finds its registries.
    const ofJobs = urls.filter((url, i) => i === 0 || url.startsWith('tcp://'));
    ofJobs.forEach((url) => problems.collect(() => assertNamedForJobs(url)));
  }
  const isNeeded = isComposed && !profile._facts.namesHost && namesMachine(urls);
  return isNeeded && !isPodman ? [machineAt(gateway)] : [];
}

/** Returns the names of the machine that the containers of jobs must be told. */
export function jobHosts(
  executor: Executor,
  { endpoints = [] }: ExecutorPlan,
  hosts: readonly string[],
): readonly string[] {
  if (hasDaemon(executor)) {
    return hosts;
  }
  // The containers of jobs are not in the network of the project, if the machine's own daemon runs them.
  const isOnMachine = executor.name === 'external-docker' && namesMachine(endpoints);
  return hosts.length > 0 && isOnMachine ? [machineAt('host-gateway')] : [];
}

/** Reports a plan that needs the nodes of a cluster. */
export function checkPlan({ nodeSelector, jobPods }: ExecutorPlan, problems: Problems): void {
  if (nodeSelector === undefined && jobPods === undefined) {
    return;
  }
  problems.add({
    code: 'FORGE-HOST-007',
    message: 'the executor uses the Docker daemon of the nodes of a cluster',
    fix: 'use Executor.docker(), or DockerEndpoint.tls(…) of a daemon that the machine reaches',
  });
}

/** Reports an engine that nothing on the machine uses. */
export function checkEngine({ isComposed, profile, engine, executor }: PlacedRunner, problems: Problems): void {
  const hasSystemd = profile._facts.services === 'systemd';
  if (engine === ContainerEngine.DOCKER || (isComposed && hasSystemd)) {
    return;
  }
  problems.add({
    code: 'FORGE-HOST-016',
    message: isComposed
      ? `engine is Podman, whose units systemd runs, and ${profile._facts.machine} has no systemd`
      : `engine is Podman, and executor ${quoted(executor.name)} runs no containers`,
    fix: isComposed ? 'use ContainerEngine.DOCKER, or HostProfile.linux()' : 'remove engine',
  });
}

/** Returns whether jobs run in containers of a Docker daemon that the project starts. */
export function hasDaemon({ name }: Executor): boolean {
  return name === 'docker' || name === 'docker-rootless';
}
