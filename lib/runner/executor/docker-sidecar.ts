import { Resources } from '../../kube';
import { ForgeError, pinnedImage, PINS, quoted } from '../../support';
import { BlueprintContainer, BlueprintMount, Privilege } from '../blueprint';

/** The default image of the Docker daemon. */
export const DAEMON_IMAGE = pinnedImage(PINS.images.dockerDaemon);
/** The mount of the Docker socket, which the runner and the Docker daemon share. */
export const SOCKET_MOUNT: BlueprintMount = { volume: 'docker-socket', path: '/var/run' };

/** The parts of a Docker daemon in a native sidecar. */
export interface SidecarParts {
  readonly image: string;
  /**
   * The resource requests and limits of the Docker daemon's container. Job containers are children of the Docker
   * daemon, so their usage counts here.
   */
  readonly resources?: Resources;
  /** The volume mounts in addition to the socket and the image layers. */
  readonly mounts: BlueprintMount[];
  /**
   * The ID of the group that may use the socket, if the runner is not root; undefined if only root may use the socket.
   */
  readonly group?: number;
  /** The mount of the socket. @default - `/var/run`, which the runner shares */
  readonly socket?: BlueprintMount;
}

/** Returns the Docker daemon's container. */
export function daemonContainer({ image, resources, mounts, group, socket }: SidecarParts): BlueprintContainer {
  const { path } = socket ?? SOCKET_MOUNT;
  const host = `unix://${path}/docker.sock`;
  const probe = { command: ['docker', 'info'], timeoutSeconds: 30 };
  return {
    name: 'docker',
    image,
    // Told what to listen on, the image's entry point opens no TCP port; without arguments it would.
    args: ['dockerd', `--host=${host}`, ...(group === undefined ? [] : [`--group=${group}`])],
    ...(socket ? { env: [{ name: 'DOCKER_HOST', value: host }] } : {}),
    privilege: Privilege.FULL,
    asRoot: group !== undefined,
    probes: {
      startup: { ...probe, periodSeconds: 3, failures: 100 },
      liveness: { ...probe, periodSeconds: 60, failures: 5 },
    },
    resources,
    mounts: [socket ?? SOCKET_MOUNT, { volume: 'layers', path: '/var/lib/docker' }, ...mounts],
  };
}

/**
 * Returns the Docker daemon's image, if its tag is a pinned version.
 *
 * @throws FORGE-RUN-019 if it is not
 */
export function checkedDaemonImage(image: string): string {
  if (/^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9._-]+)*:[0-9][A-Za-z0-9._-]*-dind(@sha256:[0-9a-f]{64})?$/.test(image)) {
    return image;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-019',
    message: `${quoted(image)} is not the image of a Docker daemon`,
    allowed: 'an image with a tag of the form <version>-dind, perhaps with a digest: docker:29.9.0-dind',
    fix: 'pin a version of docker:…-dind, or of a mirror of it; for a daemon without root use Executor.dockerRootless()',
  });
}
