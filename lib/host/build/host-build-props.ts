import { Platform } from '../../buildkit';
import { ImageCatalogue } from '../../pipeline';
import { ILocalCluster } from '../local/local-cluster-props';
import { HostProfile } from '../profile/host-profile';
import { ContainerEngine } from '../runner/host-runner-props';

/** Settings of builds that run directly on a machine, without a forge and without a runner. */
export interface HostBuildProps {
  /** The images. They are the same objects that a pipeline builds. */
  readonly images: ImageCatalogue;

  /**
   * The kind of machine. A machine whose Docker daemon cannot build is an error.
   *
   * @default HostProfile.linux()
   */
  readonly profile?: HostProfile;

  /**
   * The engine that builds and pushes. Podman builds with `podman build`: it has no BuildKit, which `docker buildx` needs.
   *
   * @default - that of the profile: Podman for `HostProfile.podmanMacos()`, otherwise Docker
   */
  readonly engine?: ContainerEngine;

  /**
   * Base images that are pulled before the builds, with retries, for example `docker.io/library/python:3.13.1-slim`. An
   * interrupted pull then does not fail a build.
   *
   * @default - none
   */
  readonly prePull?: string[];

  /**
   * The cluster on the machine, for example a `KindCluster`. The Docker daemon pulls base images from the mirrors of Docker Hub
   * in it.
   *
   * @default - base images come from their registries
   */
  readonly localCluster?: ILocalCluster;

  /**
   * The platform of the base images in `prePull`, for example `Platform.LINUX_AMD64` if a base image does not exist for the
   * platform of the machine.
   *
   * @default - the platform of the images if all have the same one; otherwise that of the machine
   */
  readonly prePullPlatform?: Platform;

  /**
   * Maximum number of attempts to pull a base image.
   *
   * @default 5
   */
  readonly pullAttempts?: number;
}
