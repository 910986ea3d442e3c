import type { Container, VolumeMount } from 'kubernetes-types/core/v1';
import { resourceRequirements, Resources } from '../../kube';
import { ForgeError, quoted } from '../../support';

/** The default image of the Docker daemon. */
export const DAEMON_IMAGE = 'docker:29.7.1-dind';
/** The mount of the Docker socket, which the runner and the Docker daemon share. */
export const SOCKET_MOUNT: VolumeMount = { name: 'docker-socket', mountPath: '/var/run' };

/** The security context settings that override the pod's own user. */
const ROOT = { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false };

/** The parts of a Docker daemon in a native sidecar. */
export interface SidecarParts {
  readonly image: string;
  /**
   * The resource requests and limits of the Docker daemon's container. Job containers are children of the Docker
   * daemon, so their usage counts here.
   */
  readonly resources?: Resources;
  /** The volume mounts in addition to the socket and the image layers. */
  readonly mounts: VolumeMount[];
  /**
   * The ID of the group that may use the socket, if the runner is not root; undefined if only root may use the socket.
   */
  readonly group?: number;
}

/** Returns the Docker daemon's container. */
export function daemonContainer({ image, resources, mounts, group }: SidecarParts): Container {
  const probe = { exec: { command: ['docker', 'info'] }, timeoutSeconds: 30 };
  return {
    name: 'docker',
    image,
    // Told what to listen on, the image's entry point opens no TCP port; without arguments it would.
    args: ['dockerd', '--host=unix:///var/run/docker.sock', ...(group === undefined ? [] : [`--group=${group}`])],
    restartPolicy: 'Always',
    securityContext: { privileged: true, ...(group === undefined ? {} : ROOT) },
    startupProbe: { ...probe, periodSeconds: 3, failureThreshold: 100 },
    livenessProbe: { ...probe, periodSeconds: 60, failureThreshold: 5 },
    resources: resourceRequirements(resources, {}),
    volumeMounts: [SOCKET_MOUNT, { name: 'layers', mountPath: '/var/lib/docker' }, ...mounts],
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
    allowed: 'an image with a tag of the form <version>-dind, perhaps with a digest: docker:29.7.1-dind',
    fix: 'pin a version of docker:…-dind, or of a mirror of it; for a daemon without root use Executor.dockerRootless()',
  });
}
