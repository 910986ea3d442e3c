import { command, Command } from '../../support';
import { HostProfile } from '../profile/host-profile';
import { ContainerEngine } from '../runner/host-runner-props';

/** The commands of an engine, as recipes of make have them. */
export interface EngineCommands {
  readonly title: string;
  readonly program: 'docker' | 'podman';
  /** The lines that set variables. */
  readonly variables: readonly string[];
  /** The command that builds all images, or the targets behind it. */
  readonly build: string;
  /** The command that pushes the image behind it. */
  readonly push: string;
  /** The directory in which the engine looks for the CAs of registries. */
  readonly certificates: string;
  /** True if only root can write there. */
  readonly isOfRoot: boolean;
  /** A command that shows where the engine keeps its images. */
  readonly showStore: Command;
  /** The command that shows the platforms of builds, if the engine lists them. */
  readonly showPlatforms?: Command;
  /** Returns the lines that install a CA in the virtual machine of the engine. */
  readonly trustInMachine: (host: string) => string[];
}

/** Returns the engine of a machine. Podman on macOS has no BuildKit, which `docker buildx` needs. */
export function engineOf(engine: ContainerEngine | undefined, profile: HostProfile): ContainerEngine {
  return engine ?? (isPodman(profile) ? ContainerEngine.PODMAN : ContainerEngine.DOCKER);
}

/** Returns whether the engine of a profile is Podman. */
export function isPodman(profile: HostProfile): boolean {
  return profile._facts.engine === 'podman';
}

/** Returns the commands of an engine. */
export function commandsOf(engine: ContainerEngine, profile: HostProfile): EngineCommands {
  return engine === ContainerEngine.PODMAN ? podman() : docker(profile);
}

function docker(profile: HostProfile): EngineCommands {
  const isDesktop = profile._facts.engine === 'docker-desktop';
  return {
    title: 'Docker',
    program: 'docker',
    variables: [
      // The builder of the daemon itself has its images, its certificates and its settings. It has the name of the context.
      'BUILDX_BUILDER ?= $(or $(shell docker context show 2>/dev/null),default)',
      'export BUILDX_BUILDER',
    ],
    // In the directory of the sources: bake asks for a permission to read other directories.
    build: 'cd "$$SOURCE" && docker buildx bake --file "$$HERE/docker-bake.json"',
    push: 'docker push',
    certificates: isDesktop ? '$(HOME)/.docker/certs.d' : '/etc/docker/certs.d',
    isOfRoot: !isDesktop,
    showStore: command`docker info --format '{{.Driver}} {{.DockerRootDir}}'`,
    showPlatforms: command`docker buildx inspect`,
    trustInMachine: () => [],
  };
}

function podman(): EngineCommands {
  return {
    title: 'Podman',
    program: 'podman',
    variables: [],
    build: 'bash "$$HERE/build.sh"',
    push: 'bash "$$HERE/push.sh"',
    certificates: '$(HOME)/.config/containers/certs.d',
    isOfRoot: false,
    showStore: command`podman info --format '{{.Store.GraphDriverName}} {{.Store.GraphRoot}}'`,
    // On macOS, the command line logs in, and the machine pulls and pushes.
    trustInMachine: (host) => {
      const directory = `/etc/containers/certs.d/${host}`;
      return [
        `\tif podman machine inspect >/dev/null 2>&1; then podman machine ssh "sudo mkdir -p ${directory} && sudo tee ${directory}/ca.crt >/dev/null" <"$$HERE/certs/ca.crt"; fi`,
      ];
    },
  };
}
